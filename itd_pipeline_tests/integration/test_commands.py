"""The itd command on a built project: what people and machines get to see, and the exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from itd_pipeline.cli import app
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.conftest import small_project

RUNNER = CliRunner()
COMMANDS = ("build", "status", "explain", "rejects", "sql", "sources", "config", "release", "docs", "ui")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project, built once through the command."""
    folder = tmp_path_factory.mktemp("built")
    small_project(folder, {"journal: journal.txt": f"journal: {folder / 'journal.txt'}"})
    done = RUNNER.invoke(app, ["build", "-p", str(folder / "small.yaml")])
    assert done.exit_code == 0, done.output
    assert "rows in = rows out + rejected" in done.output
    assert "no_answer 1" in done.output
    assert "Release (draft)" in done.output
    assert "itd ui" in done.output
    return folder


def itd(folder: Path, *words: str) -> Result:
    return RUNNER.invoke(app, [*words, "-p", str(folder / "small.yaml")])


def as_json(folder: Path, *words: str) -> Any:
    done = itd(folder, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_second_build_computes_nothing(built: Path) -> None:
    second = as_json(built, "build")
    assert second["recomputed"] is False
    assert {step["state"] for step in as_json(built, "status")["steps"]} == {"up to date"}


def test_the_funnel_balances(built: Path) -> None:
    for balance in as_json(built, "build")["funnel"]:
        assert balance["units_in"] == balance["rows_out"] + sum(balance["rejected"].values()), balance


def test_explain_follows_a_record_to_its_file(built: Path) -> None:
    lake = Lake(load_settings(built / "small.yaml").lake_path)
    record = next(r for r in lake.read("filtered_set").to_pylist() if r["route"] == "hybrid")
    told = as_json(built, "explain", record["record_id"])
    evidence = told["evidence"][0]
    document = next(d for d in lake.read("raw_sources", "leaflets").to_pylist()
                    if d["document_id"] == evidence["document_id"])
    passage = next(p for p in lake.read("cleaned_text", "leaflets").to_pylist()
                   if p["passage_id"] == evidence["passage_id"])
    cited = evidence["cited"][0]
    quote = record["citations"][0]["quote"]
    assert passage["text"][cited["start"]:cited["end"]] == quote
    assert quote.split()[0] in document["text"][evidence["passage_start"]:evidence["passage_end"]]
    assert evidence["origin"].endswith(".md")
    assert told["record"]["prompt_hash"]
    assert told["record"]["model"] == "fake/scripted"
    assert told["seeds"]
    assert "released in small-" in told["fate"]
    assert {outcome for *_, outcome in told["decisions"]} <= {"passed", "failed", "not applicable"}
    shown = itd(built, "explain", record["record_id"][:14])
    assert shown.exit_code == 0
    assert evidence["passage_id"] in shown.output


def test_explain_names_the_rule_that_turned_a_record_away(built: Path) -> None:
    rejected = as_json(built, "rejects", "--stage", "filtered_set", "--sample", "1")[0]
    told = as_json(built, "explain", rejected["row_id"])
    assert f"turned away at filtered_set: {rejected['reason']}" in told["fate"]
    assert "failed" in {outcome for *_, outcome in told["decisions"]}


def test_explain_knows_rows_that_never_became_records(built: Path) -> None:
    rejected = as_json(built, "rejects", "--reason", "no_answer", "--sample", "1")[0]
    told = as_json(built, "explain", rejected["row_id"])
    assert "turned away at raw_sources: no_answer" in told["fate"]


def test_sql_sees_every_table(built: Path) -> None:
    names = {row["table"] for row in as_json(built, "sql")}
    assert {"raw_sources", "cleaned_text", "expert_seeds", "synthetic_expansions", "candidate_signals", "verdicts",
            "filtered_set", "review_sample", "human_evaluation", "evaluation_report", "dataset_release",
            "rejected"} <= names
    assert as_json(built, "sql", "SELECT count(*) AS n FROM raw_sources") == [{"n": 9}]


def test_sources_and_readers_are_listed(built: Path) -> None:
    assert {s["source"]: s["documents"] for s in as_json(built, "sources")} == {"leaflets": 3, "pairs": 4, "notes": 2}
    assert {"hpo", "medquad", "csv"} <= {r["reader"] for r in as_json(built, "sources", "--readers")}


def test_a_valid_profile_is_called_valid(built: Path) -> None:
    done = itd(built, "config", "check")
    assert done.exit_code == 0
    assert "is valid" in done.output


def test_a_release_is_verified_and_a_changed_byte_is_named(built: Path, tmp_path: Path) -> None:
    import shutil

    folder = next((built / "data" / "lake" / "releases").iterdir())
    assert RUNNER.invoke(app, ["release", "verify", str(folder)]).exit_code == 0
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    with (copy / "lineage.parquet").open("r+b") as file:
        file.seek(40)
        byte = file.read(1)
        file.seek(40)
        file.write(bytes([byte[0] ^ 1]))
    done = RUNNER.invoke(app, ["release", "verify", str(copy)])
    assert done.exit_code == 1
    assert "lineage.parquet" in done.output


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["build", "-p", "nowhere.yaml"], 2, "no profile"),
        (["build", "--source", "nothing"], 2, "Its sources: leaflets, pairs, notes"),
        (["build", "--select", "nothing"], 2, "raw_sources"),
        (["explain", "rec-none"], 3, "No record"),
        (["sql", "SELECT * FROM nothing"], 1, "nothing"),
        (["release", "verify", "nowhere"], 3, "no folder"),
    ],
)
def test_mistakes_have_their_exit_code_and_a_remedy(built: Path, words: list[str], code: int, says: str) -> None:
    profile = [] if "-p" in words or words[0] == "release" else ["-p", str(built / "small.yaml")]
    done = RUNNER.invoke(app, [*words, *profile])
    assert done.exit_code == code, done.output
    assert says in done.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_and_exit_codes(command: str) -> None:
    words = {"config": ["config", "check"], "release": ["release", "verify"]}.get(command, [command])
    text = re.sub(r"\s+", " ", RUNNER.invoke(app, [*words, "--help"]).output)
    assert "itd " + " ".join(words) in text
    assert "Example" in text
    assert "Exit codes" in text


def test_the_readme_names_every_command() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        if command != "docs":
            assert f"`itd {command}" in readme, command
