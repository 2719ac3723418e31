"""False-positive rates of rules, with Wilson's interval."""

import pytest

from itd_pipeline.policy import audit_rules
from itd_pipeline.policy.audit import wilson_interval

SHORT = {"name": "long_enough", "reason": "too_short", "signal": "output_words", "keep_if": {"op": ">=", "value": 3}}


@pytest.mark.parametrize(("successes", "trials", "low", "high"), [
    (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0),
])
def test_wilson(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_nothing_was_tried() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        wilson_interval(0, 0)


def test_accepted_hits_are_false_positives_and_corrected_ones_are_not(policy_of) -> None:
    policy = policy_of(SHORT, {**SHORT, "name": "other"})
    judged = [("long_enough", "a"), ("long_enough", "b"), ("long_enough", "c")]
    first, second = audit_rules(policy, {"long_enough": 7}, judged, {"a": "accepted", "b": "corrected",
                                                                     "c": "rejected"})
    assert (first.hits, first.judged, first.sound, first.rate) == (7, 3, 1, pytest.approx(1 / 3))
    assert (second.hits, second.judged, second.rate, second.low) == (0, 0, None, None)
