"""How often a rule hits what experts find sound.

Of the records that a rule hits and experts have judged, the share that they accepted as they stand is the estimate of
its false-positive rate. The interval is Wilson's (1927, J Am Stat Assoc 22:209-212), which holds for small counts,
too. It speaks of the judged hits: a quarantining or warning rule sends its hits to experts, a rejecting one does not,
and where none was judged nothing is estimated.

Belongs here: the estimate. Does not belong here: what makes several ratings one decision (`evaluation.adjudication`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from itd_pipeline.policy.rules import Policy


@dataclass(frozen=True)
class RuleAudit:
    """One rule and what experts said of its hits.

    Args:
        rule: its name.
        version: its version.
        action: reject, quarantine or warn.
        hits: candidates it hits.
        judged: of those, judged by experts.
        sound: of those, accepted as they stand.
        rate: sound / judged; None where none was judged.
        low: lower end of the interval.
        high: upper end of the interval.
    """

    rule: str
    version: int
    action: str
    hits: int
    judged: int
    sound: int
    rate: float | None
    low: float | None
    high: float | None


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a binomial share.

    Args:
        successes: 0 to `trials`.
        trials: at least 1.
        confidence: between 0 and 1.
    """
    from statistics import NormalDist

    if not 0 <= successes <= trials or trials < 1:
        raise ValueError("successes lie between 0 and trials, and there is at least one trial")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return max(0.0, centre - half), min(1.0, centre + half)


def audit_rules(
    policy: Policy, hits: Mapping[str, int], judged_hits: Iterable[tuple[str, str]], decisions: Mapping[str, str],
    confidence: float = 0.95,
) -> Sequence[RuleAudit]:
    """Every rule of a policy, in order.

    Args:
        hits: rule -> candidates that it hits.
        judged_hits: (rule, record id) of hits among judged records.
        decisions: record id -> `accepted`, `corrected` or `rejected`.
        confidence: of the interval.
    """
    by_rule: dict[str, list[str]] = {}
    for name, record_id in judged_hits:
        by_rule.setdefault(name, []).append(decisions[record_id])
    audited = []
    for rule in policy.rules:
        said = by_rule.get(rule.name, [])
        sound = said.count("accepted")
        low, high = wilson_interval(sound, len(said), confidence) if said else (None, None)
        audited.append(RuleAudit(rule.name, rule.version, rule.action, hits.get(rule.name, 0), len(said), sound,
                                 sound / len(said) if said else None, low, high))
    return audited
