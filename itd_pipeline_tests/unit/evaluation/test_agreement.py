from __future__ import annotations

import csv
import os
import warnings
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

from itd_pipeline.evaluation import agreement as a
from itd_pipeline.evaluation.agreement.ratings_table import value_of

_SHARED = Path(os.environ.get("ITD_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
TABLES = _SHARED / "agreement_tables"
needs_tables = pytest.mark.skipif(not TABLES.is_dir(), reason="agreement_tables is not here; set ITD_SHARED_DATA")

PERFECT = [("yes", "yes"), ("no", "no"), ("yes", "yes")]
CONSTANT = [("yes", "yes"), ("yes", "yes")]
MISSING = [("yes", None), (None, "no")]
NOMINAL = (a.fleiss_kappa, a.conger_kappa, a.brennan_prediger, a.gwet_ac, a.krippendorff_alpha("nominal"))


def value(coefficient: Any, table: Any, *how: Any) -> float | None:
    return value_of(coefficient, a.Ratings.of(table, *how))


def cohen(first: Any, second: Any, weights: Any = "identity", scale: Any = ()) -> float | None:
    return value_of(a.cohen_kappa, a.Ratings.of(list(zip(first, second, strict=True)), scale, weights).pair(0, 1))


def test_raw_agreement_counts_pairs_of_units_with_two_ratings() -> None:
    assert value(a.raw_agreement, [("x", "x"), ("x", "y"), ("x", None)]) == 0.5
    assert value(a.raw_agreement, [("x", "x", "y")]) == pytest.approx(1 / 3)
    assert value(a.raw_agreement, MISSING) is None


def test_full_agreement_is_one() -> None:
    assert cohen(*zip(*PERFECT, strict=True)) == pytest.approx(1)
    for coefficient in NOMINAL:
        assert value(coefficient, PERFECT) == pytest.approx(1)


def test_kappa_is_undefined_where_everyone_says_the_same_but_ac1_is_not() -> None:
    scale = ("yes", "no")
    assert cohen(["yes", "yes"], ["yes", "yes"], "identity", scale) is None
    assert value(a.fleiss_kappa, CONSTANT) is None
    assert value(a.krippendorff_alpha("nominal"), CONSTANT, scale) is None
    assert value(a.gwet_ac, CONSTANT, scale) == value(a.brennan_prediger, CONSTANT, scale) == 1
    assert value(a.gwet_ac, CONSTANT) is None


def test_without_a_pair_nothing_is_defined() -> None:
    assert cohen(["yes", None], [None, "no"]) is None
    for coefficient in NOMINAL:
        assert value(coefficient, MISSING) is None
        assert value(coefficient, []) is None


def test_weights_forgive_near_misses() -> None:
    first, second = [1, 2, 3, 4, 5, 3], [1, 2, 4, 4, 5, 3]
    plain, linear, quadratic = (cohen(first, second, w, (1, 2, 3, 4, 5)) for w in ("identity", "linear", "quadratic"))
    assert plain is not None
    assert linear is not None
    assert quadratic is not None
    assert plain < linear < quadratic < 1
    # By hand: 1 - sum((i-j)^2 observed) / sum((i-j)^2 expected) = 1 - 1/6 / (127/36).
    assert quadratic == pytest.approx(1 - (1 / 6) / (sum((x - y) ** 2 for x in first for y in second) / 36))


def test_alpha_of_ordered_and_interval_ratings() -> None:
    table = [(1, 1), (2, 3), (5, 5), (4, None)]
    nominal, ordinal, interval = (value(a.krippendorff_alpha(level), table) for level in ("nominal", "ordinal",
                                                                                         "interval"))
    assert None not in (nominal, ordinal, interval)
    assert nominal < ordinal  # type: ignore[operator]
    # By hand over coincidences of the three paired units: 1 - 5 * 2 / 94.
    pooled = [1, 1, 2, 3, 5, 5]
    expected = sum((x - y) ** 2 for x in pooled for y in pooled) / (6 * 5)
    assert interval == pytest.approx(1 - (2 / 6) / expected)


def test_intraclass_correlation_is_that_of_shrout_and_fleiss() -> None:
    """The worked example of their 1979 paper: six targets, four judges; ICC(2,1) .29, ICC(2,4) .62."""
    table = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    assert value(a.icc_single, table) == pytest.approx(0.2898, abs=0.0005)
    assert value(a.icc_average, table) == pytest.approx(0.6201, abs=0.0005)
    assert value(a.icc_single, [*table, (5, None, 4, 4)]) == pytest.approx(0.2898, abs=0.0005)


def test_prevalence_and_bias_of_two_raters() -> None:
    found = a.balance(a.Ratings.of([("y", "y")] * 80 + [("y", "n")] * 15 + [("n", "y")] * 5))
    assert found is not None
    assert (found.prevalence_index, found.bias_index, found.pabak) == pytest.approx((0.8, 0.1, 0.6))
    assert a.balance(a.Ratings.of([("y", None), (None, "n")])) is None
    assert a.balance(a.Ratings.of([("y", "y")])) is None


def test_prevalence_and_bias_of_more_steps_and_raters() -> None:
    """Accept against the rest: 8 of 10 both, 1 neither; correct: once by the first alone, never by the second alone."""
    two = a.balance(a.Ratings.of([("accept", "accept")] * 8 + [("correct", "accept"), ("reject", "reject")],
                                 ("accept", "correct", "reject")))
    assert two is not None
    # Accept 8 - 1, correct 0 - 9, reject 1 - 9: the greatest is that of correct, which nobody shares.
    assert (two.prevalence_index, two.bias_index) == pytest.approx((0.9, 0.1))
    assert two.pabak == pytest.approx((3 * 0.9 - 1) / 2)
    three = a.balance(a.Ratings.of([("y", "y", None), ("y", None, "n"), (None, "y", "y")]))
    assert three is not None
    assert (three.prevalence_index, three.bias_index) == pytest.approx((2 / 3, 1 / 3))


def test_a_rating_off_the_scale_is_an_error() -> None:
    with pytest.raises(ValueError, match="not on the scale"):
        a.Ratings.of([("yes", "maybe")], ("yes", "no"))
    with pytest.raises(ValueError, match="different numbers of raters"):
        a.Ratings.of([("yes",), ("yes", "no")])


@given(st.lists(st.tuples(*[st.sampled_from([1, 2, 3, 4, None])] * 3), min_size=2, max_size=25))
def test_libraries_of_statistics_find_the_same(table: list[tuple[int | None, ...]]) -> None:
    scale = (1, 2, 3, 4)
    data = np.array([[np.nan if r is None else r for r in unit] for unit in table], float).T
    for level in ("nominal", "ordinal", "interval"):
        mine = value(a.krippendorff_alpha(level), table, scale)
        with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                theirs = krippendorff.alpha(reliability_data=data, level_of_measurement=level,
                                            value_domain=list(scale))
            except ValueError:
                theirs = float("nan")  # fewer than two different ratings
        assert mine == pytest.approx(theirs) if np.isfinite(theirs) else mine is None
    whole = [unit for unit in table if None not in unit]
    if len({r for unit in whole for r in unit}) > 1:
        counts = a.Ratings.of(whole, scale).counts
        assert value(a.fleiss_kappa, whole, scale) == pytest.approx(inter_rater.fleiss_kappa(counts))


def _columns(file: str, *names: str) -> list[tuple[str | None, ...]]:
    with (TABLES / file).open(encoding="utf-8") as handle:
        return [tuple(row[n] or None for n in names) for row in csv.DictReader(handle)]


def _load(dataset: str, file: str) -> list[tuple[a.Rating, ...]]:
    columns = {"irrCAC_cac.raw.g1g2": ("Rater1", "Rater2", "Rater3", "Rater4"),
               "pubmedqa_pqal_2annotators": ("reasoning_required_pred", "reasoning_free_pred"),
               "kqa_nli_3physicians": ("label_0", "label_1", "label_2"),
               "healthbench_meta_120items": ("slot0", "slot1", "slot2", "slot3")}
    if dataset in columns:
        rows = _columns(file, *columns[dataset])
        return [tuple(int(float(r)) if r and r[0].isdigit() else r for r in row) for row in rows]
    lines = (TABLES / file).read_text(encoding="utf-8").splitlines()
    if dataset == "wikipedia_fleiss_14raters":
        cells = [[int(n) for n in line.split(",")[1:]] for line in lines[1:]]
        return [tuple(k for k, n in enumerate(row, start=1) for _ in range(n)) for row in cells]
    if dataset == "table_cont3x3abstractors":
        labels = lines[0].split(",")[1:]
        return [(row.split(",")[0], label) for row in lines[1:]
                for label, n in zip(labels, row.split(",")[1:], strict=True) for _ in range(int(n))]
    units: dict[str, dict[str, str]] = {}
    for line in lines:
        coder, unit, label = line.split()
        units.setdefault(unit, {})[coder] = label
    return [tuple(given.values()) for given in units.values()]


COEFFICIENTS: dict[str, Any] = {
    "Fleiss kappa": a.fleiss_kappa, "Scott pi": a.fleiss_kappa, "Gwet AC1": a.gwet_ac, "Conger kappa": a.conger_kappa,
    "Brennan-Prediger": a.brennan_prediger, "S": a.brennan_prediger, "avg observed agreement Ao": a.raw_agreement,
    "Krippendorff alpha nominal": a.krippendorff_alpha("nominal"),
    "Krippendorff alpha ordinal": a.krippendorff_alpha("ordinal"),
    "Krippendorff alpha interval": a.krippendorff_alpha("interval"),
}


def _compute(coefficient: str, table: list[tuple[a.Rating, ...]]) -> float | None:
    if coefficient in COEFFICIENTS:
        return value(COEFFICIENTS[coefficient], table)
    names = {"Rater1": 0, "Rater2": 1, "Rater3": 2, "Rater4": 3, "label_0": 0, "label_1": 1, "label_2": 2,
             "reasoning_required_pred": 0, "reasoning_free_pred": 1}
    pair = coefficient.partition("[")[2].rstrip("]").split(" vs ") if "[" in coefficient else None
    i, j = (names[pair[0]], names[pair[1]]) if pair else (0, 1)
    assert coefficient.startswith("Cohen kappa")
    return cohen([u[i] for u in table], [u[j] for u in table])


def _expected() -> list[tuple[str, str, str, float]]:
    if not TABLES.is_dir():
        return []
    with (TABLES / "expected_values.csv").open(encoding="utf-8") as handle:
        return [(r["dataset"], r["file"], r["coefficient"], float(r["value"])) for r in csv.DictReader(handle)]


@needs_tables
@pytest.mark.parametrize(("dataset", "file", "coefficient", "expected"), _expected())
def test_published_and_recomputed_values(dataset: str, file: str, coefficient: str, expected: float) -> None:
    assert _compute(coefficient, _load(dataset, file)) == pytest.approx(expected, abs=0.0005)


@needs_tables
def test_every_expected_value_is_compared() -> None:
    assert len(_expected()) >= 45


def test_raters_who_never_differ_are_not_certain_to_agree() -> None:
    """0 of 40: at most 7.22 % of the records may be in dispute (rule of three: 3 / 40)."""
    ratings = a.Ratings.of([("yes", "yes")] * 30 + [("no", "no")] * 10, ("yes", "no"))
    raw = a.estimate(a.raw_agreement, ratings)
    assert (raw.value, raw.high) == (1, 1)
    assert raw.low == pytest.approx(1 - 0.0722, abs=0.0001)
    kappa, ac1 = a.estimate(a.cohen_kappa, ratings), a.estimate(a.gwet_ac, ratings)
    assert kappa.low is not None
    assert ac1.low is not None
    assert 0.75 < kappa.low < ac1.low < 0.9


def test_without_a_difference_of_kind_kappa_has_no_interval() -> None:
    found = a.estimate(a.cohen_kappa, a.Ratings.of([("yes", "yes")] * 40, ("yes", "no")))
    assert (found.value, found.low, found.high) == (None, None, None)
