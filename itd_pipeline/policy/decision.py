"""Applying a policy: which candidates stay, which go and why.

Belongs here: turning verdicts into rows kept and rows turned away. Does not belong here: measuring (the room
`signals`), thresholds (conf/policy.yaml) or SQL (`query`). A new threshold costs one query and no new measurement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.errors import ContractError
from itd_pipeline.policy.query import decide, verdicts
from itd_pipeline.policy.rules import Policy
from itd_pipeline.ports import Batch, reject
from itd_pipeline.tables.records import FILTERED
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.signals import SIGNALS, VERDICTS

STAGE = "filtered_set"
QUARANTINED = "quarantined"
"""Reason of a record that is set aside for experts; it is drawn into the review sample (`review.sampling`)."""
RETURNED = "returned_to_author"
"""Reason of an expert's own record that a rule hit."""
_CONTAMINATION = ("contamination_share", "contamination_words", "contamination_paraphrase", "contamination_cosine")


def apply_policy(candidates: pa.Table, signals: pa.Table, policy: Policy) -> Batch:
    """Decide on every candidate.

    Args:
        candidates: records, experts' own included, in the columns of `tables.records`.
        signals: one row per candidate, in `tables.signals.SIGNALS`.
        policy: rules in order.

    Returns:
        rows: candidates kept, by record id, with contamination_status set: `clean` where the overlap was measured
        and no rule was hit, `overlap` where a warning was, `not_checked` where nothing was measured.
        rejects: the others. The reason is that of the first rejecting rule hit; `quarantined` where only quarantining
        rules were; `returned_to_author` for an expert's own record, whichever rule was hit. The detail names all rules
        hit that reject or quarantine, each with its reason, value and threshold, and the benchmark item of a leak.
        sides: `verdicts`, what every rule said of every candidate it covers.
        facts: `policy_version`, `kept`, and candidates per reason under `rejected` and `warned`.

    Raises:
        ContractError: signals and candidates do not name the same records.
    """
    _check_ids(candidates, signals)
    connection = duckdb.connect(":memory:")
    try:
        connection.register("signals", SIGNALS.conform(signals))
        decide(connection, policy)
        outcomes = connection.execute("SELECT record_id, outcome FROM outcomes WHERE outcome <> 'kept'").fetchall()
        said = [_whole(policy, position, table) for position, table in verdicts(connection, policy)]
    finally:
        connection.close()
    every = VERDICTS.conform(pa.concat_tables([VERDICTS.empty(), *said]))
    hits: dict[str, list[dict[str, Any]]] = {}
    for hit in every.filter(pc.invert(every.column("passed"))).to_pylist():
        hits.setdefault(hit["record_id"], []).append(hit)
    outcome_of = dict(outcomes)

    gone = pc.is_in(candidates.column("record_id"), pa.array(list(outcome_of), pa.string()))
    leaked = _leaked(signals)
    rejects = [_rejected(row, outcome_of[row["record_id"]], hits[row["record_id"]], leaked.get(row["record_id"], ""))
               for row in candidates.filter(gone).sort_by("record_id").to_pylist()]
    kept = candidates.filter(pc.invert(gone)).sort_by("record_id")
    warned = Counter(hit["reason"] for record_id, all_hits in hits.items() if record_id not in outcome_of
                     for hit in all_hits)
    return Batch(
        rows=FILTERED.conform(_with_contamination(kept, signals, hits, policy)),
        rejects=REJECTS.from_rows(rejects),
        units_in=candidates.num_rows,
        sides={"verdicts": every},
        facts={"policy_version": policy.version, "kept": kept.num_rows,
               "rejected": dict(sorted(Counter(row["reason"] for row in rejects).items())),
               "warned": dict(sorted(warned.items()))},
    )


def _check_ids(candidates: pa.Table, signals: pa.Table) -> None:
    there, measured = candidates.column("record_id").to_pylist(), signals.column("record_id").to_pylist()
    unmeasured, unknown = set(there) - set(measured), set(measured) - set(there)
    twice = len(there) - len(set(there)) + len(measured) - len(set(measured))
    if unmeasured or unknown or twice:
        raise ContractError(
            f"candidate_signals does not fit the candidates: {len(unmeasured)} candidates without signals, "
            f"{len(unknown)} signals without a candidate, {twice} ids that occur twice.",
            "Build candidate_signals anew, then filtered_set.")


def _whole(policy: Policy, position: int, said: pa.Table) -> pa.Table:
    """What one rule said, with what it is."""
    rule = policy.rules[position]
    whole = {"rule": rule.name, "version": rule.version, "reason": rule.reason, "action": rule.action,
             "signal": rule.signal, "threshold": rule.threshold}
    columns = {**{name: pa.repeat(value, said.num_rows) for name, value in whole.items()},
               **{name: said.column(name) for name in said.column_names}}
    return pa.table([columns[name] for name in VERDICTS.names], names=list(VERDICTS.names)).cast(VERDICTS.schema)


def _leaked(signals: pa.Table) -> dict[str, str]:
    """Record id -> benchmark and item of its gravest match."""
    found = signals.filter(pc.is_valid(signals.column("contamination_item")))
    return dict(zip(found.column("record_id").to_pylist(), found.column("contamination_item").to_pylist(), strict=True))


def _rejected(
    row: Mapping[str, Any], outcome: str, hits: Sequence[Mapping[str, Any]], item: str,
) -> dict[str, Any]:
    failed = [hit for hit in hits if hit["action"] != "warn"]
    detail = "; ".join(f"{hit['rule']}: {hit['signal']} {hit['value']}, {hit['threshold']}"
                       + (f", item {item}" if item and hit["signal"] in _CONTAMINATION else "") for hit in failed)
    if row["route"] == "manual":
        because = ", ".join(dict.fromkeys(hit["reason"] for hit in failed))
        return reject(STAGE, "", row["record_id"], RETURNED,
                      f"an expert's own record, goes back to its author ({row['author']}) for {because}; {detail}", row)
    if outcome == QUARANTINED:
        because = ", ".join(dict.fromkeys(hit["reason"] for hit in failed))
        return reject(STAGE, "", row["record_id"], QUARANTINED, f"for experts, {because}; {detail}", row)
    reason = next(hit["reason"] for hit in failed if hit["action"] == "reject")
    return reject(STAGE, "", row["record_id"], reason, detail, row)


def _with_contamination(
    kept: pa.Table, signals: pa.Table, hits: Mapping[str, Sequence[Mapping[str, Any]]], policy: Policy,
) -> pa.Table:
    rules = [rule for rule in policy.rules if rule.signal in _CONTAMINATION]
    rows = signals.select(["record_id", "source", "route", "task_type", "patient_data", *_CONTAMINATION]).to_pylist()
    by_id = {row["record_id"]: row for row in rows}
    status = []
    for record_id in kept.column("record_id").to_pylist():
        row = by_id[record_id]
        if row[_CONTAMINATION[0]] is None:
            status.append("not_checked")
        elif any(rule.covers(row) for rule in rules):
            hit = any(hit["signal"] in _CONTAMINATION for hit in hits.get(record_id, ()))
            status.append("overlap" if hit else "clean")
        else:
            status.append("overlap" if any(row[name] for name in _CONTAMINATION) else "clean")
    place = kept.column_names.index("contamination_status")
    return kept.set_column(place, "contamination_status", pa.array(status, pa.string()))
