"""A seed is recalled with all that grew from it; what was answered in the application reaches report and release."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from itd_pipeline.cli import app
from itd_pipeline.commands.review import _counted_apart
from itd_pipeline.pipeline.forget import carry_out, find
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.review_round import open_round, store_path
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.release import verify_release
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
def project_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    build(load_settings(small_project(folder)))
    return folder


@pytest.fixture
def built(project_once: Path, tmp_path: Path) -> tuple[Settings, Lake]:
    """A copy of a built project: tests run in any order."""
    shutil.copytree(project_once, tmp_path / "project")
    settings = load_settings(tmp_path / "project" / "small.yaml")
    return settings, Lake(settings.lake_path)


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


def judged_by_two(settings: Settings, lake: Lake) -> None:
    """Owl finds a defect in every record, fox in none."""
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


def test_answers_of_the_application_flow_into_the_evaluation(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    rubric = load_rubric(RUBRIC)
    bad = check_answer({**GOOD, "decision": "accept", "supported_by_evidence": "yes"}, rubric).values
    judged_by_two(settings, lake)
    with Store(store_path(settings)) as store:
        record = lake.read("review_sample").column("record_id")[0].as_py()
        save_opinion(store, "elk", record, 0, bad, rubric.version)
    profile = ("--profile", str(settings.root / "small.yaml"))
    before = lake.require("human_evaluation")
    told = CliRunner().invoke(app, ["review", "gate", *profile, "--json"])
    assert told.exit_code == 0, told.output
    now = json.loads(told.stdout)["conditions"]
    assert lake.require("human_evaluation") == before  # counting writes nothing
    assert _counted_apart(profile[1]) == now  # as the lead's page does
    with pytest.raises(RuntimeError, match="profile"):
        _counted_apart("nowhere.yaml")
    assert "still missing" in CliRunner().invoke(app, ["review", "gate", *profile]).stdout
    build(settings)
    assert lake.require("human_evaluation").facts["human"]["gate"] == now
    ratings = lake.read("human_evaluation")
    assert ratings.num_rows == lake.read("review_sample").num_rows
    assert set(ratings.column("origin").to_pylist()) == {"review application"}
    decided = json.loads(lake.read_bytes("human_evaluation", "", "third_opinions.json"))
    assert {r: d["status"] for r, d in decided.items()} == {record: "accepted"}
    human = lake.require("human_evaluation").facts["human"]
    assert human["status"] != "not reviewed"
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


def test_a_correction_of_the_third_stands_in_the_release_in_place_of_its_original(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    rubric = load_rubric(RUBRIC)
    kept = {row["record_id"]: row for row in lake.read("filtered_set").to_pylist() if not row["patient_data"]}
    sampled = lake.read("review_sample").column("record_id").to_pylist()
    record = next(r for r in sorted(sampled, reverse=True) if r in kept and not kept[r]["options"])
    words = "Rest, drink enough, and ask your own practice for help if you feel worse."
    mended = check_answer({**GOOD, "decision": "correct", "correction": words}, rubric).values
    judged_by_two(settings, lake)
    with Store(store_path(settings)) as store:
        save_opinion(store, "elk", record, 0, mended, rubric.version)
    build(settings)
    (held,) = lake.read("dataset_release", "", "corrections").to_pylist()
    assert (held["corrects"], held["original_output"], held["corrected_output"]) == (
        record, kept[record]["output"], words)
    assert (held["basis"], held["decided_by"], held["rubric_versions"]) == ("third opinion", ["elk"], [rubric.version])
    version = lake.require("dataset_release").facts["version"]
    folder = lake.root / "releases" / version
    assert verify_release(folder) == []
    explained = CliRunner().invoke(app, ["explain", held["record_id"], "--profile", str(settings.root / "small.yaml"),
                                         "--json"])
    told = json.loads(explained.stdout)
    assert (told["record"]["output"], told["correction"]["corrects"]) == (words, record)
    assert told["fate"].startswith(f"released in {version}")
    was = CliRunner().invoke(app, ["explain", record, "--profile", str(settings.root / "small.yaml")])
    assert "replaced_by_correction" in was.stdout
    older = next(p for p in (lake.root / "releases").iterdir() if (p / "RELEASE.json").is_file() and p != folder
                 and record in {r["record_id"] for r in pq.read_table(p / "lineage.parquet").to_pylist()})
    diff = CliRunner().invoke(app, ["release", "diff", str(older), str(folder)])
    assert "1 of them were corrected by experts" in diff.stdout
    measured = {(r["metric"], r["group"]): r["value"] for r in lake.read("evaluation_report").to_pylist()}
    assert measured["corrections_stand", ""] == 1
    assert build(settings).require("dataset_release").facts["version"] == version


def test_a_profile_that_requires_a_review_publishes_no_draft(built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    before = {path.name for path in (lake.root / "releases").iterdir()}
    (check,) = [one for one in verify(STAGES["dataset_release"], STAGES, Scope(settings, lake))
                if one.check == "human_evaluation"]
    assert not check.held
    assert check.sentence.startswith("Draft. ")
    assert lake.passed("dataset_release", "")  # a warning
    plan = CliRunner().invoke(app, ["review", "plan", "--profile", str(settings.root / "small.yaml")])
    assert "no defect in 59 records shows at most 5 %; no defect in 299 records shows at most 1 %" in " ".join(
        plan.output.split())
    assert "hours at 2 minutes each" in " ".join(plan.output.split())
    profile = settings.root / "strict.yaml"
    text = (settings.root / "small.yaml").read_text(encoding="utf-8")
    profile.write_text(text + "release: {require_review: true}\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["build", "--profile", str(profile)])
    assert done.exit_code == 1, done.output
    assert "dataset_release, human_evaluation: Draft. " in " ".join(done.output.split())
    assert "missing:" in done.output
    assert {path.name for path in (lake.root / "releases").iterdir()} == before
    assert not lake.passed("dataset_release", "")
    build(settings)


def ancestry(lake: Lake, seed: str) -> set[str]:
    """The seed and what grew from it, by the names that rows give, one row after the other."""
    named = [(row["record_id"], {*row["seed_ids"], *row["parent_ids"]}) for name in lake.partitions(
        "synthetic_expansions") for row in lake.read("synthetic_expansions", name).to_pylist()]
    for folder in (p for p in (lake.root / "releases").iterdir() if p.is_dir()):
        named += [(row["record_id"], {*row["seed_ids"], *row["parent_ids"]}) for path in folder.glob("data/*.parquet")
                  for row in pq.read_table(path).to_pylist()]
    found, before = {seed}, 0
    while len(found) > before:
        before = len(found)
        found |= {record for record, names in named if names & found}
    return found


def ids_of(lake: Lake) -> dict[tuple[str, str], set[str]]:
    """(stage, partition) -> ids of its rows, for the stages whose rows are records."""
    return {(stage, name): set(lake.read(stage, name).column("record_id").to_pylist())
            for stage in ("expert_seeds", "synthetic_expansions", "candidate_signals", "filtered_set")
            for name in (lake.partitions(stage) if STAGES[stage].partitioned else [""])}


def test_exactly_what_grew_from_a_recalled_seed_goes_at_every_stage_and_in_every_release(
        built: tuple[Settings, Lake]) -> None:
    settings, lake = built
    judged_by_two(settings, lake)
    build(settings)  # a second release
    releases = lake.root / "releases"
    grown = [row for name in lake.partitions("synthetic_expansions")
             for row in lake.read("synthetic_expansions", name).to_pylist() if row["seed_ids"]]
    seed = grown[0]["seed_ids"][0]
    holds = sorted(p for p in releases.iterdir() if (p / "RELEASE.json").is_file())
    assert len(holds) >= 2
    # A release that holds a record evolved from a descendant, and one that holds nothing of the seed.
    newest = releases / lake.require("dataset_release").facts["version"]
    shutil.copytree(newest, releases / "small-evolved")
    shutil.copytree(newest, releases / "small-other")
    lineage = pq.read_table(newest / "lineage.parquet")
    child = next(row["record_id"] for row in grown if seed in row["seed_ids"])
    for folder, kept in (("small-evolved", ["evolved"]), ("small-other", ["other"])):
        row = {**lineage.to_pylist()[0], "record_id": kept[0], "seed_ids": [], "corrects": None}
        pq.write_table(pa.Table.from_pylist([row], lineage.schema), releases / folder / "lineage.parquet")
        for path in (releases / folder).glob("data/*.parquet"):
            table = pq.read_table(path)
            made = {**table.to_pylist()[0], "record_id": kept[0], "seed_ids": [],
                    "parent_ids": [child] if folder == "small-evolved" else []}
            pq.write_table(pa.Table.from_pylist([made], table.schema), path)
    family = ancestry(lake, seed)
    assert {seed, child, "evolved"} < family
    assert "other" not in family

    removal = find(settings, lake, "seed", seed)
    assert {hit.stage for hit in removal.hits} >= {"expert_seeds", "synthetic_expansions", "candidate_signals",
                                                   "filtered_set", "review_sample", "dataset_release"}
    before = ids_of(lake)
    for hit in removal.hits:
        if (hit.stage, hit.partition) in before:
            assert hit.rows == len(before[hit.stage, hit.partition] & family), hit
    expected = {p.name: len({row["record_id"] for row in pq.read_table(p / "lineage.parquet").to_pylist()
                             if row["record_id"] in family or row["corrects"] in family or seed in row["seed_ids"]})
                for p in (*holds, releases / "small-evolved")}
    assert removal.releases == {name: count for name, count in expected.items() if count}
    assert removal.releases["small-evolved"] == 1

    carry_out(settings, lake, removal, "2026-01-02", "outdated")
    for path in lake.root.rglob("*.parquet"):
        if "small-other" not in path.parts:
            text = json.dumps(pq.ParquetFile(path).read().to_pylist(), default=str)
            assert not [one for one in family - {"evolved"} if one in text], path
    assert {p.name for p in releases.iterdir() if p.is_dir()} == {"small-other"} | {
        p.name for p in holds if p.name not in removal.releases}

    build(settings)
    after = ids_of(lake)
    for place, ids in before.items():
        gone = ids - after[place]
        if place[0] == "filtered_set":  # what is in the family goes; another twin may stand in for it
            assert gone & family == ids & family
        else:
            assert gone == ids & family, place
        assert not after[place] & family
    assert not {row["record_id"] for row in lake.read("dataset_release").to_pylist()} & family
    shutil.rmtree(releases / "small-other")


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
    assert not [p.name for p in (lake.root / "releases").iterdir() if p.name in plan["releases"]]
    again = build(settings)
    assert seed not in again.read("expert_seeds").column("record_id").to_pylist()
    assert again.require("expert_seeds").rejected["recalled"] == 1
    for name in again.partitions("synthetic_expansions"):
        for row in again.read("synthetic_expansions", name).to_pylist():
            assert seed not in row["seed_ids"]
            assert row["record_id"] not in descendants
    unknown = CliRunner().invoke(app, ["seeds", "recall", "nobody", *profile, "--yes"])
    assert unknown.exit_code == 2
