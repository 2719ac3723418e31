"""The downstream probe: does a small model that learns from the release answer better?

Belongs here: which records each model is trained on (`arms.py`), what is asked (`questions.py`), the comparison
(`comparing.py`), and the model itself (`carried.py`, the only place for torch, transformers and peft). Does not belong
here: where tables lie, when it runs.
"""

from __future__ import annotations

from itd_pipeline.probe.arms import Example, ProbeRecords, arms_of
from itd_pipeline.probe.comparing import ProbeInputs, run_probe
from itd_pipeline.probe.opening import open_student
from itd_pipeline.probe.questions import Question, passages_of, read_questions

__all__ = ["Example", "ProbeInputs", "ProbeRecords", "Question", "arms_of", "open_student", "passages_of",
           "read_questions", "run_probe"]
