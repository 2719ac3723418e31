"""Drift and expansion against values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from itd_pipeline.seeds.balance import VOCABULARIES, balance, drift_of, jensen_shannon


def row(word: str, route: str = "hybrid", seed_ids: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"route": route, "seed_ids": list(seed_ids), **dict.fromkeys(VOCABULARIES, word)}


@pytest.mark.parametrize(("first", "second", "bits"), [
    ([5, 5], [50, 50], 0.0), ([10, 0], [0, 3], 1.0),
    # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): (log2(4/3) + (log2(2/3) + 1) / 2) / 2
    ([1, 0], [1, 1], 0.311278),
])
def test_divergence_by_hand(first: list[int], second: list[int], bits: float) -> None:
    assert float(jensen_shannon(np.array(first, float), np.array(second, float))) == pytest.approx(bits, abs=1e-6)


def test_the_interval_holds_the_divergence_and_is_the_same_each_time() -> None:
    first, second = ["a"] * 60 + ["b"] * 40, ["a"] * 200 + ["b"] * 800
    found = drift_of("specialty", first, second, 400, 7)
    assert found.low < found.divergence < found.high
    assert found == drift_of("specialty", first, second, 400, 7)


def test_expansion_counts_records_per_seed_used_and_no_manual_ones() -> None:
    found = balance([row("a", "manual")] * 3, [row("a", seed_ids=("s1",)), row("a", seed_ids=("s1", "s2")),
                                               row("a", seed_ids=("s1",)), row("a", "manual"), row("a", "template")])
    assert found.expansion_factor == 1.5
    assert (found.accepted, found.drift) == (4, ())
    assert balance([], []).expansion_factor is None


def test_drift_is_measured_from_twenty_of_each() -> None:
    assert balance([row("a")] * 19, [row("b")] * 20).drift == ()
    found = balance([row("a")] * 20, [row("b")] * 20).drift
    assert [d.divergence for d in found] == [1.0] * len(VOCABULARIES)
