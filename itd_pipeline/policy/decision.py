"""Applying a policy: which candidates stay, which go and why.

Belongs here: turning verdicts into rows kept and rows turned away. Does not belong here: measuring (the room
`signals`), thresholds (conf/policy.yaml) or SQL (`query`). A new threshold costs one query and no new measurement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.errors import ContractError
from itd_pipeline.policy.query import verdict_query
from itd_pipeline.policy.rules import Policy
from itd_pipeline.ports import Batch, reject
from itd_pipeline.tables.records import FILTERED
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.signals import SIGNALS, VERDICTS

STAGE = "filtered_set"
_CONTAMINATION = "contamination_share"


def apply_policy(candidates: pa.Table, signals: pa.Table, policy: Policy) -> Batch:
    """Decide on every candidate.

    Args:
        candidates: records, experts' own included, in the columns of `tables.records`.
        signals: one row per candidate, in `tables.signals.SIGNALS`.
        policy: rules in order.

    Returns:
        rows: candidates kept, by record id, with contamination_status set: `clean` where the overlap was measured
        and no rule was hit, `overlap` where a warning was, `not_checked` where nothing was measured.
        rejects: the others; the reason is that of the first rejecting rule hit, the detail names all of them. An
        expert's own record goes back to its author, and the detail says so.
        sides: `verdicts`, every rule that hit a candidate, warnings included.
        facts: `policy_version`, `kept`, and candidates per reason under `rejected` and `warned`.

    Raises:
        ContractError: signals and candidates do not name the same records.
    """
    _check_ids(candidates, signals)
    verdicts = _verdicts(signals, policy)
    hits: dict[str, list[dict[str, Any]]] = {}
    for verdict in verdicts:
        hits.setdefault(verdict["record_id"], []).append(verdict)
    rejected = {record_id: failed for record_id, all_hits in hits.items()
                if (failed := [hit for hit in all_hits if hit["action"] == "reject"])}

    ids = candidates.column("record_id").to_pylist()
    turned_away = candidates.filter(pa.array([record_id in rejected for record_id in ids], pa.bool_()))
    rejects = [_rejected(row, rejected[row["record_id"]]) for row in turned_away.sort_by("record_id").to_pylist()]
    kept = candidates.filter(pa.array([record_id not in rejected for record_id in ids], pa.bool_()))
    kept = kept.sort_by("record_id")
    warned = [hit for record_id, all_hits in hits.items() if record_id not in rejected for hit in all_hits]
    return Batch(
        rows=FILTERED.conform(_with_contamination(kept, signals, hits, policy)),
        rejects=REJECTS.from_rows(rejects),
        units_in=candidates.num_rows,
        sides={"verdicts": VERDICTS.from_rows(verdicts)},
        facts={"policy_version": policy.version, "kept": kept.num_rows,
               "rejected": dict(sorted(Counter(row["reason"] for row in rejects).items())),
               "warned": dict(sorted(Counter(hit["reason"] for hit in warned).items()))},
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


def _verdicts(signals: pa.Table, policy: Policy) -> list[dict[str, Any]]:
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        connection.register("signals", SIGNALS.conform(signals))
        found = connection.execute(verdict_query(policy)).fetchall()
    finally:
        connection.close()
    verdicts = []
    for record_id, position, value in found:
        rule = policy.rules[position]
        verdicts.append({"record_id": record_id, "rule": rule.name, "reason": rule.reason, "action": rule.action,
                         "signal": rule.signal, "value": value, "threshold": rule.threshold})
    return verdicts


def _rejected(row: Mapping[str, Any], failed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    detail = "; ".join(f"{hit['rule']}: {hit['signal']} {hit['value']}, {hit['threshold']}" for hit in failed)
    if row["route"] == "manual":
        detail = f"an expert's own record, goes back to its author ({row['author']}); {detail}"
    return reject(STAGE, "", row["record_id"], failed[0]["reason"], detail, row)


def _with_contamination(
    kept: pa.Table, signals: pa.Table, hits: Mapping[str, Sequence[Mapping[str, Any]]], policy: Policy,
) -> pa.Table:
    rules = [rule for rule in policy.rules if rule.signal == _CONTAMINATION]
    rows = signals.select(["record_id", "source", "route", "task_type", "patient_data", _CONTAMINATION]).to_pylist()
    by_id = {row["record_id"]: row for row in rows}
    status = []
    for record_id in kept.column("record_id").to_pylist():
        row = by_id[record_id]
        if row[_CONTAMINATION] is None:
            status.append("not_checked")
        elif any(rule.covers(row) for rule in rules):
            hit = any(hit["signal"] == _CONTAMINATION for hit in hits.get(record_id, ()))
            status.append("overlap" if hit else "clean")
        else:
            status.append("overlap" if row[_CONTAMINATION] > 0 else "clean")
    place = kept.column_names.index("contamination_status")
    return kept.set_column(place, "contamination_status", pa.array(status, pa.string()))
