"""Rules that would have turned away what experts rejected: suggestions for a policy, never more.

Every comparison that a single signal allows is tried, over all records and within one route, source or task. A rule is
kept where it hits more of the rejected records than chance explains, chance being judged over all rules at once: the
verdicts are dealt out anew among the judged records many times, and a rule must do better than the best of all rules
does in 95 % of the deals (Westfall and Young 1993, "Resampling-based multiple testing", single-step minP; each rule by
the hypergeometric tail). Then what the rule hits is set aside, and the next rule is looked for among the rest, until
none passes. Precision and recall are those on the records that the rule was found with: read them as the best case.

Belongs here: finding and measuring rules. Does not belong here: which verdicts count (`evaluation.adjudication`), or
writing a policy: nobody but a person does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from itd_pipeline.policy.audit import wilson_interval
from itd_pipeline.policy.candidates import Candidate, candidate_rules
from itd_pipeline.policy.judge_use import JUDGE_SIGNALS, JudgeUse
from itd_pipeline.policy.query import count_hits, decide
from itd_pipeline.policy.rules import Policy, Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_JUDGED, LEAST_REJECTED = 30, 5
"""With fewer verdicts, or fewer of them rejections, nothing is suggested."""
LEAST_HITS = 3
"""A rule hits so many rejected records at least."""
DEALS = 2_000
SEED = 7
CHANCE = 0.05
_AT_ONCE = 2_000
_REJECT_FROM = 0.5


@dataclass(frozen=True)
class Suggestion:
    """A rule and what it does.

    Args:
        rule: ready for a policy. It rejects where the lower end of its precision is at least a half, else it
            quarantines.
        judged: judged records that it hits.
        rejected: of those, rejected by experts.
        precision, precision_low, precision_high: rejected / judged, with Wilson's 95 % interval.
        recall, recall_low, recall_high: rejected / all that experts rejected, with Wilson's 95 % interval.
        kept: candidates kept by the policy in force that it would turn away or set aside.
        sound, sound_low, sound_high: how many of those experts would accept or correct, by the judged ones.
        chance: probability that the best of all rules does as well by chance.
        error_tags: tags that reviewers gave the rejected records it hits, the most frequent first.
        beside: rules of the policy in force that read the same signal.
    """

    rule: Rule
    judged: int
    rejected: int
    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    kept: int
    sound: float
    sound_low: float
    sound_high: float
    chance: float
    error_tags: tuple[tuple[str, int], ...]
    beside: tuple[str, ...]


@dataclass(frozen=True)
class Suggestions:
    """What was found.

    Args:
        judged: candidates with a verdict.
        rejected: of those, rejected.
        tried: rules that were tried, those that hit the same records counted once.
        found: suggestions in the order in which they were found.
        why: why there are none, or no more.
    """

    judged: int
    rejected: int
    tried: int
    found: tuple[Suggestion, ...]
    why: str


def suggest_rules(
    connection: duckdb.DuckDBPyConnection, policy: Policy, decisions: Mapping[str, str],
    tags: Mapping[str, Sequence[str]], judge: JudgeUse, most: int = 10,
) -> Suggestions:
    """Look for rules.

    Args:
        connection: with a table or view `signals` in the columns of `tables.signals.SIGNALS`, all candidates.
        policy: the policy in force.
        decisions: record id -> `accepted`, `corrected` or `rejected`, once adjudicated.
        tags: record id -> error tags that reviewers gave it, each as often as it was given.
        judge: whether signals of the automatic judge may be read.
        most: suggestions at most.
    """
    import numpy as np

    rows: pa.Table = connection.sql("SELECT * FROM signals WHERE list_contains(?, record_id) ORDER BY record_id",
                                    params=[sorted(decisions)]).to_arrow_table()
    ids = rows.column("record_id").to_pylist()
    rejected = np.array([decisions[record] == "rejected" for record in ids], bool)
    judged, bad = len(ids), int(rejected.sum())
    if judged < LEAST_JUDGED or bad < LEAST_REJECTED:
        return Suggestions(judged, bad, 0, (), f"{judged} candidates have a verdict, {bad} of them rejected; at least "
                                               f"{LEAST_JUDGED} and {LEAST_REJECTED} are needed")
    left_out = frozenset() if judge.used else frozenset(JUDGE_SIGNALS)
    candidates = candidate_rules(rows, left_out)
    hits = np.array([candidate.hits for candidate in candidates], bool).reshape(len(candidates), judged)
    decide(connection, policy)
    found: list[Suggestion] = []
    open_ = np.ones(judged, bool)
    why = ""
    while len(found) < most:
        best, chance = _best(hits[:, open_], rejected[open_])
        if best is None or chance > CHANCE:
            why = "no rule is left that hits rejected records more often than chance explains"
            break
        found.append(_measured(connection, candidates[best], ids, rejected, policy, tags, chance))
        open_ &= ~hits[best]
    return Suggestions(judged, bad, len(candidates), tuple(found), why)


def _best(hits: NDArray[np.bool_], rejected: NDArray[np.bool_]) -> tuple[int | None, float]:
    """The rule that chance explains least, and the probability that the best of all does as well by chance."""
    import numpy as np
    from scipy.stats import hypergeom

    judged, bad = len(rejected), int(rejected.sum())
    size = hits.sum(axis=1)
    caught = hits[:, rejected].sum(axis=1)
    eligible = np.flatnonzero(caught >= LEAST_HITS)
    if not len(eligible) or bad == judged:
        return None, 1.0
    # Tail probability of (records hit, rejected ones among them).
    tail = hypergeom.sf(np.arange(bad + 1)[None, :] - 1, judged, bad, np.arange(judged + 1)[:, None])
    own = tail[size, caught]
    best = int(eligible[np.argmin(own[eligible])])
    random = np.random.Generator(np.random.PCG64(SEED))
    deals = random.permuted(np.tile(rejected, (DEALS, 1)), axis=1).T.astype(np.float32)
    least = np.ones(DEALS)
    distinct = np.unique(hits, axis=0)
    for first in range(0, len(distinct), _AT_ONCE):
        part = distinct[first:first + _AT_ONCE]
        by_chance = np.rint(part.astype(np.float32) @ deals).astype(int)
        chances = np.where(by_chance >= LEAST_HITS, tail[part.sum(axis=1)[:, None], by_chance], 1.0)
        least = np.minimum(least, chances.min(axis=0))
    return best, float((1 + (least <= own[best] * (1 + 1e-9)).sum()) / (DEALS + 1))


def _measured(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, ids: Sequence[str], rejected: NDArray[np.bool_],
    policy: Policy, tags: Mapping[str, Sequence[str]], chance: float,
) -> Suggestion:
    judged, caught = int(candidate.hits.sum()), int((candidate.hits & rejected).sum())
    low, high = wilson_interval(caught, judged)
    recall_low, recall_high = wilson_interval(caught, int(rejected.sum()))
    given = Counter(tag for record, hit, bad in zip(ids, candidate.hits, rejected, strict=True) if hit and bad
                    for tag in tags.get(record, ()))
    note = (f"Suggested by reviewers' verdicts: {caught} of {judged} judged records that it hits were rejected "
            f"({low:.0%} to {high:.0%}), {caught} of {int(rejected.sum())} rejected records are hit.")
    rule = candidate.rule("reject" if low >= _REJECT_FROM else "quarantine", note)
    kept = count_hits(connection, rule, "outcome = 'kept'")
    return Suggestion(
        rule=rule, judged=judged, rejected=caught, precision=caught / judged, precision_low=low, precision_high=high,
        recall=caught / int(rejected.sum()), recall_low=recall_low, recall_high=recall_high, kept=kept,
        sound=kept * (1 - caught / judged), sound_low=kept * (1 - high), sound_high=kept * (1 - low), chance=chance,
        error_tags=tuple(sorted(given.items(), key=lambda item: (-item[1], item[0]))),
        beside=tuple(old.name for old in policy.rules if old.signal == rule.signal))


def as_yaml(suggestions: Sequence[Suggestion]) -> str:
    """Rules as they stand in a policy file, under `rules:`."""
    import textwrap

    import yaml

    entries = []
    for suggestion in suggestions:
        rule = suggestion.rule
        comparison = {"op": rule.op} if rule.value is None else {
            "op": rule.op, "value": list(rule.value) if isinstance(rule.value, tuple) else rule.value}
        entry: dict[str, Any] = {"name": rule.name, "reason": rule.reason, "signal": rule.signal,
                                 rule.polarity: comparison, "action": rule.action}
        if rule.scope:
            entry["scope"] = {key: list(value) for key, value in rule.scope.items()}
        entries.append({**entry, "note": rule.note})
    said: str = yaml.safe_dump(entries, sort_keys=False, default_flow_style=None, allow_unicode=True, width=110)
    return textwrap.indent(said, "  ")
