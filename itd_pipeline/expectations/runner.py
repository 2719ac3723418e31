"""Evaluate expectations on a frame with Great Expectations.

A check that did not run is not a pass: an expectation that raised, was not evaluated, or gave no result counts as
failed and says so.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from itd_pipeline.quality.expectations import Expectation

if TYPE_CHECKING:
    import pandas as pd

_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}  # 0: no value of a row in any result


@dataclass(frozen=True)
class Finding:
    """Outcome of one expectation: whether it held, and how many of how many values did not."""

    expectation: Expectation
    held: bool
    unexpected: int
    evaluated: int
    problem: str = ""


def evaluate(frame: pd.DataFrame, expectations: Sequence[Expectation]) -> list[Finding]:
    """One finding per expectation, in their order.

    Args:
        frame: the narrow frame of `quality.expectations.frame_query`.
        expectations: what must hold of it.
    """
    gx = _great_expectations()
    definition = _batch_definition()  # before the suite: a suite belongs to a context
    suite = gx.ExpectationSuite(name="contract")
    for number, expectation in enumerate(expectations):
        kind = getattr(gx.expectations, "".join(part.title() for part in expectation.kind.split("_")))
        suite.add_expectation(kind(**expectation.arguments, meta={"number": number}))
    batch = definition.get_batch(batch_parameters={"dataframe": frame})
    outcome = batch.validate(suite, result_format=_RESULT_FORMAT)
    by_number = {result.expectation_config.meta["number"]: result for result in outcome.results}
    return [_finding(expectation, by_number.get(number)) for number, expectation in enumerate(expectations)]


def _finding(expectation: Expectation, result: Any) -> Finding:
    if result is None:
        return Finding(expectation, False, 0, 0, "not evaluated")
    raised = result.exception_info or {}
    nested = [v for v in raised.values() if isinstance(v, dict)] or [raised]
    if any(info.get("raised_exception") for info in nested):
        return Finding(expectation, False, 0, 0, "could not be evaluated")
    counts = result.result or {}
    return Finding(
        expectation,
        held=bool(result.success),
        unexpected=int(counts.get("unexpected_count") or 0),
        evaluated=int(counts.get("element_count") or counts.get("observed_value_count") or 0),
    )


@cache
def _batch_definition() -> Any:
    """One ephemeral context for the process: in memory, without progress bars and without a documentation site."""
    gx = _great_expectations()
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=stores))
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("frame").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("frame")


def _great_expectations() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own deprecations at import, nothing to do with the data
        import great_expectations as gx
        import great_expectations.expectations
    return gx
