"""The itd command on a built project: what people and machines get to see, and the exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from itd_pipeline.cli import app
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.conftest import small_project

RUNNER = CliRunner()
COMMANDS = ("build", "status", "explain", "rejects", "sql", "sources", "config", "release", "docs", "ui", "policy")


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
    assert cited["quote"] == quote
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
    assert f"characters {cited['start']:,} to {cited['end']:,} of the passage" in shown.output
    assert not told["note"]


def test_explain_names_the_rule_that_turned_a_record_away(built: Path) -> None:
    rejected = as_json(built, "rejects", "--stage", "filtered_set", "--sample", "1")[0]
    told = as_json(built, "explain", rejected["row_id"])
    assert f"turned away at filtered_set: {rejected['reason']}" in told["fate"]
    assert "failed" in {outcome for *_, outcome in told["decisions"]}


def test_explain_knows_rows_that_never_became_records(built: Path) -> None:
    rejected = as_json(built, "rejects", "--reason", "no_answer", "--sample", "1")[0]
    told = as_json(built, "explain", rejected["row_id"])
    assert "turned away at raw_sources: no_answer" in told["fate"]
    assert told["record"]["row"]["file"] == "pairs.csv"
    assert "pairs.csv" in itd(built, "explain", rejected["row_id"]).output


def test_explain_shows_no_text_of_patients(built: Path) -> None:
    lake = Lake(load_settings(built / "small.yaml").lake_path)
    records = lake.read("synthetic_expansions", "notes").to_pylist()
    assert records
    told = as_json(built, "explain", records[0]["record_id"])
    assert {c["quote"] for e in told["evidence"] for c in e["cited"]} == {None}
    assert {e["title"] for e in told["evidence"]} == {None}
    assert "not shown: patient data" in itd(built, "explain", records[0]["record_id"]).output


def test_explain_names_the_reference_of_a_seed(built: Path) -> None:
    lake = Lake(load_settings(built / "small.yaml").lake_path)
    seed = next(r for r in lake.read("expert_seeds").to_pylist() if any(c["reference"] for c in r["citations"]))
    shown = re.sub(r"[│\s]+", " ", itd(built, "explain", seed["record_id"]).output)
    assert " ".join(seed["citations"][0]["reference"].split()) in shown


def test_explain_keeps_old_verdicts_apart_from_a_new_policy(built: Path, tmp_path: Path) -> None:
    rejected = as_json(built, "rejects", "--stage", "filtered_set", "--sample", "1")[0]
    policy = built / "policy.yaml"
    before = policy.read_text(encoding="utf-8")
    try:
        policy.write_text(before.replace("value: 0.5", "value: 0.9"), encoding="utf-8")
        assert policy.read_text(encoding="utf-8") != before
        told = as_json(built, "explain", rejected["row_id"])
    finally:
        policy.write_text(before, encoding="utf-8")
    assert "have changed since the last build; run itd build" in told["note"]
    then = {v["threshold"] for v in Lake(load_settings(built / "small.yaml").lake_path).read(
        "filtered_set", "", "verdicts").to_pylist() if v["record_id"] == rejected["row_id"]}
    assert {threshold for _, _, threshold, _ in told["decisions"]} == then


def test_rejected_rows_are_shown_as_lines(built: Path) -> None:
    shown = itd(built, "rejects", "--reason", "no_answer", "--sample", "1").output
    assert "stage: raw_sources\n" in shown
    assert "  file: pairs.csv\n" in shown


def test_status_says_where_things_lie(built: Path) -> None:
    told = as_json(built, "status")
    assert told["release"]["status"] == "draft"
    assert Path(told["release"]["folder"]).name == told["release"]["version"]
    assert Path(told["report"]).is_file()
    assert Path(told["review_sample"], "reviewer_1.xlsx").is_file()
    shown = itd(built, "status").output
    assert f"Release in force: {told['release']['version']} (draft)" in shown
    assert told["review_sample"] in shown


def test_status_of_an_empty_lake_names_the_profile_as_typed(project: Path) -> None:
    shown = itd(project, "status").output
    assert f"itd build --profile {project / 'small.yaml'}" in shown
    assert "Release in force" not in shown
    assert "Report:" not in shown


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


def test_everything_that_is_wrong_is_listed(project: Path) -> None:
    profile = project / "small.yaml"
    text = profile.read_text(encoding="utf-8")
    for old, new in (("text: answer", "text: reply"), ("documents/leaflets", "documents/nowhere"),
                     ("routes: [converted]", "routes: [converted, template]"), ("rubric.yaml", "rubrik.yaml"),
                     ("policy: policy.yaml", "policy: polizy.yaml"), ("[seeds]", "[seedz]")):
        assert old in text
        text = text.replace(old, new)
    profile.write_text(text, encoding="utf-8")
    done = itd(project, "config", "check", "--json")
    assert done.exit_code == 2
    told = json.loads(done.stdout)
    found = " ".join(p["problem"] for p in told["problems"])
    for expected in ("polizy.yaml", "rubrik.yaml", "seedz", "nowhere", "'reply'", "Source pairs: The route `template`"):
        assert expected in found, expected
    assert told["valid"] is False
    assert not (project / "data").exists()
    assert itd(project, "config", "check").exit_code == 2


def test_a_model_that_may_not_be_asked_is_a_warning(project: Path) -> None:
    profile = project / "small.yaml"
    text = profile.read_text(encoding="utf-8")
    changed = re.sub(r"model: \{.*\}\n", "model: {name: openai/gpt-4o-mini}\n", text)
    assert changed != text
    profile.write_text(changed, encoding="utf-8")
    done = itd(project, "config", "check")
    assert done.exit_code == 0
    assert "source notes has model_use: local_only" in done.output
    assert "source leaflets has" not in done.output
    assert "max_cost_usd is 0" in done.output


def test_many_problems_of_one_kind_are_summed_up() -> None:
    from itd_pipeline.commands.release import _summed_up

    lost = [f"record rec-{n:020} has no lineage." for n in range(8)]
    shown = _summed_up([*lost, "RELEASE.json is missing or not JSON."])
    assert shown == [*lost[:5], "... and 3 more", "RELEASE.json is missing or not JSON."]


def test_a_release_is_verified_and_a_changed_byte_is_named(built: Path, tmp_path: Path) -> None:
    import shutil

    folder = next((built / "data" / "lake" / "releases").iterdir())
    done = RUNNER.invoke(app, ["release", "verify", str(folder)])
    assert done.exit_code == 0
    assert "(draft)" in done.output
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
        (["sql", "SELECT * FROM nothing"], 2, "Tables: candidate_signals, cleaned_documents, cleaned_text"),
        (["sql", "SELEKT 1"], 2, "SELEKT"),
        (["rejects", "--stage", "nothing"], 2, "raw_sources, cleaned_text"),
        (["rejects", "--reason", "nothing"], 2, "no_answer"),
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
    words = {"config": ["config", "check"], "release": ["release", "verify"], "policy": ["policy", "try"]}.get(
        command, [command])
    text = re.sub(r"\s+", " ", RUNNER.invoke(app, [*words, "--help"]).output)
    assert "itd " + " ".join(words) in text
    assert "Example" in text
    assert "Exit codes" in text


def test_the_readme_names_every_command() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        if command != "docs":
            assert f"`itd {command}" in readme, command


def test_policy_explain_names_every_rule(built: Path) -> None:
    lake = Lake(load_settings(built / "small.yaml").lake_path)
    verdict = next(v for v in lake.read("filtered_set", name="verdicts").to_pylist()
                   if not v["passed"] and v["rule"] == "novel_instruction")
    told = as_json(built, "policy", "explain", verdict["record_id"])
    assert (told["outcome"], told["decided_by"]) == ("rejected", "novel_instruction")
    rule = next(r for r in told["rules"] if r["rule"] == "novel_instruction")
    assert (rule["outcome"], rule["version"], rule["threshold"]) == ("failed", 1, "reject if >= 0.7")
    assert itd(built, "policy", "explain", "nothing").exit_code == 3


def test_policy_rules_counts_hits(built: Path) -> None:
    rules = {rule["rule"]: rule for rule in as_json(built, "policy", "rules")}
    verdicts = as_json(built, "sql", "SELECT count(DISTINCT record_id) AS n FROM verdicts "
                       "WHERE rule = 'novel_instruction' AND NOT passed")
    assert rules["novel_instruction"]["hits"] == verdicts[0]["n"] > 0
    assert rules["novel_instruction"]["rate"] is None


def test_a_quarantined_record_is_accounted_for_and_reaches_the_review_sample(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(built, folder)
    policy = (folder / "policy.yaml").read_text(encoding="utf-8")
    rule = {"name": "few_words", "reason": "few_words", "signal": "output_words", "action": "quarantine",
            "keep_if": {"op": ">=", "value": 5_000}}
    content = {**yaml.safe_load(policy), "rules": [rule]}
    (folder / "policy.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    tried = as_json(folder, "policy", "try", str(folder / "policy.yaml"), "--in-force", str(built / "policy.yaml"))
    assert tried["outcomes"]["kept"][1] == 0
    content["rules"][0]["scope"] = {"routes": ["hybrid", "manual"]}
    (folder / "policy.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assert itd(folder, "build", "--select", "filtered_set+").exit_code == 0
    lake = Lake(load_settings(folder / "small.yaml").lake_path)
    manifest = lake.require("filtered_set")
    assert set(manifest.rejected) == {"quarantined", "returned_to_author"}
    assert manifest.units_in == manifest.rows_out + sum(manifest.rejected.values())
    aside = {row["row_id"] for row in lake.read("filtered_set", name="rejected").to_pylist()
             if row["reason"] == "quarantined"}
    drawn = {row["record_id"] for row in lake.read("review_sample").to_pylist() if row["stratum"] == "quarantined"}
    assert drawn
    assert drawn <= aside
    returned = [row for path in (folder / "data/lake/returned").glob("*.csv")
                for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))]
    assert len(returned) == manifest.rejected["returned_to_author"]
    assert all("few_words" in row["why"] and row["instruction"] for row in returned)
    listed = as_json(folder, "rejects", "--reason", "few_words", "--sample", "1000")
    assert {row["reason"] for row in listed} == {"quarantined", "returned_to_author"}
    assert len(listed) == sum(manifest.rejected.values())
    assert len(as_json(folder, "rejects", "--reason", "few_words", "--sample", "2")) == 2
    released = {row["record_id"] for row in lake.read("dataset_release").to_pylist()}
    assert not released & aside
