"""What a licence allows, and whether that is what the dataset is for. To judge one: `judge`; a table: `sift`.

Belongs in this folder: terms of licences and the rule. Does not belong here: how an article states its licence
(`statements.py`), or what a release prints. Nothing here is legal advice: where a licence is
not known, the answer is no.
"""

from itd_pipeline.licensing.gate import sift
from itd_pipeline.licensing.judging import Verdict, judge

__all__ = ["Verdict", "judge", "sift"]
