"""A reason leads to its rule: the policy's note, or the module that gives it."""

from __future__ import annotations

import pytest

from itd_pipeline.pipeline.reason_rules import rules_of
from itd_pipeline.settings import load_settings
from itd_pipeline_tests.conftest import ROOT


@pytest.mark.parametrize(("stage", "reason", "says"), [
    ("filtered_set", "low_evidence_coverage", "evidence_coverage"),
    ("cleaned_text", "boilerplate", "(itd_pipeline/text/boilerplate.py)"),
    ("raw_sources", "obsolete_term", "(itd_pipeline/sources/readers/hpo.py)"),
    ("synthetic_expansions", "number_not_in_passage", "(itd_pipeline/expand/judging/"),
])
def test_a_reason_leads_to_its_rule(stage: str, reason: str, says: str) -> None:
    found = rules_of(load_settings(ROOT / "conf" / "demo.yaml"), [(stage, reason)])
    assert says in found[stage, reason]
    assert len(found[stage, reason]) > 60


def test_a_reason_that_no_rule_gives_has_none() -> None:
    assert rules_of(load_settings(ROOT / "conf" / "demo.yaml"), [("raw_sources", "made_up_reason")]) == {}
