"""Only what is new or changed is cleaned again: the rest is taken from the run before.

Belongs here: telling whether a document, and everything that decides its passages, is as it was. Does not belong here:
whether code and settings are as they were (the pipeline knows) or where the earlier result lies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa

from itd_pipeline.tables.arrays import integers
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.text.preparing import Prepared, Recipe, Row
from itd_pipeline.text.twins import Marks, mark

DECIDED_TOGETHER = frozenset({"exact_duplicate", "near_duplicate"})
"""Reasons that depend on other documents: such a passage is prepared, and decided anew in every run."""


class Before(Protocol):
    """The result of an earlier run with the same code and settings."""

    def holds(self, document_id: str, input_hash: str) -> bool:
        """Whether the document was cleaned from the same input."""
        ...

    def result(self, document_id: str) -> tuple[list[Row], list[Row]]:
        """(passages kept, rejects) of a document that is held, in their order."""
        ...


def unit_hashes(table: pa.Table, recipe: Recipe) -> list[str]:
    """For each document a hash of what decides its passages: its own row, those of the same patient, and which lines
    are boilerplate."""
    shared = hashlib.blake2b("\n".join(sorted(recipe.boilerplate)).encode(), digest_size=8).hexdigest()
    # Title, question, text and attributes are in `content_hash`.
    rows = table.drop_columns(["title", "question", "text", "attributes"]).to_pylist()
    own = [hashlib.blake2b(repr(list(row.values())).encode(), digest_size=16).hexdigest() for row in rows]
    patients: dict[str, list[str]] = {}
    for row, digest in zip(rows, own, strict=True):
        if row["patient_data"]:
            patients.setdefault(row["group_id"], []).append(digest)
    together = {group: hashlib.blake2b("\n".join(digests).encode(), digest_size=16).hexdigest()
                for group, digests in patients.items()}
    return [shared + (together[row["group_id"]] if row["patient_data"] else "") + digest
            for row, digest in zip(rows, own, strict=True)]


def merged(fresh: Prepared, names: Sequence[str], new: Sequence[bool], before: Before, recipe: Recipe) -> Prepared:
    """A whole batch from its new documents and the earlier result of the others.

    Args:
        fresh: the new documents, prepared.
        names: ids of all documents of the batch, in order.
        new: which of them are new.
    """
    where_new = np.flatnonzero(np.array(new, bool)).astype(np.int32)
    rows: list[Row] = []
    places: list[int] = []
    rejects: list[Row] = []
    rejected: list[int] = []
    units_in = fresh.units_in
    for place, (name, is_new) in enumerate(zip(names, new, strict=True)):
        if is_new:
            continue
        kept, turned_away = before.result(name)
        undecided = [json.loads(reject["row"]) for reject in turned_away if reject["reason"] in DECIDED_TOGETHER]
        own = [reject for reject in turned_away if reject["reason"] not in DECIDED_TOGETHER]
        passages = sorted([*kept, *undecided], key=lambda row: int(row["ordinal"]))
        rows += passages
        places += [place] * len(passages)
        rejects += own
        rejected += [place] * len(own)
        units_in += len(passages) + len(own)
    old = PASSAGES.from_rows(rows)
    documents = np.concatenate([where_new[fresh.documents], np.array(places, np.int32)])
    order = np.argsort(documents, kind="stable")
    old_marks = mark(rows, recipe.cleaning.near_duplicate_jaccard < 1)
    marks = Marks.together([fresh.marks, old_marks])
    all_rejects = pa.concat_tables([fresh.rejects, REJECTS.from_rows(rejects)])
    all_rejected = [*(int(where_new[i]) for i in fresh.rejected_documents), *rejected]
    by_document = np.argsort(np.array(all_rejected, np.int64), kind="stable")
    return Prepared(
        pa.concat_tables([fresh.rows, old]).take(integers(order)), documents[order],
        all_rejects.take(integers(by_document)), [all_rejected[i] for i in by_document],
        Marks(marks.exact[order], marks.bands[order]), units_in, fresh.cleaned,
    )
