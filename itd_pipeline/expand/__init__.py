"""Expansion: from passages and experts' seeds to candidate records, by four routes.

Belongs here: which records are planned, how each route makes them, and why one was turned away. Does not belong
here: how a model is reached (`llm/`), whether a candidate is good (`signals/`, `policy/`).

Way in: `stage.py` -> one file per route (`converted.py`, `template.py`, `model_route.py`) -> one file per family of
question forms (`hpo_forms.py`, `icd10cm_forms.py`) or one prompt (`prompts/*.jinja`).
"""

from itd_pipeline.expand.stage import expand

__all__ = ["expand"]
