"""The verdict of an evaluation, without any text: what a profile can demand before patient data goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.deid_evaluation.counting import Count, Evaluation

OVERALL = "overall"
NAME = "deid_evaluation.json"
"""File in the lake that holds the last verdict."""


def verdict_of(evaluation: Evaluation, code: str, gold_digest: str) -> dict[str, Any]:
    """Counts and intervals as plain data.

    Args:
        evaluation: what was measured.
        code: version of the code that was measured; another version needs another evaluation.
        gold_digest: SHA-256 of the gold set.
    """
    return {"code": code, "gold_sha256": gold_digest, "texts": evaluation.texts,
            "recall": {OVERALL: _plain(evaluation.overall),
                       **{kind: _plain(count) for kind, count in evaluation.recall.items()}}}


def _plain(count: Count) -> dict[str, Any]:
    lower, upper = count.interval or (0.0, 1.0)
    return {"hits": count.hits, "cases": count.cases, "lower": round(lower, 6), "upper": round(upper, 6)}


def shortfalls(verdict: Mapping[str, Any] | None, required: Mapping[str, float], code: str) -> list[str]:
    """Why patient data may not go on; empty where it may.

    Args:
        verdict: what `verdict_of` gave, None where nothing has been measured.
        required: class or `overall` -> least lower bound of the interval.
        code: version of the code at hand.
    """
    if not required:
        return []
    if verdict is None:
        return ["nothing has been measured"]
    if verdict.get("code") != code:
        return ["another version of the code was measured"]
    found = []
    for kind, least in sorted(required.items()):
        measured = verdict["recall"].get(kind)
        if measured is None or not measured["cases"]:
            found.append(f"{kind}: not in the gold set, required {least}")
        elif measured["lower"] < least:
            found.append(f"{kind}: {measured['hits']} of {measured['cases']}, lower bound {measured['lower']:.4f}, "
                         f"required {least}")
    return found
