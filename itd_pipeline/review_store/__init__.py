"""What people have answered and written, in one SQLite file that a killed process cannot hurt.

    database.py   the tables, one connection per thread, transactions
    people.py     who takes part: pseudonyms, roles, personal links, sessions
    tasks.py      what each reviewer is asked, in which order, and how far they are
    answers.py    answers, drafts, undo: one decision each, nothing overwritten
    disputes.py   records on which reviewers disagree, and the third opinion
    drafts of seeds: seeds.py
    ratings.py    answers as rows of `human_evaluation`

Does not belong here: pages (`review_server/`) or what the answers add up to (`evaluation/`).
"""

from __future__ import annotations

from itd_pipeline.review_store.database import Conflict, Store

__all__ = ["Conflict", "Store"]
