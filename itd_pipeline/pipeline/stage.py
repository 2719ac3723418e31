"""What a stage is, and what it sees while it works.

Belongs here: the two types. Does not belong here: any particular stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import Batch, Estimate, ModelProgress
from itd_pipeline.settings import Settings, Source
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.tables.contract import Table

Answered = Callable[[str, ModelProgress], None]
Estimated = Callable[[str, Estimate], None]


@dataclass(frozen=True)
class Scope:
    """Where a stage works: a profile, a lake, and the source if the stage is partitioned.

    Args:
        settings: the profile.
        lake: where upstream tables are read from.
        partition: name of the source; empty where the stage is not partitioned.
        build: name of the build at hand; what models may cost is capped per build.
        answered: told about twice a second, and at the end, how far the requests to a model are: partition, progress;
            and of long work without a model (`WorkProgress`), by its step.
        estimated: told, before the requests of a source are sent, what they will come to: partition, estimate.
        before: what lies in the lake now, where it was made by the same code and settings: a stage may keep what it
            made of rows that have not changed.
        held: what lies in the lake now, whatever made it: for a stage whose parts carry versions of their own.
    """

    settings: Settings
    lake: Lake
    partition: str = ""
    build: str = ""
    answered: Answered | None = None
    estimated: Estimated | None = None
    before: Manifest | None = None
    held: Manifest | None = None

    @property
    def source(self) -> Source:
        """Settings of the source at hand."""
        return self.settings.sources[self.partition]

    def built(self, stage: str) -> list[str]:
        """Configured sources for which a partitioned stage has been built, by name: their order in the profile must
        not decide any content."""
        return [name for name in sorted(self.settings.sources) if self.lake.manifest(stage, name) is not None]

    def gather(self, stage: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A partitioned stage's rows over all built sources."""
        return pa.concat_tables([self.lake.read(stage, name, columns=columns) for name in self.built(stage)])


def _nothing(_: Scope) -> Mapping[str, Any]:
    return {}


def _keep(_: Scope, __: Manifest) -> None:
    return None


def _complete(_: Scope, __: Manifest) -> bool:
    return True


@dataclass(frozen=True)
class Stage:
    """One asset of the graph.

    Args:
        table: contract of its rows; also gives its name and description.
        compute: yields batches; reads only through the scope it is given.
        partitioned: whether there is one partition per source.
        upstream: stages it reads.
        rooms: folders and files of the package whose code decides its content.
        libraries: distributions whose versions decide its content.
        params: the part of the profile that decides its content, as plain data.
        outside: digests of files outside of the lake that decide its content, by name.
        sides: contracts of further tables it writes.
        parent: (column, upstream stage): every row of that stage must leave a row or a reject here.
        may_be_empty: whether no rows at all is a legitimate result.
        publish: makes results visible elsewhere (the release, the report, spreadsheets), once the blocking checks
            have passed; may run any number of times.
        complete: whether a stored result needs no further try (nothing it wrote elsewhere is gone, no request is
            due again).
        group: heading in the Dagster UI.
    """

    table: Table
    compute: Callable[[Scope], Iterator[Batch]]
    partitioned: bool
    upstream: tuple[str, ...]
    rooms: tuple[str, ...]
    group: str
    libraries: tuple[str, ...] = ()
    params: Callable[[Scope], Mapping[str, Any]] = _nothing
    outside: Callable[[Scope], Mapping[str, str]] = _nothing
    sides: tuple[Table, ...] = ()
    parent: tuple[str, str] | None = None
    may_be_empty: bool = False
    publish: Callable[[Scope, Manifest], None] = _keep
    complete: Callable[[Scope, Manifest], bool] = _complete
    kinds: tuple[str, ...] = field(default=("python", "parquet"))

    @property
    def name(self) -> str:
        return self.table.name
