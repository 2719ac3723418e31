"""The check of a release against the human evaluation, in words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from itd_pipeline.evaluation.defects import clopper_pearson_upper
from itd_pipeline.evaluation.gate import gate
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import blocks
from itd_pipeline.pipeline.release_gate import CHECK, STAGE, release_check
from itd_pipeline.settings import Dataset, Release, ReviewGate, Settings, Source


def checked(answered: int, agreement: float | None, records: int) -> tuple[bool, str, dict[str, int]]:
    facts: Any = {"assignments": 118, "assignments_answered": answered,
                  "agreement": {"gwet_ac1": {"value": agreement, "low": 0.5, "high": 0.9}},
                  "defect": {"estimate": 0.0, "effective_records": records, "confidence": 0.95,
                             "upper_bound": clopper_pearson_upper(0, records)} if records else None}
    human = {**facts, "gate": [vars(one) for one in gate(facts, ReviewGate())]}
    manifest = SimpleNamespace(facts={"human": human})
    lake: Any = SimpleNamespace(require=lambda stage: manifest)
    scope: Any = SimpleNamespace(lake=lake)
    return release_check(scope)


def test_a_reviewed_release_says_its_numbers() -> None:
    held, sentence, numbers = checked(118, 0.8, 59)
    assert held
    assert sentence.startswith("Reviewed: share of ratings that came back 1, at least 1 wanted; agreement")
    assert numbers["missing"] == 0


@pytest.mark.parametrize(("given", "says"), [
    ((100, 0.8, 59), "Share of ratings that came back 0.847, at least 1 wanted; missing: 18 more of 118 ratings"),
    ((118, 0.8, 40), "records 0.0722, at most 0.05 wanted; missing: about 19 more rated records, if no further"),
    ((118, 0.5, 59), "Agreement between reviewers 0.5, at least 0.6 wanted; missing: agreement: gwet ac1 is 0.50"),
    ((0, None, 0), "not measured yet, at most 0.05 wanted; missing: 59 rated records without a defect"),
])
def test_a_draft_says_which_number_is_missing_and_how_many_reviews_would_show_it(given: Any, says: str) -> None:
    held, sentence, _ = checked(*given)
    assert not held
    assert sentence.startswith("Draft. ")
    assert says in sentence


@pytest.mark.parametrize("required", [True, False])
def test_it_blocks_where_the_profile_requires_a_review(required: bool) -> None:
    settings = Settings(profile="p", dataset=Dataset(name="d", title="D", description="x"),
                        sources={"s": Source(reader="hpo", licence="CC0-1.0")}, root=Path("/"),
                        release=Release(require_review=required))
    assert blocks(STAGES[STAGE], CHECK, settings) is required
