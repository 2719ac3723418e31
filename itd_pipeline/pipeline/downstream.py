"""The downstream probe as a stage of its own. It stands in no job and no build: it runs when it is asked for.

Belongs here: gathering what the probe needs. Does not belong here: the probe (`probe/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from itd_pipeline import probe
from itd_pipeline.errors import NotBuiltError
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.last_release import last_records, last_release_digest, last_release_folder
from itd_pipeline.pipeline.records import candidates
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.ports import Batch
from itd_pipeline.tables.probe import PROBE
from itd_pipeline.tables.review import CORRECTIONS

_COLUMNS = ["record_id", "group_id", "instruction", "input", "options", "output", "patient_data"]


def _records(scope: Scope) -> probe.ProbeRecords:
    settings, wanted = scope.settings, scope.settings.probe
    split = scope.lake.read("dataset_release", columns=["record_id", "filtered_id", "split", "group_id"]).to_pylist()
    written = {row["record_id"]: {"output": row["corrected_output"]}
               for row in scope.lake.read("dataset_release", name=CORRECTIONS.name).to_pylist()}
    stands = {row.pop("filtered_id"): {**row, **written.get(row["record_id"], {})} for row in split}
    # A release may part groups more strictly than records name them: its own groups decide.
    whole = [{**row, **stands.get(row["record_id"], {})}
             for row in pa.concat_tables([scope.lake.read("filtered_set", columns=_COLUMNS)]).to_pylist()]
    released = [row for row in whole if "split" in row]
    if not any(row["split"] == "test" for row in released):
        raise NotBuiltError("The release has no test split, so nothing is held out.",
                            "Raise release.test_share and run `itd build`.")
    unfiltered = [{**row, **stands.get(row["record_id"], {})} for row in candidates(scope).select(_COLUMNS).to_pylist()
                  if not row["patient_data"]]
    folder = last_release_folder(settings)
    last = None
    if folder is not None:
        table = last_records(folder)
        last = [{"options": (), "input": None, **row} for row in table.select(
            [name for name in (*_COLUMNS, "split") if name in table.column_names]).to_pylist()]
    return probe.arms_of(released, unfiltered, last, wanted.steps * wanted.batch_size, wanted.held_out, wanted.seed)


def probing(said: Callable[[str], None] = lambda _: None) -> Stage:
    """The stage, which tells `said` how far it is."""

    def _probe(scope: Scope) -> Iterator[Batch]:
        settings = scope.settings
        wanted = settings.probe
        inputs = probe.ProbeInputs(
            records=_records(scope), general=probe.passages_of(settings.resolve(wanted.general_text)),
            steps=wanted.steps, benchmarks={
                name: probe.read_questions(name, one, settings.resolve(one.path), wanted.items)
                for name, one in sorted(wanted.benchmarks.items())})
        yield probe.run_probe(inputs, probe.open_student(wanted), said)

    return Stage(
        table=PROBE, compute=_probe, partitioned=False,
        upstream=("expert_seeds", "synthetic_expansions", "filtered_set", "dataset_release"),
        rooms=("probe", "evaluation", "pipeline/downstream.py", "pipeline/last_release.py", "pipeline/records.py"),
        group="outcome", params=_probing, outside=_probe_digest, kinds=("python", "parquet"))


def _probing(scope: Scope) -> Mapping[str, Any]:
    return scope.settings.probe.model_dump(mode="json", exclude={"threads"})


def _probe_digest(scope: Scope) -> Mapping[str, str]:
    wanted, resolve = scope.settings.probe, scope.settings.resolve
    files = {"general_text": resolve(wanted.general_text),
             **{f"benchmark/{name}": resolve(one.path) for name, one in wanted.benchmarks.items()}}
    return {**files_digest(files), **last_release_digest(scope.settings)}


DOWNSTREAM_PROBE = probing()
