"""Documents to clean passages: which documents belong together, which passages say the same, and the accounting.

Belongs here: everything that concerns more than one document. What is done to one stands in `preparing`. The unit is
the passage; a document that gives none is a unit of its own, so that every document ends in the passages or in the
rejects.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline import ports, settings
from itd_pipeline.tables.arrays import flags, integers, strings
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.passages import CLEANED_DOCUMENTS, PASSAGES
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.text.boilerplate import boilerplate_lines
from itd_pipeline.text.canaries import Canary, canaries
from itd_pipeline.text.changes import Before, merged, unit_hashes
from itd_pipeline.text.preparing import STAGE, Prepared, Preparer, Recipe, prepare
from itd_pipeline.text.recognisers import Plug
from itd_pipeline.text.spool import Spool
from itd_pipeline.text.twins import Marks, Twin, find_twins
from itd_pipeline.text.workers import ordered_map

Row = dict[str, Any]
_FOR_NOTES = ("itd_pipeline.text.warm.languages", "itd_pipeline.text.warm.notes")
_ALONE_S = 0.1
_PORTION_CHARACTERS = 200_000


def clean(
    documents: Iterable[pa.Table], source_name: str, cleaning: settings.Cleaning, *, canary_count: int = 0,
    boilerplate: frozenset[str] = frozenset(), before: Before | None = None, scratch: Path | None = None,
    workers: int = 1, key: bytes | None = None, replacement: str = "tags",
    further: Sequence[Plug] = (),
) -> Iterator[ports.Batch]:
    """One batch of passages per batch of documents, in order; a batch grows until the last patient in it is whole, and
    a long one about patients comes in portions.

    Names found in one document of a patient are searched for in all documents of that patient, which must stand next
    to each other, and so are the keys that the source gives document and patient, where they hold a digit and are no
    short numbers. Of a patient's document no address is kept, no file name as title, and of its date only the year.
    Of passages that say the same the first one stays.

    Memory is bounded by a few batches, apart from about 100 bytes for each passage; passages wait on disk until all
    of them are known.

    Args:
        documents: tables in the schema of `tables.documents.DOCUMENTS`.
        source_name: partition that rejects are booked under.
        cleaning: limits and languages.
        canary_count: invented notes to clean beside the documents; the facts `canaries` and `canary_hits` tell how
            many there were, and how many of their identifiers survived. They give no rows and no rejects.
        boilerplate: from `boilerplate_lines`, over the same documents.
        before: the result of an earlier run with the same settings and code: documents that have not changed are
            taken from there, which changes no byte of the result. The fact `documents_reused` counts them.
        scratch: folder for the waiting passages; the system's own without one.
        workers: processes; 0 means one for each core.
        key: secret that moves patients' dates; without it they are taken out.
        replacement: `tags` or `surrogates` in the place of identifiers.
        further: recognisers beside our own.

    Rejects: those of `preparing.prepare`, `exact_duplicate` and `near_duplicate`.
    """
    recipe = Recipe(source_name, cleaning, boilerplate, key, replacement, tuple(further))
    facts = canary_facts(list(canaries(source_name, canary_count)), recipe)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".spool-") as folder:
        spool, turned_away = Spool(Path(folder)), Spool(Path(folder), "rejected-")
        marks: list[Marks] = []
        waiting: list[_Waiting] = []
        for done in _prepared(portions(whole_patients(documents)), recipe, before, workers):
            spool.add(done.prepared.rows)
            turned_away.add(done.prepared.rejects)
            marks.append(done.prepared.marks)
            waiting.append(done.without_rows(Path(folder), len(waiting)))
        together = Marks.together(marks)
        marks.clear()
        twins = find_twins(together, cleaning.near_duplicate_jaccard, spool.texts)
        del together
        identity = _Identities(spool)
        for (start, rows), (_, rejects), batch in zip(spool.tables(), turned_away.tables(), waiting, strict=True):
            yield _decided(start, rows, rejects, batch, twins, identity, source_name, facts)
            facts = {}


def survey(documents: Iterable[pa.Table], cleaning: settings.Cleaning) -> frozenset[str]:
    """What has to be known of all documents before the first one is cleaned: the boilerplate of the source."""
    return boilerplate_lines(documents, cleaning.boilerplate_share)


def whole_patients(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The tables, cut so that none ends between two documents of a patient."""
    held: list[pa.Table] = []
    for table in tables:
        if not table.num_rows:
            continue
        groups = table.column("group_id")
        private = table.column("patient_data")
        stop = table.num_rows
        while stop and private[stop - 1].as_py() and groups[stop - 1].as_py() == groups[-1].as_py():
            stop -= 1
        joined = held and private[0].as_py() and held[-1].column("group_id")[-1].as_py() == groups[0].as_py()
        if held and not stop and not joined:
            yield pa.concat_tables(held)
            held = []
        if stop:
            yield pa.concat_tables([*held, table.slice(0, stop)])
            held = []
        if stop < table.num_rows:
            held.append(table.slice(stop))
    if held:
        yield pa.concat_tables(held)


def portions(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The tables, those about patients cut so that each takes a fifth of a second or so, though never between two
    documents of a patient: long notes would keep one worker busy when the others have nothing left to do."""
    for table in tables:
        start = size = 0
        private = table.column("patient_data").to_pylist()
        if any(private):
            lengths = pc.utf8_length(table.column("text")).to_pylist()
            groups = table.column("group_id").to_pylist()
            for i in range(1, table.num_rows):
                size += lengths[i - 1] or 0
                if size >= _PORTION_CHARACTERS and not (private[i] and private[i - 1] and groups[i] == groups[i - 1]):
                    yield table.slice(start, i - start)
                    start, size = i, 0
        yield table.slice(start)


class _Waiting:
    """A prepared batch whose passages and rejects are in spools."""

    def __init__(self, document_ids: Sequence[str], hashes: Sequence[str], prepared: Prepared, reused: int) -> None:
        self.document_ids, self.hashes, self.prepared, self.reused = document_ids, hashes, prepared, reused
        self._path: Path | None = None

    def without_rows(self, folder: Path, number: int) -> _Waiting:
        """The same, with everything that takes room on disk."""
        path = folder / f"{number:06d}.json"
        content = [self.document_ids, self.hashes, self.prepared.documents.tolist(), self.prepared.rejected_documents]
        path.write_text(json.dumps(content), encoding="utf-8")
        slim = Prepared(PASSAGES.empty(), np.zeros(0, np.int32), REJECTS.empty(), [], Marks.none(),
                        self.prepared.units_in)
        waiting = _Waiting([], [], slim, self.reused)
        waiting._path = path
        return waiting

    def load(self) -> tuple[list[str], list[str], list[int], list[int]]:
        """(document ids, unit hashes, document of each row, document of each reject)."""
        assert self._path is not None
        ids, hashes, documents, rejected = json.loads(self._path.read_text(encoding="utf-8"))
        return ids, hashes, documents, rejected


def _prepared(tables: Iterable[pa.Table], recipe: Recipe, before: Before | None, workers: int) -> Iterator[_Waiting]:
    """Each batch prepared; what an earlier run has prepared is not done again."""
    pending: list[tuple[pa.Table, list[str], list[bool]]] = []

    def tasks() -> Iterator[pa.Table]:
        for table in tables:
            hashes = unit_hashes(table, recipe)
            new = [before is None or not before.holds(name, unit) for name, unit in zip(
                table.column("document_id").to_pylist(), hashes, strict=True)]
            pending.append((table, hashes, new))
            yield _compact(table.filter(flags(new)))

    ahead = tasks()
    first = next(ahead, None)
    about_patients = first is not None and bool(pc.any(first.column("patient_data")).as_py())
    every = chain(() if first is None else (first,), ahead)
    for fresh in ordered_map(partial(prepare, recipe=recipe), every, workers,
                             _FOR_NOTES if about_patients else (), _ALONE_S):
        table, hashes, new = pending.pop(0)
        names = table.column("document_id").to_pylist()
        done = fresh if before is None or all(new) else merged(fresh, names, new, before, recipe)
        yield _Waiting(names, hashes, done, new.count(False))


def _compact(table: pa.Table) -> pa.Table:
    """A copy without the rest of the buffers that a slice drags along when it is sent to another process."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return pa.ipc.open_stream(sink.getvalue()).read_all()


class _Identities:
    """Passage ids by index, read when a twin asks for one."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def of(self, indices: Sequence[int]) -> Mapping[int, str]:
        return self._spool.column("passage_id", sorted(set(indices)))


def _decided(start: int, rows: pa.Table, rejects: pa.Table, waiting: _Waiting, twins: Mapping[int, Twin],
             identity: _Identities, source_name: str, facts: Mapping[str, Any]) -> ports.Batch:
    """The batch without twins, its rejects in the order of its documents."""
    ids, hashes, documents, rejected = waiting.load()
    dropped = [i for i in range(rows.num_rows) if start + i in twins]
    kept_ids = identity.of([twins[start + i].kept for i in dropped])
    repeats: list[Row] = []
    for i, passage in zip(dropped, rows.take(integers(dropped)).to_pylist(), strict=True):
        twin = twins[start + i]
        reason = "exact_duplicate" if twin.exact else "near_duplicate"
        detail = f"kept={kept_ids[twin.kept]}" + ("" if twin.exact else f", jaccard={twin.jaccard:.3f}")
        repeats.append(ports.reject(STAGE, source_name, passage["passage_id"], reason, detail, passage,
                                    passage["document_id"]))
        rejected.append(documents[i])
    stays = np.ones(rows.num_rows, bool)
    stays[dropped] = False
    order = np.argsort(np.array(rejected, np.int64), kind="stable")
    units = pa.Table.from_arrays([
        strings(ids), strings(hashes),
        integers(np.bincount(np.array(documents, np.int64)[stays], minlength=len(ids))),
        integers(np.bincount(np.array(rejected, np.int64), minlength=len(ids))),
    ], names=CLEANED_DOCUMENTS.names)
    out = _compact(rows.filter(flags(stays))).combine_chunks()
    all_rejects = pa.concat_tables([rejects, REJECTS.from_rows(repeats)]).take(integers(order)).combine_chunks()
    return ports.Batch(
        rows=out, rejects=all_rejects, units_in=waiting.prepared.units_in,
        sides={CLEANED_DOCUMENTS.name: CLEANED_DOCUMENTS.conform(units)},
        facts={"documents": len(ids), "documents_reused": waiting.reused, "passages": out.num_rows, **facts},
    )


def canary_facts(planted: Sequence[Canary], recipe: Recipe) -> dict[str, int]:
    """What becomes of invented notes under the same recipe."""
    if not planted:
        return {}
    preparer = Preparer(recipe)
    invented = [_canary_document(canary, recipe.source_name) for canary in planted]
    preparer.prepare(invented)
    hits = 0
    for canary, document in zip(planted, invented, strict=True):
        left = json.dumps(preparer.passages(document), ensure_ascii=False, default=sorted)
        hits += sum(value in left for value in canary.identifiers)
    return {"canaries": len(planted), "canary_identifiers": sum(len(canary.identifiers) for canary in planted),
            "canary_hits": hits}


def _canary_document(canary: Canary, source_name: str) -> Row:
    row: Row = dict.fromkeys(DOCUMENTS.schema.names)
    row.update(document_id=canary.key, source=source_name, external_id=canary.key, group_id=canary.key, title="",
               text=canary.note, specialty="unspecified", audience="unspecified", licence="CC0-1.0", origin=canary.key,
               patient_data=True, attributes="{}", sections=[], identifiers=[])
    return row
