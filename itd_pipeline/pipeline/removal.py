"""While a source is read: what was forgotten stays out, and what has gone from the source gets its tombstone."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from itd_pipeline import ports
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import Batch
from itd_pipeline.storage.tombstones import Forgotten, Tombstone, add_tombstones, document_key
from itd_pipeline.tables.rejects import REJECTS

FORGOTTEN = "forgotten"
GONE = "no longer in the source"
_REDACTED = {"forgotten": True}


def forgotten(scope: Scope) -> Forgotten:
    """What must not be read of the source at hand."""
    return Forgotten.of(scope.lake.root, scope.partition)


def without_forgotten(batch: Batch, scope: Scope, held: Forgotten) -> Batch:
    """The batch with forgotten documents as rejects that hold nothing of them but a hash."""
    if not held:
        return batch
    keys = zip(*(batch.rows.column(name).to_pylist() for name in ("external_id", "group_id")), strict=True)
    stays = [not held.covers(scope.partition, external_id, group) for external_id, group in keys]
    gone = batch.rows.filter(pa.array([not stay for stay in stays], pa.bool_())).column("document_id").to_pylist()
    rejects = [_without_text(reject, scope, held) for reject in batch.rejects.to_pylist()]
    rejects += [ports.reject("raw_sources", scope.partition, name, FORGOTTEN, "itd forget", _REDACTED) for name in gone]
    return replace(batch, rows=batch.rows.filter(pa.array(stays, pa.bool_())), rejects=REJECTS.from_rows(rejects))


def _without_text(reject: dict[str, str], scope: Scope, held: Forgotten) -> dict[str, str]:
    """A document that is turned away for another reason is written whole into the rejects, unless it was forgotten."""
    row = json.loads(reject["row"])
    covered = held.whole_source or (isinstance(row, dict) and held.covers(
        scope.partition, str(row.get("external_id") or ""), str(row.get("group_id") or "")))
    if not covered:
        return reject
    return {**reject, "reason": FORGOTTEN, "detail": "itd forget", "row": ports.canonical_json(_REDACTED)}


def noting_what_is_gone(batches: Iterator[Batch], scope: Scope) -> Iterator[Batch]:
    """The batches; at their end, tombstones for documents of the stored partition that did not come again."""
    manifest = scope.lake.manifest("raw_sources", scope.partition)
    before = _keys(scope) if manifest is not None else np.zeros(0, np.uint64)
    seen: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = []
    rejected: set[int] = set()
    for batch in batches:
        if len(before):
            seen.append(_numbers(scope.partition, batch.rows.column("external_id").to_pylist()))
            turned_away = [json.loads(text) for text in batch.rejects.column("row").to_pylist()]
            rejected |= {_number(document_key(scope.partition, str(row.get("external_id") or "")))
                         for row in turned_away if isinstance(row, dict)}
        yield batch
    if len(before):
        missing = np.setdiff1d(before, np.concatenate(seen) if seen else before[:0])
        today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        gone = {int(number) for number in missing.tolist()} - rejected
        _bury(scope, gone, today)


def _bury(scope: Scope, gone: set[int], today: str) -> None:
    if not gone:
        return
    held = forgotten(scope)
    buried = []
    for table in scope.lake.batches("raw_sources", scope.partition, columns=["external_id", "group_id"]):
        for external_id, group in zip(*(table.column(i).to_pylist() for i in (0, 1)), strict=True):
            key = document_key(scope.partition, external_id)
            if _number(key) in gone and not held.covers(scope.partition, external_id, group):
                buried.append(Tombstone("document", scope.partition, key, today, GONE, forgotten=False))
    add_tombstones(scope.lake.root, buried)


def _keys(scope: Scope) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.concatenate([np.zeros(0, np.uint64), *(
        _numbers(scope.partition, table.column(0).to_pylist())
        for table in scope.lake.batches("raw_sources", scope.partition, columns=["external_id"]))])


def _numbers(source: str, external_ids: list[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([_number(document_key(source, external_id)) for external_id in external_ids], np.uint64)


def _number(key: str) -> int:
    return int(key.rpartition("-")[2][:16], 16)
