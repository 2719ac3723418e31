"""Bring one partition of one stage up to date.

If everything that decides its content is as it was, the stored result is kept and nothing is computed. So a run
may be repeated, or resumed after a kill, at the price of a hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from itd_pipeline.errors import NotBuiltError
from itd_pipeline.pipeline.fingerprint import basis, fingerprint, input_keys
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.ports import Batch
from itd_pipeline.storage.manifest import Manifest

Observer = Callable[[str, str, int, int], None]
"""Called with stage, partition, rows out so far, rows rejected so far."""


@dataclass(frozen=True)
class Refreshed:
    """The manifest now in force, and whether it had to be computed."""

    manifest: Manifest
    computed: bool


def input_versions(stage: Stage, stages: Mapping[str, Stage], scope: Scope) -> dict[str, str]:
    """"stage/partition" -> data version of each input.

    Raises:
        NotBuiltError: an input has not been built, or has not passed its blocking checks.
    """
    versions = {}
    for name, partition in input_keys(stage, stages, scope):
        key = f"{name}/{partition}" if partition else name
        versions[key] = scope.lake.require(name, partition).data_version
        if not scope.lake.passed(name, partition):
            raise NotBuiltError(f"{key} has not passed its blocking checks.", "`itd build` runs them and says why.")
    return versions


def current(stage: Stage, stages: Mapping[str, Stage], scope: Scope) -> Manifest | None:
    """The stored manifest if it has passed its checks and is what computing now would give, else None."""
    manifest = scope.lake.manifest(stage.name, scope.partition)
    if manifest is None or not scope.lake.passed(stage.name, scope.partition) or not stage.complete(scope, manifest):
        return None
    try:
        expected = fingerprint(stage, scope, input_versions(stage, stages, scope))
    except NotBuiltError:
        return None
    return manifest if manifest.fingerprint == expected else None


def refresh(stage: Stage, stages: Mapping[str, Stage], scope: Scope, observe: Observer | None = None) -> Refreshed:
    """Compute and store one partition, unless it is up to date. `inspect.verify` comes next: until it has passed its
    blocking checks, nothing reads it and nothing of it is published.

    Raises:
        NotBuiltError: an input is missing or has not passed its checks.
        SourceError, StorageError, PermanentError: as the stage's room and adapters say.
    """
    inputs = input_versions(stage, stages, scope)
    expected = fingerprint(stage, scope, inputs)
    manifest = scope.lake.manifest(stage.name, scope.partition)
    computed = manifest is None or manifest.fingerprint != expected or not stage.complete(scope, manifest)
    if manifest is None or computed:
        common = basis(stage, scope)
        before = manifest if manifest is not None and manifest.basis == common else None
        computed_batches = stage.compute(replace(scope, before=before, held=manifest))
        batches = _watched(computed_batches, stage.name, scope.partition, observe)
        manifest = scope.lake.write(
            stage.table, scope.partition, batches, fingerprint=expected, inputs=inputs, sides=stage.sides,
            basis=common)
    return Refreshed(manifest, computed)


def _watched(batches: Iterator[Batch], stage: str, partition: str, observe: Observer | None) -> Iterator[Batch]:
    rows = rejects = 0
    for batch in batches:
        yield batch
        rows += batch.rows.num_rows
        rejects += batch.rejects.num_rows
        if observe is not None:
            observe(stage, partition, rows, rejects)
