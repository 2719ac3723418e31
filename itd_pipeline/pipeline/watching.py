"""Checks that only warn, evaluated by Great Expectations: missing signals, and shares of rejected candidates against
the last release.

Belongs here: frames and the last release's shares. Does not belong here: what is expected (`quality.watch`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import duckdb

from itd_pipeline.expectations.runner import Finding, evaluate
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.quality.expectations import Expectation
from itd_pipeline.quality.watch import MISSING, SHARES, missing_expectations, missing_query, share_expectations


def watch(stage: Stage, scope: Scope, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[Finding],
                                                                                               str]]:
    """(check, findings, sentence where there is nothing to compare) of each watched check of a stage.

    Args:
        connection: holds the view `rows` of the stage.
    """
    if stage.name == "candidate_signals":
        frame = connection.execute(missing_query("rows")).df()
        yield MISSING, evaluate(frame, missing_expectations()) if len(frame) else [], "There is no candidate."
    elif stage.name == "filtered_set":
        manifest = scope.lake.require(stage.name, scope.partition)
        now = _shares(manifest.rejected, manifest.units_in)
        before = last_shares(scope)
        expectations = [] if before is None else share_expectations(before, now)
        yield SHARES, _evaluated(expectations, now), "There is no earlier release to compare with." if before is None \
            else "Nothing was turned away, then or now."


def last_shares(scope: Scope) -> dict[str, float] | None:
    """Reason -> share of the candidates that the filtered set of the last release turned away; None without a "
    "release."""
    release = scope.lake.manifest("dataset_release")
    if release is None:
        return None
    facts = scope.lake.root / "releases" / str(release.facts["version"]) / "RELEASE.json"
    if not facts.is_file():
        return None
    for row in json.loads(facts.read_bytes())["funnel"]:
        if row["stage"] == "filtered_set":
            return _shares(row["rejected"], row["units_in"])
    return None


def _shares(rejected: Mapping[str, int], units_in: int) -> dict[str, float]:
    return {reason: count / units_in for reason, count in rejected.items()} if units_in else {}


def _evaluated(expectations: list[Expectation], now: Mapping[str, float]) -> list[Finding]:
    if not expectations:
        return []
    import pandas as pd

    frame = pd.DataFrame({e.arguments["column"]: [now.get(e.arguments["column"], 0.0)] for e in expectations})
    return evaluate(frame, expectations)
