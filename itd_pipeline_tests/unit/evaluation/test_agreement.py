from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from itd_pipeline.evaluation import agreement as a

_SHARED = Path(os.environ.get("ITD_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
TABLES = _SHARED / "agreement_tables"
needs_tables = pytest.mark.skipif(not TABLES.is_dir(), reason="agreement_tables is not here; set ITD_SHARED_DATA")

PERFECT = [("yes", "yes"), ("no", "no"), ("yes", "yes")]
CONSTANT = [("yes", "yes"), ("yes", "yes")]
MISSING = [("yes", None), (None, "no")]


def test_raw_agreement_counts_pairs_of_units_with_two_ratings() -> None:
    assert a.raw_agreement([("x", "x"), ("x", "y"), ("x", None)]) == 0.5
    assert a.raw_agreement([("x", "x", "y")]) == pytest.approx(1 / 3)
    assert a.raw_agreement(MISSING) is None


def test_full_agreement_is_one() -> None:
    first, second = zip(*PERFECT, strict=True)
    assert a.cohen_kappa(first, second) == pytest.approx(1)
    for coefficient in (a.fleiss_kappa, a.gwet_ac1, a.krippendorff_alpha):
        assert coefficient(PERFECT) == pytest.approx(1)


def test_kappa_is_undefined_where_everyone_says_the_same_but_ac1_is_not() -> None:
    assert a.cohen_kappa(["yes", "yes"], ["yes", "yes"], None, ("yes", "no")) is None
    assert a.fleiss_kappa(CONSTANT) is None
    assert a.krippendorff_alpha(CONSTANT, "nominal", ("yes", "no")) is None
    assert a.gwet_ac1(CONSTANT, ("yes", "no")) == 1


def test_without_a_pair_nothing_is_defined() -> None:
    assert a.cohen_kappa(["yes", None], [None, "no"]) is None
    for coefficient in (a.fleiss_kappa, a.gwet_ac1, a.krippendorff_alpha):
        assert coefficient(MISSING) is None
        assert coefficient([]) is None


def test_weights_forgive_near_misses() -> None:
    first, second = [1, 2, 3, 4, 5, 3], [1, 2, 4, 4, 5, 3]
    plain, linear, quadratic = (a.cohen_kappa(first, second, w, (1, 2, 3, 4, 5)) for w in (None, "linear", "quadratic"))
    assert plain is not None
    assert linear is not None
    assert quadratic is not None
    assert plain < linear < quadratic < 1
    # By hand: 1 - sum((i-j)^2 observed) / sum((i-j)^2 expected) = 1 - 1/6 / (127/36).
    assert quadratic == pytest.approx(1 - (1 / 6) / (sum((x - y) ** 2 for x in first for y in second) / 36))


def test_alpha_of_ordered_and_interval_ratings() -> None:
    table = [(1, 1), (2, 3), (5, 5), (4, None)]
    ordinal, interval = a.krippendorff_alpha(table, "ordinal"), a.krippendorff_alpha(table, "interval")
    nominal = a.krippendorff_alpha(table)
    assert None not in (nominal, ordinal, interval)
    assert nominal < ordinal  # type: ignore[operator]
    # By hand over coincidences of the three paired units: 1 - 5 * 2 / 94.
    pooled = [1, 1, 2, 3, 5, 5]
    expected = sum((x - y) ** 2 for x in pooled for y in pooled) / (6 * 5)
    assert interval == pytest.approx(1 - (2 / 6) / expected)



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


def _compute(coefficient: str, dataset: str, table: list[tuple[a.Rating, ...]]) -> float | None:
    whole: dict[str, Callable[[], float | None]] = {
        "Fleiss kappa": lambda: a.fleiss_kappa(table),
        "Gwet AC1": lambda: a.gwet_ac1(table),
        "avg observed agreement Ao": lambda: a.raw_agreement(table),
        "Krippendorff alpha nominal": lambda: a.krippendorff_alpha(table, "nominal"),
        "Krippendorff alpha ordinal": lambda: a.krippendorff_alpha(table, "ordinal"),
        "Krippendorff alpha interval": lambda: a.krippendorff_alpha(table, "interval"),
    }
    if coefficient in whole:
        return whole[coefficient]()
    names = {"Rater1": 0, "Rater2": 1, "Rater3": 2, "Rater4": 3, "label_0": 0, "label_1": 1, "label_2": 2,
             "reasoning_required_pred": 0, "reasoning_free_pred": 1}
    pair = coefficient.partition("[")[2].rstrip("]").split(" vs ") if "[" in coefficient else None
    i, j = (names[pair[0]], names[pair[1]]) if pair else (0, 1)
    return a.cohen_kappa([u[i] for u in table], [u[j] for u in table])


IMPLEMENTED = ("Fleiss kappa", "Gwet AC1", "avg observed agreement Ao", "Krippendorff alpha", "Cohen kappa")


def _expected() -> list[tuple[str, str, str, float]]:
    if not TABLES.is_dir():
        return []
    with (TABLES / "expected_values.csv").open(encoding="utf-8") as handle:
        return [(r["dataset"], r["file"], r["coefficient"], float(r["value"])) for r in csv.DictReader(handle)
                if r["coefficient"].startswith(IMPLEMENTED)]


@needs_tables
@pytest.mark.parametrize(("dataset", "file", "coefficient", "value"), _expected())
def test_published_and_recomputed_values(dataset: str, file: str, coefficient: str, value: float) -> None:
    assert _compute(coefficient, dataset, _load(dataset, file)) == pytest.approx(value, abs=0.0005)


@needs_tables
def test_the_oracle_covers_every_coefficient() -> None:
    found = {row[2].partition(" [")[0] for row in _expected()}
    assert {"Fleiss kappa", "Gwet AC1", "Cohen kappa", "Krippendorff alpha nominal"} <= found
    assert len(_expected()) >= 30
