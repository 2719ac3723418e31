"""One pass over all candidates: every signal, one row per candidate, in the order in which they came.

Belongs here: what is due, where it runs, and putting it together. Does not belong here: how a signal is computed (a
file of its own), which there are (`registry`), or which value is good enough (the policy). Nothing is turned away.

A signal of each record is a map over batches; it runs on all cores, and only for records that are new or changed.
A signal of all records (duplicates, novelty) runs on the whole, unless nothing that it reads has changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.errors import ContractError
from itd_pipeline.ports import Batch, Embedder
from itd_pipeline.signals import registry
from itd_pipeline.signals.benchmarks import BenchmarkItem
from itd_pipeline.signals.contamination import matches_table
from itd_pipeline.signals.earlier import I64, Earlier, digest_of, input_hashes
from itd_pipeline.signals.egress import SourceUse
from itd_pipeline.signals.entailment import Entailment
from itd_pipeline.signals.judge import Judge
from itd_pipeline.signals.released import Release
from itd_pipeline.signals.signal import Before, Columns, Kept, Records, Signal, Study
from itd_pipeline.tables.records import RECORD_COLUMNS
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.signals import MATCHES, MEASURED, SIGNALS
from itd_pipeline.text.workers import ordered_map

READ = ("record_id", "instruction", "input", "output", "rationale", "options", "answer_key", "citations", "task_type",
        "question_type", "specialty", "level_of_care", "severity", "age_group", "sex", "audience", "language", "route",
        "author", "source", "model", "passage_ids", "patient_data")
"""Columns of the records that signals may read."""
COPIED = ("record_id", "source", "route", "task_type", "patient_data")
BATCH_ROWS = 1000
_FEW = 3 * BATCH_ROWS
"""Starting processes takes about as long as measuring so many records."""

Progress = Callable[[str, int, int], None]
"""Called with the name of the step, records done and records due."""


def measure(
    candidates: pa.Table, passages: pa.Table, signals: settings.Signals, benchmarks: Sequence[BenchmarkItem] = (),
    *, patient_passages: pa.Table | None = None, earlier: Earlier | None = None, embedder: Embedder | None = None,
    progress: Progress | None = None, judge: Judge | None = None, entailment: Entailment | None = None,
    uses: Mapping[str, SourceUse] | None = None, releases: Sequence[Release] = (),
    benchmark_embedder: Embedder | None = None,
) -> Batch:
    """Measure every candidate.

    Args:
        candidates: records of every route, experts' own included; columns of `tables.records`.
        passages: at least those that candidates name or cite; columns passage_id and text.
        signals: parameters from the profile.
        benchmarks: what the dataset must not contain; empty leaves contamination unmeasured (null).
        patient_passages: columns passage_id and text of every passage from patient data, by id.
        embedder: makes vectors of texts, where the profile names one.
        earlier: an earlier measurement, whose values are kept where they still hold.
        progress: told as records are done.
        judge: a model that scores records by a rubric; None leaves its columns null.
        entailment: a model of natural-language inference; None leaves its column null.
        uses: what each source allows models to see.
        benchmark_embedder: makes the vectors by which records are compared with benchmarks; None compares words alone.
        releases: earlier releases; empty leaves the comparison with them null.

    Returns:
        rows in `tables.signals.SIGNALS`, one per candidate in the same order; the sides `MEASURED`, `MATCHES` and
        `NEAR_DUPLICATE_INDEX`; no rejects. Facts: those of the
        signals, `signal_keys`, `signal_inputs`, and `records_measured` by signal.

    Raises:
        ContractError: two candidates have one id, or a column is missing.
    """
    missing = [name for name in READ if name not in candidates.column_names]
    if missing:
        raise ContractError(f"candidates: missing columns {missing}.", "Build them anew.")
    table = candidates.select(list(READ)).combine_chunks()
    _demand_unique(table)
    study = Study(signals, tuple(benchmarks), patient_passages, embedder, judge, entailment, uses or {},
                  tuple(releases), benchmark_embedder)
    evidence = _evidence(passages, table)
    hashes = input_hashes(table, evidence)
    keys = registry.keys(study)
    work = _Work(table, evidence, study, earlier, keys, hashes, progress or (lambda *_: None))
    work.run()
    rows = SIGNALS.conform(work.outcome.select(list(SIGNALS.names)))
    facts = {name: value for signal in registry.REGISTRY for name, value in signal.facts(study, rows).items()}
    facts |= {"signal_keys": dict(keys), "signal_inputs": work.digests, "records_measured": work.counts}
    side = pa.table({"record_id": table.column("record_id"), "input_hash": hashes}, schema=MEASURED.schema)
    return Batch(rows=rows, rejects=REJECTS.empty(), units_in=candidates.num_rows, facts=facts,
                 sides={MEASURED.name: side, MATCHES.name: matches_table(rows), **work.kept})


class _Work:
    """One measurement: the outcome grows column by column."""

    def __init__(self, table: pa.Table, evidence: Mapping[str, str], study: Study, earlier: Earlier | None,
                 keys: Mapping[str, str], hashes: pa.Array, progress: Progress) -> None:
        self._table, self._evidence, self._study, self._progress = table, evidence, study, progress
        self._earlier, self._keys = earlier, keys
        self._hashes = pa.chunked_array([hashes])
        self._places = (np.full(table.num_rows, -1) if earlier is None
                        else earlier.places(table.column("record_id"), self._hashes))
        self.outcome = table.select(list(COPIED))
        self.digests: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.kept: dict[str, pa.Table] = {}

    def run(self) -> None:
        each = [signal for signal in registry.REGISTRY if signal.each]
        as_it_was = [signal for signal in each if self._key_holds(signal)]
        changed = [signal for signal in each if not self._key_holds(signal)]
        new = np.flatnonzero(self._places < 0)
        # A signal whose need has changed has a changed key itself, so the first group needs nothing of the second.
        for group, due in ((as_it_was, new), (changed, np.arange(self._table.num_rows))):
            self._measure([signal for signal in group if signal.workers], due)
            for signal in group:
                if not signal.workers:
                    self._measure([signal], self._with_unanswered(signal, due), together=True)
        whole = Records(self._table, self._evidence, self._study, self.outcome)
        for signal in registry.REGISTRY:
            if not signal.each:
                whole.outcome, whole.before, whole.kept = self.outcome, None, None
                if signal.keeps is not None:
                    whole.before = self._before(signal)
                    whole.kept = self.kept[signal.keeps.table.name] = self._kept(signal.keeps, whole.before)
                self._measure_whole(signal, whole)

    def _key_holds(self, signal: Signal) -> bool:
        return self._earlier is not None and self._earlier.keys.get(signal.name) == self._keys[signal.name]

    def _with_unanswered(self, signal: Signal, due: I64) -> I64:
        """What is due, and records as they were whose question to a model got no answer last time."""
        if signal.again is None or self._earlier is None or len(due) == self._table.num_rows:
            return due  # no record is left that has a value from before
        again = np.array(signal.again(self._earlier.rows), bool)
        return np.union1d(due, np.flatnonzero((self._places >= 0) & again[self._places])).astype(np.int64)

    def _measure(self, group: Sequence[Signal], due: I64, together: bool = False) -> None:
        if not group:
            return
        size = max(1, len(due)) if together else BATCH_ROWS
        tasks = self._tasks(group, due, size, self._study if together else self._study.light)
        workers = 1 if together or len(due) <= _FEW else self._study.signals.workers
        parts, done = [], 0
        self._progress("each record", 0, len(due))
        for part in ordered_map(_measure_batch, tasks, workers):
            parts.append(part)
            done += part.num_rows
            self._progress("each record", done, len(due))
        columns = [column for signal in group for column in signal.columns]
        found = pa.concat_tables(parts) if parts else _schema(columns).empty_table()
        for signal in group:
            self.counts[signal.name] = len(due)
        self._add(found, due, columns)

    def _add(self, found: pa.Table, due: I64, columns: Sequence[str]) -> None:
        """Put new values and those kept from before into the order of the records."""
        if len(due) < self._table.num_rows:
            assert self._earlier is not None
            kept = np.setdiff1d(np.arange(self._table.num_rows), due)
            before = self._earlier.rows.select(list(columns)).cast(_schema(columns))
            found = pa.concat_tables([found, before.take(pa.array(self._places[kept]))])
            order = np.empty(self._table.num_rows, np.int64)
            order[np.concatenate([due, kept])] = np.arange(self._table.num_rows)
            found = found.take(pa.array(order))
        for column in columns:
            self.outcome = self.outcome.append_column(_schema([column]).field(0), found.column(column))

    def _tasks(self, group: Sequence[Signal], due: I64, size: int, study: Study) -> Iterator[_Task]:
        names = tuple(signal.name for signal in group)
        whole = len(due) == self._table.num_rows
        study = replace(study, embedder=None)  # a signal of each record has no use for it
        for start in range(0, len(due), size):
            rows = pa.array(due[start:start + size])
            table = self._table.slice(start, size) if whole else self._table.take(rows)
            outcome = self.outcome.slice(start, size) if whole else self.outcome.take(rows)
            yield _Task(names, table.combine_chunks(), _cited(self._evidence, table), study, outcome)

    def _before(self, signal: Signal) -> Before | None:
        """What the signal found last time, where its key holds and the table that it keeps is there."""
        assert signal.keeps is not None
        if self._earlier is None or not self._key_holds(signal) or signal.keeps.table.name not in self._earlier.kept:
            return None
        return Before(self._earlier.rows.select(["record_id", *signal.columns]), self._places)

    def _kept(self, keeps: Kept, before: Before | None) -> pa.Table:
        """The kept table: rows of records that were there, and those of new ones."""
        new = np.arange(self._table.num_rows) if before is None else np.flatnonzero(before.places < 0)
        table = self._table.take(pa.array(new)).combine_chunks()
        found = keeps.table.conform(keeps.compute(Records(table, {}, self._study, self.outcome.take(pa.array(new)))))
        if before is None:
            return found
        assert self._earlier is not None
        held = np.flatnonzero(before.places >= 0)
        there = keeps.table.conform(self._earlier.kept[keeps.table.name]).take(pa.array(before.places[held]))
        return pa.concat_tables([found, there]).take(pa.array(np.argsort(np.concatenate([new, held]))))

    def _measure_whole(self, signal: Signal, records: Records) -> None:
        needed = self.outcome.select(["record_id", *signal.needs])
        digest = digest_of(needed.append_column("input_hash", self._hashes))
        self.digests[signal.name] = digest
        if self._earlier is not None and self._key_holds(signal) and self._earlier.digests.get(signal.name) == digest:
            self.counts[signal.name] = 0
            self._add(_schema(signal.columns).empty_table(), np.zeros(0, np.int64), signal.columns)
            return
        self._progress(signal.name, 0, len(records))
        self.counts[signal.name] = len(records)
        self._add(_arrow(signal, signal.compute(records)), np.arange(len(records)), signal.columns)
        self._progress(signal.name, len(records), len(records))


@dataclass(frozen=True)
class _Task:
    """A batch for signals of each record, as it travels to another process."""

    signals: tuple[str, ...]
    table: pa.Table
    evidence: Mapping[str, str]
    study: Study
    outcome: pa.Table


def _measure_batch(task: _Task) -> pa.Table:
    records = Records(task.table, task.evidence, task.study, task.outcome)
    found = _schema([]).empty_table()
    for signal in registry.REGISTRY:
        if signal.name in task.signals:
            columns = _arrow(signal, signal.compute(records))
            for name in columns.column_names:
                records.outcome = records.outcome.append_column(name, columns.column(name))
            found = columns if not found.num_columns else pa.table(
                [*found.columns, *columns.columns], schema=pa.schema([*found.schema, *columns.schema]))
    return found


def _arrow(signal: Signal, values: Columns) -> pa.Table:
    """Raises ContractError where a signal does not fill just the columns that it declares."""
    if set(values) != set(signal.columns):
        raise ContractError(f"Signal {signal.name} filled {sorted(values)}, declared are {sorted(signal.columns)}.",
                            "Correct the signal's file.")
    schema = _schema(signal.columns)
    arrays = [pa.array(values[field.name], type=field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _schema(columns: Sequence[str]) -> pa.Schema:
    return pa.schema([SIGNALS.schema.field(column) for column in columns])


def _demand_unique(table: pa.Table) -> None:
    twice = [i for i, count in Counter(table.column("record_id").to_pylist()).items() if count > 1]
    if twice:
        raise ContractError(f"candidates: {len(twice)} ids occur more than once, the first is {twice[0]}.",
                            "Ids are content hashes: the same record entered twice. Build the candidates anew.")


def _evidence(passages: pa.Table, records: pa.Table) -> dict[str, str]:
    """Text of the passages that are cited, by id, in the order of the table."""
    cited = _passages_of(records)
    pairs = zip(passages.column("passage_id").to_pylist(), passages.column("text").to_pylist(), strict=True)
    return {passage_id: text for passage_id, text in pairs if passage_id in cited}


def _cited(evidence: Mapping[str, str], records: pa.Table) -> dict[str, str]:
    return {p: evidence[p] for p in sorted(_passages_of(records)) if p in evidence}


def _passages_of(records: pa.Table) -> set[str]:
    named = {p for ids in records.column("passage_ids").to_pylist() for p in ids}
    return named | {c["passage_id"] for cited in records.column("citations").to_pylist() for c in cited
                    if c["passage_id"]}


assert {*READ} <= {column.name for column in RECORD_COLUMNS}
