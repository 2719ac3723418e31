"""The check of `dataset_release` against the human evaluation: whether experts have shown what `review.gate` asks for.

Where the profile requires a review (`release.require_review`) it blocks: nothing is published. Elsewhere it warns, and
what is released is a draft. Belongs here: the verdict in words. Does not belong here: the conditions
(`evaluation/gate.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings

STAGE, CHECK = "dataset_release", "human_evaluation"
DESCRIPTION = ("Experts have judged enough, agree enough and found few enough defects (review.gate). Blocks where "
               "release.require_review is true; elsewhere the release is a draft.")
_NAMES = {"reviewed_share": "share of ratings that came back", "agreement": "agreement between reviewers",
          "defect_bound": "upper bound of the share of defective records"}
_AT_LEAST = {"reviewed_share", "agreement"}


def release_check(scope: Scope) -> tuple[bool, str, dict[str, int]]:
    """(held, sentence, numbers): which number is missing, and how much more review would show it."""
    human = scope.lake.require("human_evaluation").facts["human"]
    conditions = human["gate"]
    missing = [one for one in conditions if not one["holds"]]
    numbers = {"conditions": len(conditions), "missing": len(missing),
               "ratings_asked": int(human["assignments"]), "ratings_given": int(human["assignments_answered"])}
    if not missing:
        return True, "Reviewed: " + "; ".join(map(_number, conditions)) + ".", numbers
    said = ". ".join(f"{_number(one).capitalize()}; missing: {one['missing']}" for one in missing)
    return False, f"Draft. {said}. {_remedy(missing)}", numbers


def stops(settings: Settings) -> bool:
    """Whether nothing is published where the check fails."""
    return settings.release.require_review


def _number(one: Mapping[str, Any]) -> str:
    wanted = f"{'at least' if one['name'] in _AT_LEAST else 'at most'} {one['wanted']:g} wanted"
    found = "not measured yet" if one["found"] is None else f"{one['found']:.3g}"
    return f"{_NAMES[one['name']]} {found}, {wanted}"


def _remedy(missing: Sequence[Mapping[str, Any]]) -> str:
    if any(one["name"] == "agreement" and one["found"] is not None for one in missing):
        return "The report shows the questions on which reviewers differ; calibrate on them, then have more judged."
    return ("Have the records judged (`itd review serve`, or the spreadsheets in the lake's folder `review`), then run "
            "`itd build`.")
