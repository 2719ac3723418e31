"""A seed is recalled with all that grew from it; what was answered in the application reaches report and release."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from itd_pipeline.cli import app
from itd_pipeline.commands.review import _counted_apart
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.review_round import open_round, store_path
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review.sheet import answers as asked
from itd_pipeline.review_store import Store
from itd_pipeline.review_store import tasks as kept_tasks
from itd_pipeline.review_store.answers import save_answer, save_opinion
from itd_pipeline.review_store.people import Person, add_person
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.conftest import small_project
from itd_pipeline_tests.review_world import GOOD, RUBRIC


def build(settings: Settings) -> Lake:
    lake = Lake(settings.lake_path)
    for stage in STAGES.values():
        for partition in settings.sources if stage.partitioned else ("",):
            scope = Scope(settings, lake, partition)
            refresh(stage, STAGES, scope)
            outcomes = list(verify(stage, STAGES, scope))
            assert lake.passed(stage.name, partition), [outcome for outcome in outcomes if not outcome.held]
    return lake


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Lake]:
    """One build for both tests: the first adds answers, the second takes a seed out."""
    folder = tmp_path_factory.mktemp("project")
    settings = load_settings(small_project(folder))
    return settings, build(settings)


def filled(sheet: bytes, answers: dict[int, dict[str, str]], pseudonym: str, target: Path) -> None:
    """A spreadsheet as a reviewer sends it back: position -> answer id -> text."""
    book = load_workbook(io.BytesIO(sheet))
    book["Read me"]["B2"] = pseudonym
    ws = book["Records"]
    column = {cell.value: cell.column for cell in ws[1]}
    labels = {one.id: one.label for one in asked(load_rubric(RUBRIC))}
    for position, answer in answers.items():
        for name, value in answer.items():
            ws.cell(row=position + 1, column=column[labels[name]], value=value)
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def test_a_dispute_in_spreadsheets_is_settled_in_a_spreadsheet(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    stage = STAGES["human_evaluation"]

    def evaluated() -> dict[str, Any]:
        scope = Scope(settings, lake)
        refresh(stage, STAGES, scope)
        verify(stage, STAGES, scope)
        assert lake.passed(stage.name)
        return dict(lake.require(stage.name).facts["human"])

    rubric = load_rubric(RUBRIC)
    good = check_answer({**GOOD, "decision": "accept", "supported_by_evidence": "yes"}, rubric).values
    bad = check_answer({**good, "decision": "reject", "medically_correct": "no"}, rubric).values
    given = lake.root / "review" / str(lake.require("review_sample").facts["sample_id"])
    back = settings.resolve(settings.review.returned)
    first = lake.read("review_sample").to_pylist()[0]["record_id"]
    for slot, answer in (("reviewer_1", good), ("reviewer_2", bad)):
        at = next(row["position"] for row in lake.read("review_sample").to_pylist()
                  if (row["record_id"], row["reviewer"]) == (first, slot))
        filled((given / f"{slot}.xlsx").read_bytes(), {at: answer}, slot.replace("_", "-"), back / f"{slot}.xlsx")
    before = evaluated()
    assert (before["defect"]["defective"], before["adjudication"]["waiting"]) == (1, 1)
    (sheet,) = given.glob("third-opinions-*.xlsx")
    shown = [str(cell.value) for cell in load_workbook(sheet)["Records"][2]]
    assert any("Judgement 2." in text for text in shown)
    filled(sheet.read_bytes(), {1: good}, "elk", back / sheet.name)
    after = evaluated()
    assert (after["defect"]["defective"], after["adjudication"]["defects_overruled"]) == (0, 1)
    assert after["statuses"]["accepted"] == 1
    assert after["agreement"] == before["agreement"]
    for file in back.glob("*.xlsx"):
        file.unlink()


def test_answers_of_the_application_flow_into_the_evaluation(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    rubric = load_rubric(RUBRIC)
    good = check_answer(GOOD, rubric).values
    bad = check_answer({**GOOD, "decision": "accept", "supported_by_evidence": "yes"}, rubric).values
    with Store(store_path(settings)) as store:
        for who in ("owl", "fox"):
            add_person(store, Person(who, ("reviewer",)))
        assert open_round(settings, lake, store) > 0
        assert open_round(settings, lake, store) == 0
        for who, answer in (("owl", good), ("fox", bad)):
            while (position := kept_tasks.next_position(store, who)) is not None:
                task = kept_tasks.task_at(store, who, position)
                assert task is not None
                save_answer(store, who, task["task_id"], 0, answer, 5.0, rubric.version)
        record = lake.read("review_sample").column("record_id")[0].as_py()
        save_opinion(store, "elk", record, 0, bad, rubric.version)
    profile = ("--profile", str(settings.root / "small.yaml"))
    told = CliRunner().invoke(app, ["review", "gate", *profile, "--json"])
    assert told.exit_code == 0, told.output
    now = json.loads(told.stdout)["conditions"]
    assert lake.require("human_evaluation").facts["human"]["status"] == "not reviewed"  # counting writes nothing
    assert _counted_apart(profile[1]) == now  # as the lead's page does
    with pytest.raises(RuntimeError, match="profile"):
        _counted_apart("nowhere.yaml")
    assert "still missing" in CliRunner().invoke(app, ["review", "gate", *profile]).stdout
    build(settings)
    assert lake.require("human_evaluation").facts["human"]["gate"] == now
    ratings = lake.read("human_evaluation")
    assert ratings.num_rows == lake.read("review_sample").num_rows
    assert set(ratings.column("origin").to_pylist()) == {"review application"}
    assert lake.require("human_evaluation").facts["human"]["status"] != "not reviewed"
    decided = json.loads(lake.read_bytes("human_evaluation", "", "third_opinions.json"))
    assert {r: d["status"] for r, d in decided.items()} == {record: "accepted"}
    human = lake.require("human_evaluation").facts["human"]
    assert human["adjudication"]["settled"] == 1
    assert human["adjudication"]["outcomes"]["accepted"] == 1
    assert human["defect"]["defective"] == human["records_rated"] - 1
    profile = ("--profile", str(settings.root / "small.yaml"))
    suggested = CliRunner().invoke(app, ["policy", "suggest", *profile, "--json"])
    assert suggested.exit_code == 0, suggested.output
    assert json.loads(suggested.stdout)["judged"] == human["records_rated"]
    assert "at least 30 and 5 are needed" in json.loads(suggested.stdout)["why"]
    assert "No suggestion" in CliRunner().invoke(app, ["policy", "suggest", *profile]).stdout
    judge = CliRunner().invoke(app, ["policy", "judge", *profile, "--json"])
    assert judge.exit_code != 0
    assert "names no judge" in json.loads(judge.stdout)["problem"]
    version = lake.require("human_evaluation").data_version
    build(settings)
    assert lake.require("human_evaluation").data_version == version


def test_a_recalled_seed_goes_with_its_descendants_and_stays_away(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    grown = [row for name in lake.partitions("synthetic_expansions")
             for row in lake.read("synthetic_expansions", name).to_pylist() if row["seed_ids"]]
    seed = grown[0]["seed_ids"][0]
    descendants = {row["record_id"] for row in grown if seed in row["seed_ids"]}
    profile = ("--profile", str(settings.root / "small.yaml"))
    told = CliRunner().invoke(app, ["seeds", "recall", seed, *profile, "--dry-run", "--json"])
    assert told.exit_code == 0, told.output
    plan = json.loads(told.stdout)
    rows = {(hit["stage"], hit["partition"]): hit["rows"] for hit in plan["rows"]}
    assert rows["expert_seeds", ""] == 1
    assert sum(n for (stage, _), n in rows.items() if stage == "synthetic_expansions") == len(descendants)
    assert plan["releases"]
    done = CliRunner().invoke(app, ["seeds", "recall", seed, *profile, "--yes", "--json"])
    assert done.exit_code == 0, done.output
    assert [p.name for p in (lake.root / "releases").iterdir()] == ["withdrawn.jsonl"]
    again = build(settings)
    assert seed not in again.read("expert_seeds").column("record_id").to_pylist()
    assert again.require("expert_seeds").rejected["recalled"] == 1
    for name in again.partitions("synthetic_expansions"):
        for row in again.read("synthetic_expansions", name).to_pylist():
            assert seed not in row["seed_ids"]
            assert row["record_id"] not in descendants
    unknown = CliRunner().invoke(app, ["seeds", "recall", "nobody", *profile, "--yes"])
    assert unknown.exit_code == 2
