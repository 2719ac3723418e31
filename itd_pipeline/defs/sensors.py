"""See changed, added and removed sources by content, and ask for just those partitions and what follows."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import dagster as dg

from itd_pipeline.defs.jobs import ONE_SOURCE, PARTITIONED_ASSETS
from itd_pipeline.defs.partitions import SOURCES
from itd_pipeline.defs.resources import Pipeline
from itd_pipeline.errors import ItdError
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import canonical_json
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake


def source_versions(settings: Settings, lake: Lake) -> dict[str, str]:
    """Source -> hash of its files and of the settings that read it. A source that cannot be read has none."""
    versions = {}
    stage = STAGES["raw_sources"]
    for name in settings.sources:
        scope = Scope(settings, lake, name)
        try:
            seen = {"params": stage.params(scope), "files": stage.outside(scope)}
        except ItdError:
            continue
        versions[name] = hashlib.sha256(canonical_json(seen).encode()).hexdigest()[:24]
    return versions


def requests_for(before: Mapping[str, str], now: Mapping[str, str], configured: list[str],
                 look: int) -> list[dg.RunRequest]:
    """One run per changed source; `look` counts evaluations that asked for something, so that a source that returns to
    earlier content is asked for again. All but the last run only the source's own partitions, so that what sources
    share is built once, when the last is in. A removed source asks for the shared assets alone."""
    changed = [name for name in configured if name in now and before.get(name) != now[name]]
    removed = sorted(set(before) - set(configured))
    requests = [
        dg.RunRequest(
            run_key=f"{look}:{name}:{now[name]}",
            partition_key=name,
            asset_selection=None if name == changed[-1] else PARTITIONED_ASSETS,
            tags={"itd/reason": "source added" if name not in before else "source changed"},
        )
        for name in changed
    ]
    if removed and not changed:
        shared = [dg.AssetKey(name) for name, stage in STAGES.items() if not stage.partitioned]
        still = configured[0]
        requests.append(dg.RunRequest(
            run_key=f"{look}:removed:{','.join(removed)}", partition_key=still, asset_selection=shared,
            tags={"itd/reason": f"source removed: {', '.join(removed)}"}))
    return requests


@dg.sensor(
    name="source_changes",
    job=ONE_SOURCE,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Looks at the content of every source and requests the partitions that changed.",
)
def source_changes(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SensorResult:
    """Cursor: {look, versions: source -> version when it was last requested}, as JSON."""
    settings = pipeline.reload()
    cursor: dict[str, Any] = json.loads(context.cursor) if context.cursor else {"look": 0, "versions": {}}
    before: dict[str, str] = cursor["versions"]
    now = source_versions(settings, pipeline.lake)
    configured = list(settings.sources)
    added = [name for name in configured if name not in before]
    removed = sorted(set(before) - set(configured))
    partitions: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if added:
        partitions.append(SOURCES.build_add_request(added))
    if removed:
        partitions.append(SOURCES.build_delete_request(removed))
    requests = requests_for(before, now, configured, cursor["look"] + 1)
    kept = {name: before[name] for name in before if name in configured}
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=partitions,
        cursor=canonical_json({"look": cursor["look"] + bool(requests), "versions": {**kept, **now}}),
        skip_reason=None if requests else "No source has changed.",
    )
