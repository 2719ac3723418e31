"""Expansion: from passages and experts' seeds to candidate records, by five routes.

Belongs here: which records are planned, how each route makes them, and why one was turned away. Does not belong
here: how a model is reached (`llm/`), whether a candidate is good (`signals/`, `policy/`).

Way in: `stage.py` -> one room per kind of route. `converted.py`: question-answer pairs of a source. `forms/`: question
forms over structured fields, exact by construction. `recipes/*.yaml`: what models write; read by `recipe/`, drawn and
sent by `asking/`, judged by `judging/`.
"""

from itd_pipeline.expand.asking.coverage import grid
from itd_pipeline.expand.recipe import Recipe, load_recipes
from itd_pipeline.expand.stage import BY_MODEL, Writers, expand

__all__ = ["BY_MODEL", "Recipe", "Writers", "expand", "grid", "load_recipes"]
