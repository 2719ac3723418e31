"""What is watched and does not block: signals that are missing where they are due, and shares of rejected candidates
that jump against the last release.

Belongs here: the expectations and the SQL of their frames, in Great Expectations' terms. Does not belong here:
evaluating them, or finding the last release.
"""

from __future__ import annotations

from collections.abc import Mapping

from itd_pipeline.quality.expectations import Expectation

MISSING, SHARES = "signals_measured", "rejected_shares"
WATCHED: dict[str, tuple[tuple[str, str], ...]] = {
    "candidate_signals": ((MISSING, "Every signal is measured where it is due."),),
    "filtered_set": ((SHARES, "No reason turns away a share of the candidates that has jumped since the last "
                              "release."),),
}
"""Stage -> (name, description) of its checks that only warn."""
JUMP, LEAST, OF_BEFORE = 0.10, 0.02, 0.5
"""How far a reason's share may move: two points and half of what it was, at most ten points. Reasoned: from 0.1 % of
the candidates 5 % is a jump, from 30 % to 35 % it is none; a broken source or signal moves a reason by more."""

_DUE = {
    "evidence_coverage": "route IN ('synthetic', 'hybrid') AND evidence_coverage IS NULL",
    "novelty_rouge_l": "route IN ('synthetic', 'hybrid') AND novelty_rouge_l IS NULL",
    "citations": "route IN ('synthetic', 'hybrid', 'converted') AND citations_verbatim IS NULL",
    "unsupported_claims": "len(unsupported_claims) <> unsupported_number_count + unsupported_drug_count + "
                          "unsupported_test_count + unsupported_diagnosis_count + reversed_claim_count + "
                          "changed_sex_count",
    "lint_rules": "(len(lint_rules) = 0) <> (lint_critical_count + lint_major_count + lint_minor_count = 0)",
    "judge_status": "judge_status IN ('judged', 'inconsistent') AND judge_score IS NULL",
    "judge_answers": "judge_status IN ('failed', 'unanswered')",
    "judge_of_another_family": "judge_status = 'refused_family'",
}
"""What is missing, or does not fit together, in a row of signals."""


def missing_query(rows: str) -> str:
    """SQL for a frame with one column per thing due, true where it is missing; no text enters it."""
    selected = ", ".join(f'coalesce({condition}, false) AS "{name}"' for name, condition in _DUE.items())
    return f'SELECT {selected} FROM "{rows}"'


def missing_expectations() -> list[Expectation]:
    """Nothing due is missing."""
    return [Expectation(MISSING, "expect_column_values_to_be_in_set", {"column": name, "value_set": [False]})
            for name in _DUE]


def share_expectations(before: Mapping[str, float], now: Mapping[str, float]) -> list[Expectation]:
    """Every reason's share of the candidates is about that of the last release.

    Args:
        before: reason -> share of the candidates, of the last release.
        now: reason -> share, of the stage at hand; a reason that is in one of both counts as 0 in the other.
    """
    found = []
    for reason in sorted({*before, *now}):
        share = before.get(reason, 0.0)
        most = min(JUMP, LEAST + OF_BEFORE * share)
        found.append(Expectation(SHARES, "expect_column_values_to_be_between", {
            "column": reason, "min_value": share - most, "max_value": share + most}))
    return found
