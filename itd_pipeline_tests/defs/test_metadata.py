"""What the Dagster UI is told of an asset: versions, cost, lineage of columns, the section of the report; in "
  "sentences."""

from __future__ import annotations

import dagster as dg
import pytest

from itd_pipeline.defs.build import build
from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.defs.metadata import REPORT_SECTION
from itd_pipeline.evaluation.report import SECTIONS
from itd_pipeline.pipeline.column_lineage import columns_behind
from itd_pipeline.pipeline.downstream import DOWNSTREAM_PROBE
from itd_pipeline.pipeline.graph import STAGES, TABLES
from itd_pipeline.settings import Settings

EVERY = {**STAGES, "downstream_probe": DOWNSTREAM_PROBE}
MADE = {"review_sample": {"reviewer", "position"}, "filtered_set": set(), "dataset_release": set(),
        "candidate_signals": set()}


@pytest.mark.parametrize("name", EVERY)
def test_columns_lead_to_columns_of_stages_that_are_read(name: str) -> None:
    stage, tables = EVERY[name], {table.name: table for table in TABLES}
    found = columns_behind(stage, tables)
    assert set(found) <= set(stage.table.names)
    for column, behind in found.items():
        for upstream, source in behind:
            assert upstream in stage.upstream, (column, upstream)
            assert source in tables[upstream].names, (column, upstream, source)
    if name in MADE:
        assert set(stage.table.names) - set(found) == MADE[name]


def test_every_asset_leads_to_a_section_of_the_report() -> None:
    assert set(REPORT_SECTION) == set(EVERY)
    named = {section.__name__ for section in SECTIONS} | {"at_a_glance"}
    assert set(REPORT_SECTION.values()) <= named


def test_a_materialisation_shows_what_the_ui_needs(small: Settings, instance: dg.DagsterInstance,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ITD_REPORT_URL", "http://127.0.0.1:9/report.html")
    definitions = build_definitions(small)
    assert [o.problem for o in build(definitions, small, instance) if not o.succeeded] == []
    for name, stage in STAGES.items():
        event = instance.get_latest_materialization_event(dg.AssetKey(name))
        assert event is not None
        assert event.asset_materialization is not None
        shown = event.asset_materialization.metadata
        assert {"dagster/row_count", "units_in", "rows_rejected", "cost_usd", "seconds", "dagster/column_schema",
                "dagster/column_lineage", "columns_come_from", "code_version", "data_version"} <= set(shown)
        assert shown["report"].value == f"http://127.0.0.1:9/report.html#{REPORT_SECTION[name]}"
        assert ("source_owner" in shown) == stage.partitioned
    figures = instance.get_latest_materialization_event(dg.AssetKey("evaluation_report"))
    assert figures is not None
    assert figures.asset_materialization is not None
    assert "at_a_glance.records_kept" in str(figures.asset_materialization.metadata["figures"].value)
    graph = definitions.resolve_asset_graph()
    for key in graph.asset_check_keys:
        said = graph.get_check_spec(key).description or ""
        assert said.endswith("."), key
        assert said[0].isupper(), key
        record = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
        if key.asset_key.to_user_string() != "downstream_probe":
            evaluation = record[0].event.dagster_event.asset_check_evaluation_data  # type: ignore[union-attr]
            assert str(evaluation.description).endswith("."), key
