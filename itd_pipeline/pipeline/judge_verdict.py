"""The verdict on the automatic judge: kept beside the answers of reviewers, read as an input of the policy.

Sampling, review and calibration come after the policy. So the policy does not read the calibration of the same build,
but the last one that a person has put in force (`itd policy judge --write`): a file outside of the lake, whose digest
decides with the policy's own whether the filtered set is computed anew. The same inputs give the same bytes, and a
verdict never changes the sample that it was drawn from behind anybody's back.

Belongs here: that file, and the policy that it leaves in force. Does not belong here: the calibration (`evaluation/`),
what becomes of rules (`policy/judge_use.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.policy import JudgeUse, Policy, held_back, load_policy, with_judge
from itd_pipeline.ports import canonical_json
from itd_pipeline.settings import Settings
from itd_pipeline.signals.judge import RUBRIC, VERSION
from itd_pipeline.storage.lake import write_atomically

FILE = "judge_calibration.json"
STAGE = "human_evaluation"
CHECK = "judge_calibrated"
DESCRIPTIONS = {CHECK: "Rules of the policy on the judge rest on a calibration that the latest ratings bear out."}
_NUMBERS = ("overall", "axes", "axes_not_asked", "scored")


def verdict_path(settings: Settings) -> Path:
    """Where the verdict in force is kept."""
    return settings.resolve(settings.review.returned) / FILE


def judge_identity(settings: Settings) -> str:
    """Name of the judge, version of its prompts and hash of its rubric; empty where the profile names none."""
    wanted = settings.signals.judge
    if wanted is None:
        return ""
    rubric = canonical_json(dict(wanted.rubric) or dict(RUBRIC))
    return f"{wanted.model.name}/{VERSION}/{hashlib.sha256(rubric.encode()).hexdigest()[:16]}"


def judge_use(settings: Settings) -> JudgeUse:
    """Whether the judge of the profile counts, by the verdict in force.

    Raises:
        ConfigError: the file is not one that `itd policy judge --write` wrote.
    """
    identity, path = judge_identity(settings), verdict_path(settings)
    if not identity:
        return JudgeUse(False, "no judge is set")
    if not path.is_file():
        return JudgeUse(False, "the judge has not been calibrated against experts")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        judge, used, why = str(held["judge"]), held["used"], str(held["why"])
        if not isinstance(used, bool):
            raise TypeError
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is not readable as the verdict on a judge.",
                          "Remove it, and write it anew with `itd policy judge --write`.") from error
    if judge != identity:
        return JudgeUse(False, "the calibration in force is of another judge or rubric")
    return JudgeUse(used, why)


def write_verdict(settings: Settings, facts: Mapping[str, Any]) -> Path:
    """Put the calibration of the latest evaluation in force.

    Args:
        facts: `judge` of the facts of `human_evaluation`.
    """
    content = {"judge": judge_identity(settings), "used": facts["used"], "why": facts["why"],
               **{name: facts[name] for name in _NUMBERS if name in facts}}
    path = verdict_path(settings)
    write_atomically(path, (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode())
    return path


def verdict_digest(settings: Settings) -> Mapping[str, str]:
    """Digest of the verdict in force; nothing where the profile names no judge or none is kept."""
    path = verdict_path(settings)
    return files_digest({"judge_calibration": path}) if judge_identity(settings) and path.is_file() else {}


def policy_in_force(settings: Settings, path: Path | None = None) -> Policy:
    """A policy, by default the profile's, with the judge's rules as the verdict leaves them."""
    return with_judge(load_policy(path or settings.resolve(settings.policy)), judge_use(settings))


def rules_held_back(settings: Settings) -> tuple[str, ...]:
    """Names of the policy's rules that only warn because the judge is not used."""
    return held_back(load_policy(settings.resolve(settings.policy)), judge_use(settings))


def judge_checks(scope: Scope) -> list[tuple[str, bool, str, dict[str, int]]]:
    """(check, held, sentence, numbers): whether the verdict in force is that of the latest ratings."""
    settings = scope.settings
    latest = scope.lake.require(STAGE).facts["human"].get("judge") or {}
    use, waiting = judge_use(settings), rules_held_back(settings)
    numbers = {"rules_held_back": len(waiting), "records_compared": latest.get("overall", {}).get("records", 0)}
    if not judge_identity(settings):
        return [(CHECK, True, "The profile names no judge.", numbers)]
    said = latest.get("why", "no expert has judged")
    if use.used and not latest.get("used"):
        return [(CHECK, False, f"The verdict in force uses the judge, the latest ratings do not bear it out: {said}. "
                 "`itd policy judge` shows them, `--write` puts them in force.", numbers)]
    if latest.get("used") and not use.used:
        return [(CHECK, False, f"The judge is not used ({use.why}), and the latest ratings would allow it: {said}. "
                 "`itd policy judge --write` puts that in force.", numbers)]
    if waiting:
        return [(CHECK, False, f"{', '.join(waiting)}: rules on the judge that only warn, because {use.why}.", numbers)]
    return [(CHECK, True, f"The judge is {'used' if use.used else 'not used'}: {use.why}.", numbers)]
