"""The verdict on the judge: an input of the policy, read from beside the answers."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.judge_verdict import (
    judge_checks,
    judge_identity,
    judge_use,
    policy_in_force,
    rules_held_back,
    verdict_digest,
    verdict_path,
    write_verdict,
)
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.conftest import small_project

FACTS: dict[str, Any] = {"used": True, "why": "the judge agrees", "overall": {"records": 40}, "axes": {}, "scored": 50}
RULE = {"name": "judged_well", "reason": "low_judge_score", "signal": "judge_score",
        "keep_if": {"op": ">=", "value": 3}}


def project(folder: Path, judge: bool = True) -> Settings:
    """A project with a rule on the judge, and a judge."""
    profile = Path(small_project(folder))
    content = yaml.safe_load(profile.read_text(encoding="utf-8"))
    (folder / "judged.yaml").write_text(yaml.safe_dump({"version": "1", "rules": [RULE]}), encoding="utf-8")
    content["policy"] = str(folder / "judged.yaml")
    if judge:
        content.setdefault("signals", {})["judge"] = {"model": {"name": "local/smollm2-135m-instruct"}}
    profile.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_settings(str(profile))


def test_without_a_calibration_the_rule_warns(tmp_path: Path) -> None:
    settings = project(tmp_path)
    assert judge_use(settings).why == "the judge has not been calibrated against experts"
    assert rules_held_back(settings) == ("judged_well",)
    assert policy_in_force(settings).rules[0].action == "warn"
    assert verdict_digest(settings) == {}


def test_the_verdict_in_force_decides_and_changes_the_digest(tmp_path: Path) -> None:
    settings = project(tmp_path)
    write_verdict(settings, FACTS)
    assert policy_in_force(settings).rules[0].action == "reject"
    assert rules_held_back(settings) == ()
    first, lake = verdict_digest(settings), Lake(settings.lake_path)
    of_the_stage = STAGES["filtered_set"].outside(Scope(settings, lake))
    write_verdict(settings, {**FACTS, "used": False, "why": "the judge agrees less"})
    assert policy_in_force(settings).rules[0].action == "warn"
    assert verdict_digest(settings) != first
    assert STAGES["filtered_set"].outside(Scope(settings, lake)) != of_the_stage


def test_the_verdict_on_another_judge_counts_for_nothing(tmp_path: Path) -> None:
    settings = project(tmp_path)
    path = write_verdict(settings, FACTS)
    path.write_text(json.dumps({**FACTS, "judge": "another/1/0000"}), encoding="utf-8")
    assert not judge_use(settings).used
    assert "another judge" in judge_use(settings).why


def test_a_damaged_verdict_is_named(tmp_path: Path) -> None:
    settings = project(tmp_path)
    path = verdict_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"judge": judge_identity(settings), "used": "yes", "why": ""}), encoding="utf-8")
    with pytest.raises(ConfigError, match="not readable as the verdict"):
        judge_use(settings)


def test_without_a_judge_nothing_is_read(tmp_path: Path) -> None:
    settings = project(tmp_path, judge=False)
    assert judge_identity(settings) == ""
    assert judge_use(settings).why == "no judge is set"


@pytest.mark.parametrize(("in_force", "latest", "held", "says"), [
    (True, True, True, "is used"),
    (True, False, False, "do not bear it out"),
    (False, True, False, "would allow it"),
    (False, False, False, "only warn"),
    (None, None, False, "not been calibrated"),
])
def test_the_check_compares_the_verdict_in_force_with_the_latest_ratings(
    tmp_path: Path, in_force: bool | None, latest: bool | None, held: bool, says: str,
) -> None:
    settings = project(tmp_path)
    if in_force is not None:
        write_verdict(settings, {**FACTS, "used": in_force, "why": "as it was"})
    human = {} if latest is None else {"judge": {**FACTS, "used": latest, "why": "as it is"}}
    lake: Any = SimpleNamespace(require=lambda stage: SimpleNamespace(facts={"human": human}))
    ((check, found, sentence, numbers),) = judge_checks(Scope(settings, lake))
    assert (check, found) == ("judge_calibrated", held)
    assert says in sentence
    assert numbers["rules_held_back"] == (0 if in_force else 1)


def test_without_a_judge_the_check_holds(tmp_path: Path) -> None:
    lake: Any = SimpleNamespace(require=lambda stage: SimpleNamespace(facts={"human": {}}))
    assert judge_checks(Scope(project(tmp_path, judge=False), lake))[0][1]
