"""A judge over the wire: what it is asked, what a second build and a changed rubric ask, and what a provider that fails
leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from itd_pipeline.errors import ConfigError
from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import Outcome, blocks, verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.quality.watch import MISSING
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline_tests.conftest import small_project

JUDGE = ("signals: {{judge: {{rubric: {{{rubric}}}, model: {{name: openai/judge, api_base: '{address}', retries: 0, "
         "max_cost_usd: 1.0}}}}}}\n")


def build(profile: Path) -> tuple[Manifest, dict[str, Outcome], Lake]:
    """Everything up to the signals, and the checks of the signals."""
    settings = load_settings(profile)
    lake = Lake(settings.lake_path)
    for name in ("raw_sources", "cleaned_text", "expert_seeds", "synthetic_expansions", "candidate_signals"):
        stage = STAGES[name]
        for partition in settings.sources if stage.partitioned else ("",):
            scope = Scope(settings, lake, partition, "a-build")
            done = refresh(stage, STAGES, scope)
            outcomes = verify(stage, STAGES, scope)
            assert all(outcome.held or not blocks(stage, outcome.check, settings) for outcome in outcomes), name
    return done.manifest, {outcome.check: outcome for outcome in outcomes}, lake


def questions(lake: Lake) -> list[dict[str, object]]:
    """What makes a question to the judge, of every candidate: records that are alike are asked about once."""
    columns = ["instruction", "input", "output", "passage_ids"]
    return [row for table in (*(lake.read("synthetic_expansions", name, columns=columns)
                                for name in ("leaflets", "notes", "pairs")),
                              lake.read("expert_seeds", columns=columns)) for row in table.to_pylist()]


def with_judge(folder: Path, address: str, rubric: str = "accuracy: All of it is true.") -> Path:
    """The small project with a judge; the same project with another judge where it is there."""
    profile = folder / "small.yaml"
    plain = folder / "plain.yaml"
    if not plain.is_file():
        small_project(folder)
        plain.write_text(profile.read_text(encoding="utf-8"), encoding="utf-8")
    profile.write_text(plain.read_text(encoding="utf-8") + JUDGE.format(rubric=rubric, address=address),
                       encoding="utf-8")
    return profile


def test_both_orders_are_asked_once_and_a_new_rubric_asks_the_judge_alone(tmp_path: Path) -> None:
    bodies: list[bytes] = []
    with running(Behaviour(), recorded=bodies.append) as (address, server):
        manifest, outcomes, lake = build(with_judge(tmp_path, address))
        candidates = lake.read("candidate_signals").num_rows
        told = manifest.facts["judge"]
        assert told == {"judged": candidates}
        once = server.stats()["requests"]
        assert once == len(set(bodies)) == 2 * len({tuple(map(str, row.values())) for row in questions(lake)})
        asked = [json.loads(body)["messages"][1]["content"] for body in bodies]
        answer_first = [text.index("<answer>") < text.index("<evidence>") for text in asked]
        assert answer_first.count(True) == answer_first.count(False)
        assert outcomes[MISSING].held

        build(tmp_path / "small.yaml")
        assert server.stats()["requests"] == once  # nothing is asked, nothing is paid twice

        journal = (tmp_path / "journal.txt").read_text(encoding="utf-8")
        manifest, _, _ = build(with_judge(tmp_path, address, "safety: It harms nobody."))
        assert server.stats()["requests"] == 2 * once
        assert (tmp_path / "journal.txt").read_text(encoding="utf-8") == journal  # the generator was not asked
        measured = manifest.facts["records_measured"]
        assert {name for name, count in measured.items() if count} == {"judge"}

        build(with_judge(tmp_path, address))
        assert server.stats()["requests"] == 2 * once  # the first rubric's answers are stored


def test_a_provider_that_fails_leaves_no_zero_and_is_asked_again_for_those_alone(tmp_path: Path) -> None:
    with running(Behaviour(server_error=0.3, seed=3)) as (address, server):
        manifest, outcomes, lake = build(with_judge(tmp_path, address))
        rows = lake.read("candidate_signals").select(["judge_status", "judge_score"]).to_pylist()
        missing = [row for row in rows if row["judge_status"] == "unanswered"]
        assert 0 < len(missing) < len(rows)
        assert all(row["judge_score"] is None for row in missing)
        assert all(row["judge_score"] >= 1 for row in rows if row not in missing)
        assert manifest.facts["judge"] == {"judged": len(rows) - len(missing), "unanswered": len(missing)}
        assert not outcomes[MISSING].held
        assert f"{len(missing)} of {len(rows)}" in outcomes[MISSING].sentence
        before, failed = server.stats()["requests"], server.stats()["kinds"]["server_error"]
        again, _, _ = build(tmp_path / "small.yaml")
        assert server.stats()["requests"] == before + failed  # what failed, and nothing else
        assert server.stats()["answered_again"] == 0
        assert again.facts["records_measured"]["judge"] == len(missing)


def test_a_judge_of_the_generators_family_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    small_project(tmp_path, {"name: fake/scripted, options: {journal: journal.txt}": "name: openai/gpt-4o"})
    profile = tmp_path / "small.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(f"{text}signals: {{judge: {{model: {{name: azure/gpt-5}}}}}}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"one family \(openai\).*allow_own_family: true"):
        load_settings(profile)
    profile.write_text(f"{text}signals: {{judge: {{allow_own_family: true, model: {{name: azure/gpt-5}}}}}}\n",
                       encoding="utf-8")
    assert load_settings(profile).signals.judge is not None
