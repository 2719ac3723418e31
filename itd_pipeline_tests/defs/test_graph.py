"""The whole graph as a snapshot: a change of it is a diff that someone reads.

`ITD_WRITE_SNAPSHOT=1 pytest itd_pipeline_tests/defs/test_graph.py` writes it anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dagster as dg

from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.settings import Settings

SNAPSHOT = Path(__file__).with_name("graph_snapshot.json")


def drawn(definitions: dg.Definitions) -> dict[str, Any]:
    graph = definitions.resolve_asset_graph()
    assets = {}
    for key in sorted(graph.materializable_asset_keys, key=lambda k: k.to_user_string()):
        node = graph.get(key)
        schema = node.metadata["dagster/column_schema"]
        columns = schema.schema.columns if hasattr(schema, "schema") else schema.columns
        assets[key.to_user_string()] = {
            "group": node.group_name,
            "deps": sorted(k.to_user_string() for k in node.parent_keys),
            "partitioned": node.is_partitioned,
            "owners": sorted(node.owners),
            "kinds": sorted(node.kinds),
            "description": node.description,
            "pool": sorted(node.pools or []),
            "columns": [column.name for column in columns],
            "automation": node.automation_condition is not None,
            "checks": {
                spec.name: "blocking" if spec.blocking else "warning"
                for spec in sorted(
                    (graph.get_check_spec(check) for check in node.check_keys), key=lambda s: s.name)
            },
        }
    repository = definitions.get_repository_def()
    return {
        "assets": assets,
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "schedules": {s.name: s.cron_schedule for s in repository.schedule_defs},
        "sensors": sorted(s.name for s in repository.sensor_defs),
    }


def test_the_graph_is_the_one_that_was_agreed(small: Settings) -> None:
    found = drawn(build_definitions(small))
    if os.environ.get("ITD_WRITE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_has_a_blocking_account_and_what_costs_money_is_not_automated(small: Settings) -> None:
    for name, asset in drawn(build_definitions(small))["assets"].items():
        assert asset["checks"]["rows_accounted"] == "blocking", name
        assert asset["description"], name
        assert asset["owners"], name
        if "litellm" in asset["kinds"]:
            assert not asset["automation"]
            assert asset["pool"] == ["model"]
