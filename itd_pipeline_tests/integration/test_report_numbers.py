"""Every number of the report is the answer to a DuckDB query over the lake, or a statistic with a test of its own."""

from __future__ import annotations

import json
import math
from pathlib import Path

import dagster as dg
import pytest

from itd_pipeline.defs.build import build
from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.pipeline.graph import STAGES, TABLES
from itd_pipeline.pipeline.outcome import release_folder
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.queries import connect, lake_views
from itd_pipeline_tests.conftest import small_project
from itd_pipeline_tests.integration.report_queries import VIEWS, queries

MANIFESTS = {"funnel|units_in", "funnel|rows_out"}
"""Stand in the manifests; the check `rows_accounted` recounts them with DuckDB."""
GIVEN = {"human|gate_reviewed_share_wanted", "human|gate_agreement_wanted", "human|gate_defect_bound_wanted",
         "mentions|reference", "contamination|items", "changes|before"}
"""Come from the profile, a benchmark's file or the last release's report."""
STATISTICS = {
    "human|gate_reviewed_share", "human|records_rated_twice", "human|records_in_dispute",  # unit/evaluation
    "drift|distance_by_chance",  # unit/evaluation/test_sections.py
    "diversity|instruction_type_token_ratio", "diversity|instruction_distinct_2", "diversity|instruction_distinct_3",
    "diversity|output_type_token_ratio", "diversity|output_distinct_2", "diversity|output_distinct_3",
    "diversity|vendi_score", "diversity|map_records", "diversity|map_cluster_records",
    "coverage|records_by_hpo_branch", "coverage|hpo_branch_empty",
}
"""Means over draws, clusters, branches of an ontology: tested by hand in unit/evaluation."""


def built(settings: Settings) -> Lake:
    with dg.DagsterInstance.ephemeral() as instance:
        outcomes = list(build(build_definitions(settings), settings, instance))
    assert [o.problem for o in outcomes if not o.succeeded] == []
    return Lake(settings.lake_path)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Lake, Path]:
    """A small project with a benchmark, a last release, and a source whose licence nobody knows."""
    project = tmp_path_factory.mktemp("report")
    profile = small_project(project, {"licence: CC0-1.0, routes: [converted]":
                                      "licence: LicenseRef-House, routes: [converted]"})
    with profile.open("a", encoding="utf-8") as file:
        file.write("licensing: {unknown: allow}\n")
    first = load_settings(profile)
    lake = built(first)
    last = release_folder(first, lake.require("dataset_release"))
    (project / "exam.csv").write_text("question,solution\nWhat is gout?,Gout is a painful arthritis that is caused by "
                                      "crystals of urate in the joints.\n", encoding="utf-8")
    with (project / "documents" / "pairs.csv").open("a", encoding="utf-8") as file:
        file.write("gout,How is gout treated?,Anti-inflammatory medicines ease an attack of gout within days.\n")
    with profile.open("a", encoding="utf-8") as file:
        file.write("signals: {benchmarks: {exam: {path: exam.csv, columns: {prompt: question, answer: solution}}}}\n"
                   f"evaluation: {{last_release: {last}}}\n")
    settings = load_settings(profile)
    return settings, built(settings), last


def test_every_number_of_the_report_is_the_answer_to_a_query(compared: tuple[Settings, Lake, Path]) -> None:
    settings, lake, last = compared
    wrong, unknown, checked = [], set(), 0
    with connect(lake, lake_views(lake, TABLES, list(settings.sources))) as connection:
        files = ", ".join(f"'{path}'" for path in sorted(last.glob("data/**/*.parquet")))
        connection.execute(f"CREATE VIEW last_release AS SELECT DISTINCT ON (record_id) * FROM read_parquet([{files}])")
        connection.execute(VIEWS)
        asked = queries()
        answers = {key: {str(group or ""): value for group, value in connection.execute(query).fetchall()}
                   for key, query in asked.items()}
        rows = connection.execute('SELECT section, metric, "group", value FROM evaluation_report').fetchall()
    for section, metric, group, value in rows:
        key = f"{section}|{metric}"
        if value is None or section == "limits" or key in MANIFESTS | GIVEN | STATISTICS:
            continue
        if key not in asked:
            unknown.add(key)
            continue
        checked += 1
        found = answers[key].get(group, 0)
        if found is None or not math.isclose(found, value, rel_tol=1e-9, abs_tol=1e-12):
            wrong.append(f"{key}|{group}: report {value}, query {found}")
    assert not wrong, wrong[:20]
    assert not unknown
    assert checked > 250


def test_what_people_open_holds_the_same_numbers_and_the_release_no_clock(
    compared: tuple[Settings, Lake, Path]
) -> None:
    small, lake, _ = compared
    folder = small.lake_path / "report"
    with connect(lake, {"shown": [folder / "report.parquet"]}) as connection:
        table = {tuple(r[:3]): r[3] for r in connection.execute(
            'SELECT section, metric, "group", value FROM shown').fetchall()}
    as_json = {(r["section"], r["metric"], r["group"]): r["value"] for r in json.loads(
        (folder / "report.json").read_text(encoding="utf-8"))["metrics"]}
    assert table == as_json
    page = (folder / "report.html").read_text(encoding="utf-8")
    released = (release_folder(small, lake.require("dataset_release")) / "report.html").read_text(encoding="utf-8")
    assert 'data-key="time|seconds_in_all|"' in page
    assert "time|seconds" not in released
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert {r["group"] for r in run if r["metric"] == "seconds"} >= {"raw_sources", "filtered_set"}
    stage = STAGES["evaluation_report"]
    manifest = lake.require("evaluation_report")
    assert stage.complete(Scope(small, lake), manifest)
    (folder / "report.html").write_text(page.replace("Evaluation", "Tampered"), encoding="utf-8")
    assert not stage.complete(Scope(small, lake), manifest)
    stage.publish(Scope(small, lake), manifest)
    assert stage.complete(Scope(small, lake), manifest)


def test_examples_are_never_from_patient_data_and_text_only_where_the_licence_allows(
    compared: tuple[Settings, Lake, Path]
) -> None:
    settings, lake, _ = compared
    with connect(lake, lake_views(lake, TABLES, list(settings.sources))) as connection:
        patient = {row[0] for row in connection.execute(
            "SELECT row_id FROM rejected WHERE partition = 'notes' OR (row::JSON->>'patient_data') = 'true' OR "
            "(row::JSON->>'source') = 'notes'").fetchall()}
        turned = connection.execute("SELECT count(*) FROM rejected WHERE partition = 'pairs'").fetchone()
    page = (settings.lake_path / "report" / "report.html").read_text(encoding="utf-8")
    assert patient
    assert not [row_id for row_id in patient if row_id in page]
    assert "Mr Example" not in page
    assert turned is not None
    assert turned[0] > 0
    assert "LicenseRef-House does not let text be passed on" in page
    assert "Who treats gout" not in page
