"""What a signal is, and what it sees of the records.

Belongs here: the types that a signal's own file and the measurement agree on. Does not belong here: any signal, or
the order in which they run (`registry`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.ports import Embedder
from itd_pipeline.signals.benchmarks import BenchmarkItem
from itd_pipeline.signals.egress import SourceUse, may_see
from itd_pipeline.signals.tokens import I64, U64, Tokens, Vocabulary, tokenise
from itd_pipeline.tables.contract import Table

if TYPE_CHECKING:
    from itd_pipeline.signals.entailment import Entailment
    from itd_pipeline.signals.judge import Judge
    from itd_pipeline.signals.released import Release


@dataclass(frozen=True)
class Study:
    """What is the same for all records of a measurement.

    Args:
        signals: parameters from the profile.
        benchmarks: what the dataset must not contain.
        patient_passages: columns passage_id and text of every passage from patient data, by id.
        judge: a model that scores records by a rubric; None asks nobody.
        entailment: a model of natural-language inference; None asks nobody.
        embedder: makes vectors of texts; None leaves what needs them unmeasured.
        benchmark_embedder: makes the vectors by which records are compared with benchmarks; None compares words alone.
        uses: what each source allows models to see (`egress`).
        releases: earlier releases that candidates are compared with.
    """

    signals: settings.Signals
    benchmarks: tuple[BenchmarkItem, ...] = ()
    patient_passages: pa.Table | None = None
    embedder: Embedder | None = None
    judge: Judge | None = None
    entailment: Entailment | None = None
    uses: Mapping[str, SourceUse] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    benchmark_embedder: Embedder | None = None

    @property
    def light(self) -> Study:
        """The parameters alone: what travels to other processes with each batch. No signal there asks a model."""
        return replace(self, benchmarks=(), patient_passages=None, embedder=None, judge=None, entailment=None,
                       releases=(), benchmark_embedder=None)


@dataclass(frozen=True)
class Words:
    """Words of the records' fields and of their evidence, numbered by one vocabulary."""

    vocabulary: Vocabulary
    instructions: Tokens
    inputs: Tokens
    outputs: Tokens
    passages: Tokens
    place: Mapping[str, int]
    """Row in `passages` of each passage id."""

    @cached_property
    def hashes(self) -> U64:
        """Hash of each word by its number. Tokenise nothing more with this vocabulary after the first use."""
        return self.vocabulary.hashes()


class Placed(Protocol):
    """A model, as far as where it is."""

    @property
    def local(self) -> bool: ...

    @property
    def hosts(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Before:
    """What a signal of all records found last time, with the same code and parameters.

    Args:
        rows: its columns, and record_id, of all records that were there.
        places: row in `rows` of each record, -1 where it is new or has changed.
    """

    rows: pa.Table
    places: I64


class Records:
    """Candidates as a signal sees them: a batch of them, or all.

    Args:
        table: the columns that signals read, in the schema of `tables.records`.
        evidence: text by passage id, of at least those that these records name or cite.
        study: parameters.
        outcome: columns of signals computed before, row by row.
    """

    def __init__(self, table: pa.Table, evidence: Mapping[str, str], study: Study, outcome: pa.Table) -> None:
        self.table = table
        self.evidence = evidence
        self.study = study
        self.outcome = outcome
        self.before: Before | None = None
        """For a signal of all records that keeps a table: what it found last time."""
        self.kept: pa.Table | None = None
        """That table, of all records."""
        self._columns: dict[str, list[Any]] = {}

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> list[Any]:
        """A column of the records as Python values."""
        if name not in self._columns:
            self._columns[name] = self.table.column(name).to_pylist()
        return self._columns[name]

    def measured(self, name: str) -> list[Any]:
        """A column of a signal that stands in `needs`."""
        values: list[Any] = self.outcome.column(name).to_pylist()
        return values

    def shown_to(self, model: Placed) -> list[bool]:
        """Which records a model may see."""
        return [may_see(source, secret, self.study.uses, local=model.local, hosts=model.hosts)
                for source, secret in zip(self.column("source"), self.column("patient_data"), strict=True)]

    @cached_property
    def named(self) -> list[list[str]]:
        """Per record the distinct passages that it names or cites and that are there, in order."""
        return [
            [p for p in dict.fromkeys([*ids, *(c["passage_id"] for c in citations)]) if p in self.evidence]
            for ids, citations in zip(self.column("passage_ids"), self.column("citations"), strict=True)]

    @cached_property
    def words(self) -> Words:
        """Words of all fields and passages, found once for all signals of the batch."""
        vocabulary = Vocabulary()
        instructions, inputs, outputs = (tokenise(self.column(name), vocabulary)
                                         for name in ("instruction", "input", "output"))
        passages = tokenise(self.evidence.values(), vocabulary)
        return Words(vocabulary, instructions, inputs, outputs, passages, {p: i for i, p in enumerate(self.evidence)})


Columns = Mapping[str, Sequence[Any] | pa.Array]
"""Values per column, in the order of the records."""


def _no_parameters(_: Study) -> Mapping[str, Any]:
    return {}


def _no_facts(_: Study, __: pa.Table) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Kept:
    """A table that a signal of all records keeps, so that it can go on from what it found: a row for each record,
    which depends on that record alone.

    Args:
        table: its contract; the first column is record_id.
        compute: pure; records in, the table's rows out, in their order.
    """

    table: Table
    compute: Callable[[Records], pa.Table]


@dataclass(frozen=True)
class Signal:
    """One signal: its own file ends with one of these, and `registry` lists it.

    Args:
        name: snake_case, unique.
        version: raised by hand when the meaning changes in a way that neither code nor parameters show.
        columns: columns of `tables.signals.SIGNALS` that it fills.
        compute: pure and importable by name; records in, values per column out.
        each: whether a record's values depend on that record and its evidence alone. Then they are kept as long as
            the record, the signal and its parameters are as they were, and new records alone are computed.
        workers: whether batches may be computed in other processes, which get `Study.light`; else all records that are
            due come at once.
        needs: columns of signals earlier in the registry; `Records.measured` gives them.
        parameters: what of the study decides the values, as plain data.
        libraries: distributions whose version decides the values.
        facts: counts for metadata and report, from the finished table of signals.
        keeps: a table that is kept beside the signals; then `Records.kept` and `Records.before` are there.
        again: for a signal of each record that asks a model: which rows of an earlier measurement are due once more
            although nothing has changed, because no answer came.
    """

    name: str
    version: int
    columns: tuple[str, ...]
    compute: Callable[[Records], Columns]
    each: bool = True
    workers: bool = True
    needs: tuple[str, ...] = ()
    parameters: Callable[[Study], Mapping[str, Any]] = _no_parameters
    libraries: tuple[str, ...] = ()
    facts: Callable[[Study, pa.Table], Mapping[str, Any]] = _no_facts
    keeps: Kept | None = None
    again: Callable[[pa.Table], Sequence[bool]] | None = None
