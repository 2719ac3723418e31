"""A build against bad input, a bad model and bad luck: every row is accounted for, and the message says what to do."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from itd_pipeline.errors import ItdError
from itd_pipeline.pipeline.graph import PARTITIONED, STAGES
from itd_pipeline.pipeline.inspect import blocks, inspect, verify
from itd_pipeline.pipeline.outcome import _cost
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import ReviewGate, Settings, load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.conftest import small_project


def refresh_all(settings: Settings) -> Lake:
    """Every stage in order, without Dagster."""
    lake = Lake(settings.lake_path)
    for stage in STAGES.values():
        for partition in settings.sources if stage.partitioned else ("",):
            scope = Scope(settings, lake, partition)
            refresh(stage, STAGES, scope)
            for outcome in verify(stage, STAGES, scope):
                assert outcome.held or not blocks(stage, outcome.check, settings), f"{stage.name}: {outcome.sentence}"
    return lake


def accounts(settings: Settings, lake: Lake) -> Iterator[tuple[str, str, bool, str]]:
    for stage in STAGES.values():
        for partition in settings.sources if stage.partitioned else ("",):
            first = next(inspect(stage, STAGES, Scope(settings, lake, partition)))
            assert first.check == "rows_accounted"
            yield stage.name, partition, first.held, first.sentence


def assert_all_accounted(settings: Settings, lake: Lake) -> None:
    for stage, partition, held, sentence in accounts(settings, lake):
        assert held, f"{stage}[{partition}]: {sentence}"


@pytest.mark.parametrize(
    "fault", ["timeout", "rate_limit", "server_error", "malformed", "truncated", "refused", "nonsense"])
def test_a_misbehaving_model_costs_records_but_no_row_is_lost(tmp_path: Path, fault: str) -> None:
    small_project(tmp_path, {"options: {journal: journal.txt}":
                             f"retries: 0, options: {{misbehave: {{{fault}: 1.0}}}}"})
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    assert_all_accounted(settings, lake)
    rejected = lake.require("synthetic_expansions", "leaflets").rejected
    if fault == "rate_limit":  # a 429 takes no retry: it is waited out, and every answer comes
        assert not [reason for reason in rejected if reason.startswith("model_")]
        assert lake.require("synthetic_expansions", "leaflets").rows_out + sum(rejected.values()) == 8
        assert sum(rejected.values()) < 8
        return
    assert sum(rejected.values()) == 8, rejected
    expected = {"timeout": "model_timeout", "server_error": "model_server_error",
                "malformed": "malformed_json", "truncated": "truncated", "refused": "refused"}
    if fault in expected:
        assert set(rejected) == {expected[fault]}
    rows = lake.read("synthetic_expansions", "leaflets", "rejected").column("row").to_pylist()
    if fault in {"malformed", "truncated", "refused"}:
        assert all(json.loads(row)["raw"] for row in rows)  # the raw answer is kept


def test_what_failed_in_passing_is_asked_again_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    profile = small_project(tmp_path, {"options: {journal": "retries: 0, options: {misbehave: {server_error: 0.4}, "
                                                            "journal"})
    lake = refresh_all(load_settings(profile))
    failed = sum(lake.require("synthetic_expansions", name).rejected.get("model_server_error", 0)
                 for name in ("leaflets", "notes"))
    assert failed
    first = (tmp_path / "journal.txt").read_text().splitlines()
    profile.write_text(profile.read_text().replace("misbehave: {server_error: 0.4}, ", ""))
    settings = load_settings(profile)
    lake = refresh_all(settings)
    again = (tmp_path / "journal.txt").read_text().splitlines()[len(first):]
    assert len(again) == failed
    assert set(again) <= set(first)
    assert "model_server_error" not in lake.require("synthetic_expansions", "leaflets").rejected
    assert_all_accounted(settings, lake)


@pytest.mark.parametrize("seed", range(3))
def test_corrupted_input_is_counted_to_the_last_row(tmp_path: Path, seed: int) -> None:
    """Five per cent of many small files and of the rows of a table are damaged: flipped, cut, emptied."""
    draw = random.Random(seed)
    small_project(tmp_path)
    leaflets = tmp_path / "documents" / "leaflets"
    template = (leaflets / "migraine.md").read_bytes()
    for number in range(60):
        content = template.replace(b"leaflet-3", b"leaflet-x%d" % number).replace(b"common", b"common %d" % number)
        if draw.random() < 0.05 or number < 3:
            content = draw.choice([
                lambda c: c[:draw.randrange(len(c))],
                lambda c: bytes(b ^ 0xFF if draw.random() < 0.05 else b for b in c),
                lambda c: b"",
                lambda c: b"---\n: [\n" + c,
            ])(content)
        (leaflets / f"more-{number}.md").write_bytes(content)
    pairs = tmp_path / "documents" / "pairs.csv"
    header, *lines = pairs.read_bytes().splitlines(keepends=True)
    damaged = []
    for number, line in enumerate(lines * 20):
        line = line.replace(b" ", b" %d " % number, 1)
        if draw.random() < 0.05 or number < 2:
            place = draw.randrange(len(line) - 1)
            line = line[:place] + bytes([line[place] ^ 0x80]) + line[place + 1:]
        damaged.append(line)
    pairs.write_bytes(header + b"".join(damaged))
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    assert_all_accounted(settings, lake)
    assert lake.require("raw_sources", "leaflets").units_in == 63
    assert lake.require("raw_sources", "leaflets").rejected
    assert lake.require("raw_sources", "pairs").rejected["invalid_utf8"] >= 2
    assert lake.require("raw_sources", "pairs").units_in == 100


def test_a_spending_cap_stops_cleanly_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that costs money, and no money allowed: nothing is sent, every planned record is a named reject."""
    monkeypatch.setenv("OPENAI_API_KEY", "never-sent")
    small_project(tmp_path, {"name: fake/scripted, options: {journal: journal.txt}":
                             "name: openai/some-model, price_per_million_tokens: [1.0, 1.0], max_cost_usd: 0.0, "
                             "over_estimate: spend"})
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    assert lake.require("synthetic_expansions", "leaflets").rejected == {"spending_cap": 8}
    assert lake.require("synthetic_expansions", "notes").rejected == {"egress_refused": 4}
    assert_all_accounted(settings, lake)


def test_patient_text_is_refused_without_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "never-sent")
    small_project(tmp_path, {"name: fake/scripted, options: {journal: journal.txt}":
                             "name: openai/some-model, price_per_million_tokens: [1.0, 1.0], max_cost_usd: 0.0, "
                             "over_estimate: spend"})
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    for row in lake.read("synthetic_expansions", "notes", "rejected").to_pylist():
        assert row["reason"] == "egress_refused"
        assert "Parkinson" not in row["row"] + row["detail"]


def test_no_planted_identifier_stands_anywhere_after_cleaning(tmp_path: Path) -> None:
    small_project(tmp_path)
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    for stage in list(STAGES)[1:]:
        for partition in ("notes",) if stage in PARTITIONED else ("",):
            for name, stored in lake.require(stage, partition).files.items():
                if stored.rows is None:
                    continue
                text = str(lake.read(stage, partition, name).to_pylist())
                for identifier in ("Daniel", "Mr Example", "555123", "555124", "03/02/1950", "12 March 2024"):
                    assert identifier not in text, f"{identifier} in {stage}/{name}"
    assert "Parkinson" in str(lake.read("cleaned_text", "notes").to_pylist())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda p: (p / "documents" / "pairs.csv").unlink(), "pairs.csv"),
        (lambda p: ((p / "documents" / "pairs.csv").unlink(), (p / "documents" / "pairs.csv").mkdir()), "pairs.csv"),
        (lambda p: (p / "documents" / "pairs.csv").write_text("a,b\n1,2\n"), "no column 'answer'"),
        (lambda p: (p / "policy.yaml").write_text("rules: ["), "policy.yaml"),
        (lambda p: (p / "policy.yaml").unlink(), "policy"),
        (lambda p: (p / "rubric.yaml").write_text("- nothing"), "rubric.yaml"),
    ],
    ids=["missing file", "folder for a file", "missing column", "broken policy", "missing policy", "broken rubric"],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, change: object, named: str) -> None:
    small_project(tmp_path)
    change(tmp_path)  # type: ignore[operator]
    settings = load_settings(tmp_path / "small.yaml")
    with pytest.raises(ItdError, match=named) as caught:
        refresh_all(settings)
    assert caught.value.remedy


def test_an_empty_file_is_a_reject_not_an_end(tmp_path: Path) -> None:
    small_project(tmp_path)
    (tmp_path / "documents" / "leaflets" / "empty.md").write_bytes(b"")
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    assert lake.require("raw_sources", "leaflets").rejected == {"empty_file": 1}
    assert_all_accounted(settings, lake)


def test_the_same_project_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    versions = []
    for name in ("here", "there/deeper"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        small_project(folder)
        lake = refresh_all(load_settings(folder / "small.yaml"))
        versions.append({f"{s}/{p}": lake.require(s, p).data_version for s in STAGES
                         for p in (("leaflets", "pairs", "notes") if s in PARTITIONED else ("",))})
    assert versions[0] == versions[1]


def test_reviewers_answers_come_back_and_count(project: Path, small: Settings) -> None:
    """The spreadsheet that the build hands out is filled in as a clinician would, and read again."""
    import openpyxl

    lake = refresh_all(small)
    handed_out = sorted((small.lake_path / "review").rglob("*.xlsx"))
    assert [path.name for path in handed_out] == ["reviewer_1.xlsx", "reviewer_2.xlsx"]
    assert lake.require("human_evaluation").facts["human"]["status"] == "not reviewed"
    returned = project / "returned"
    returned.mkdir()
    for path in handed_out:
        book = openpyxl.load_workbook(path)
        sheet = book["Records"]
        headers = {str(cell.value): cell.column for row in sheet.iter_rows(max_row=5) for cell in row if cell.value}
        first = next(row for row in range(1, 10) if str(sheet.cell(row, 1).value or "").startswith("asg"))
        for row in range(first, sheet.max_row + 1):
            for header, column in headers.items():
                if header.lower() == "decision":
                    sheet.cell(row, column).value = "accept"
                elif sheet.cell(row, column).value is None and _is_gate(sheet, row, column):
                    sheet.cell(row, column).value = "yes"
        book.save(returned / path.name)
    lake = refresh_all(small)
    human = lake.require("human_evaluation").facts["human"]
    assert human["status"] == "reviewed", (human, lake.require("human_evaluation").rejected)
    assert human["defect"]["defective"] == 0
    assert lake.require("dataset_release").facts["status"] == "draft"
    assert [one["missing"] for one in human["gate"] if not one["holds"]] == [
        "about 47 more rated records, if no further defect is found"]
    gate = ReviewGate(max_defect_bound=0.5)
    lake = refresh_all(small.model_copy(update={"review": small.review.model_copy(update={"gate": gate})}))
    assert lake.require("dataset_release").facts["status"] == "reviewed"


def _is_gate(sheet: object, row: int, column: int) -> bool:
    """Whether a cell's drop-down offers yes and no."""
    for validation in sheet.data_validations.dataValidation:  # type: ignore[attr-defined]
        if "yes" in str(validation.formula1) and sheet.cell(row, column).coordinate in validation.sqref:  # type: ignore[attr-defined]
            return True
    return False


def test_a_lost_store_of_answers_changes_no_byte_of_the_report(tmp_path: Path) -> None:
    small_project(tmp_path)
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    before = lake.require("evaluation_report").data_version
    cost = _cost(Scope(settings, lake))
    assert {"grounded_question@1", "patient_question@1"} <= set(cost["by_recipe"])
    for what in ("requests", "prompt_tokens", "completion_tokens", "cost_usd"):
        assert sum(spent[what] for spent in cost["by_recipe"].values()) == cost[what]
    kept = lake.read("filtered_set", columns=["prompt_id"]).column(0).to_pylist()
    assert all(spent["accepted"] == kept.count(recipe) for recipe, spent in cost["by_recipe"].items())
    (lake.root / "model_answers.sqlite").unlink()
    lake.drop("evaluation_report", "")
    assert refresh_all(settings).require("evaluation_report").data_version == before


def test_a_report_or_release_that_went_missing_is_there_again(tmp_path: Path) -> None:
    import shutil

    small_project(tmp_path)
    settings = load_settings(tmp_path / "small.yaml")
    lake = refresh_all(settings)
    release = next((lake.root / "releases").iterdir())
    shutil.rmtree(lake.root / "report")
    shutil.rmtree(lake.root / "review")
    (release / "README.md").unlink()
    refresh_all(settings)
    assert (lake.root / "report" / "report.html").is_file()
    assert len(list((lake.root / "review").rglob("*.xlsx"))) == 2
    assert (release / "README.md").is_file()
