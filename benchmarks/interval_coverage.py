"""How often the 95 % intervals of agreement and of the defect rate hold the truth, in simulation.

    python benchmarks/interval_coverage.py [--runs 2000] [--only ratings|defects] [--held-out]

Six designs of ratings, five of defects; each run draws a sample from a population whose value is known and asks
whether the interval holds it. 93 to 97 % is what an interval of 95 % should reach; at 2,000 runs chance alone moves the
figure by 1 %. Every coefficient of the report is there: raw agreement, Cohen with three weightings (two raters),
Fleiss, Conger, Brennan-Prediger, Gwet AC1 and AC2, alpha nominal, ordinal and interval, ICC(2,1) and ICC(2,k). A sample
on which a coefficient is not defined gives no interval and is not counted; how many there were is told.

The way in which intervals are computed was chosen among several by these designs. `--held-out` runs five others, which
had no part in the choice: of two small ones with answers of two kinds some figures lie outside.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from itd_pipeline.evaluation import agreement
from itd_pipeline.evaluation.agreement.ratings_table import value_of
from itd_pipeline.evaluation.defects import defect_rate
from itd_pipeline.evaluation.judge_calibration import defect_probabilities
from itd_pipeline.evaluation.two_stage import two_stage_rate

RATINGS = {
    "two raters, yes or no, 60 records": (60, 2, (0.5, 0.5), 0.7, 0.0),
    "two raters, nine in ten yes, 150 records": (150, 2, (0.9, 0.1), 0.7, 0.0),
    "two raters, nine in ten yes, 50 records": (50, 2, (0.9, 0.1), 0.8, 0.0),
    "three raters, five steps, most at the top, 50 records": (50, 3, (0.03, 0.05, 0.12, 0.3, 0.5), 0.7, 0.0),
    "four raters, three steps, two in five ratings missing, 100 records": (100, 4, (0.6, 0.3, 0.1), 0.6, 0.4),
    "two raters, five steps, 40 records": (40, 2, (0.2, 0.2, 0.2, 0.2, 0.2), 0.6, 0.0),
}
HELD_OUT = {
    "two raters, seven in ten yes, rarely differing, 30 records": (30, 2, (0.7, 0.3), 0.9, 0.0),
    "three raters, 85 in 100 yes, 40 records": (40, 3, (0.85, 0.15), 0.7, 0.0),
    "two raters, five steps, 80 records": (80, 2, (0.05, 0.1, 0.2, 0.3, 0.35), 0.75, 0.0),
    "two raters, 95 in 100 yes, 200 records": (200, 2, (0.95, 0.05), 0.6, 0.0),
    "five raters, three steps, three in ten ratings missing, 60 records": (60, 5, (0.5, 0.3, 0.2), 0.5, 0.3),
}
"""units, raters, shares of the steps, chance that a rater sees the truth, chance that a rating is missing"""
DEFECTS = {
    "one stratum, 5 %": ((5000, 75, 0.05), (5000, 75, 0.05)),
    "one stratum, 15 %": ((5000, 100, 0.15), (5000, 100, 0.15)),
    "3 % and 20 %, the rare ones drawn nine times as often": ((9000, 100, 0.03), (1000, 100, 0.2)),
    "10 % and 30 %, drawn unevenly": ((2000, 60, 0.1), (8000, 140, 0.3)),
    "2 %": ((5000, 150, 0.02), (5000, 150, 0.02)),
}
"""per stratum: records, drawn, share of defects"""
COEFFICIENTS: dict[str, tuple[agreement.Coefficient, agreement.Weighting]] = {
    "raw": (agreement.raw_agreement, "identity"), "Cohen": (agreement.cohen_kappa, "identity"),
    "Cohen linear": (agreement.cohen_kappa, "linear"), "Cohen quadratic": (agreement.cohen_kappa, "quadratic"),
    "Fleiss": (agreement.fleiss_kappa, "identity"), "Conger": (agreement.conger_kappa, "identity"),
    "Brennan-Prediger": (agreement.brennan_prediger, "identity"), "AC1": (agreement.gwet_ac, "identity"),
    "AC2": (agreement.gwet_ac, "quadratic"), "alpha": (agreement.krippendorff_alpha("nominal"), "identity"),
    "ordinal alpha": (agreement.krippendorff_alpha("ordinal"), "identity"),
    "interval alpha": (agreement.krippendorff_alpha("interval"), "identity"),
    "ICC(2,1)": (agreement.icc_single, "identity"), "ICC(2,k)": (agreement.icc_average, "identity"),
}
Hits = dict[str, tuple[int, int]]
"""what -> (intervals that hold the truth, intervals)"""


def applies(coefficient: str, design: tuple[Any, ...]) -> bool:
    """Cohen compares two raters, ICC wants all ratings, and of two steps weights say nothing new."""
    _, raters, shares, _, missing = design
    weighted = COEFFICIENTS[coefficient][1] != "identity" or coefficient in ("ordinal alpha", "interval alpha")
    return not ((coefficient.startswith("Cohen") and raters != 2) or (coefficient.startswith("ICC") and missing)
                or (weighted and len(shares) == 2))


def table(random: np.random.Generator, design: tuple[Any, ...], units: int | None = None) -> list[list[int | None]]:
    """Raters who see the truth, or else guess by the shares of the steps."""
    count, raters, shares, seen, missing = design
    count = units or count
    truth = random.choice(len(shares), count, p=shares)
    guess = random.choice(len(shares), (count, raters), p=shares)
    given = np.where(random.random((count, raters)) < seen, truth[:, None], guess) + 1
    absent = random.random((count, raters)) < missing
    return [[None if gone else step for step, gone in zip(*unit, strict=True)]
            for unit in zip(given.tolist(), absent.tolist(), strict=True)]


def rated(given: list[list[int | None]], design: tuple[Any, ...]) -> dict[str, agreement.Ratings]:
    """Weighting -> ratings."""
    scale = tuple(range(1, len(design[2]) + 1))
    return {weights: agreement.Ratings.of(given, scale, weights)  # type: ignore[arg-type]
            for weights in ("identity", "linear", "quadratic")}


def agreement_hits(name: str, seed: int, runs: int, truth: dict[str, float]) -> Hits:
    random = np.random.default_rng(seed)
    hits = dict.fromkeys(truth, 0)
    intervals = dict.fromkeys(truth, 0)
    for _ in range(runs):
        design = (RATINGS | HELD_OUT)[name]
        drawn = rated(table(random, design), design)
        for coefficient, value in truth.items():
            formula, weights = COEFFICIENTS[coefficient]
            found = agreement.estimate(formula, drawn[weights])
            if found.low is not None and found.high is not None:
                intervals[coefficient] += 1
                hits[coefficient] += found.low <= value <= found.high
    return {c: (hits[c], intervals[c]) for c in truth}


def defect_hits(name: str, seed: int, runs: int) -> Hits:
    random = np.random.default_rng(seed)
    hits = {"sample alone": 0, "upper bound": 0, "with a judge": 0}
    for _ in range(runs):
        defective, chances, strata, drawn, start = [], [], [], [], 0
        for number, (records, wanted, share) in enumerate(DEFECTS[name]):
            defective.append(random.random(records) < share)
            drawn.append(start + random.choice(records, wanted, replace=False))
            chances += [wanted / records] * wanted
            strata += [str(number)] * wanted
            start += records
        whole, at = np.concatenate(defective), np.concatenate(drawn)
        # A judge's scores of 1 to 5 in halves, lower where there is a defect; one in fifty records has none.
        given = np.clip(np.round(2 * (4.3 - 1.5 * whole + random.normal(0, 0.7, len(whole)))) / 2, 1, 5)
        scores = [None if missing else score
                  for score, missing in zip(given.tolist(), random.random(len(whole)) < 0.02, strict=True)]
        truth, found = float(whole.mean()), whole[at].tolist()
        alone = defect_rate(found, chances, strata=strata)
        everyone, sampled = defect_probabilities(scores, at.tolist(), found)
        judged = two_stage_rate(everyone.tolist(), sampled.tolist(), found, chances, strata=strata)
        hits["sample alone"] += alone.low <= truth <= alone.high
        hits["upper bound"] += truth <= alone.upper_bound
        hits["with a judge"] += judged.low <= truth <= judged.high
    return {what: (n, runs) for what, n in hits.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--only", choices=("ratings", "defects"))
    parser.add_argument("--held-out", action="store_true", help="other designs of ratings")
    asked = parser.parse_args()
    parts = os.cpu_count() or 1
    runs, started = asked.runs // parts, time.perf_counter()
    with ProcessPoolExecutor(parts) as pool:
        def ask(name: str, work: Callable[..., Hits], *given: Any) -> None:
            jobs = [pool.submit(work, name, seed, runs, *given) for seed in range(parts)]
            show(name, [job.result() for job in jobs])

        for name in DEFECTS if asked.only != "ratings" and not asked.held_out else ():
            ask(name, defect_hits)
        designs = HELD_OUT if asked.held_out else RATINGS
        for name, design in designs.items() if asked.only != "defects" else ():
            population = rated(table(np.random.default_rng(99), design, 200_000), design)
            truth = {c: value_of(formula, population[weights]) or 0.0
                     for c, (formula, weights) in COEFFICIENTS.items() if applies(c, design)}
            ask(name, agreement_hits, truth)
    print(f"{runs * parts:,} runs, {time.perf_counter() - started:.0f} s")


def show(name: str, parts: list[Hits]) -> None:
    said = []
    for what in parts[0]:
        hits, intervals = (sum(part[what][i] for part in parts) for i in (0, 1))
        share = hits / intervals if intervals else float("nan")
        outside = "" if 0.93 <= share <= 0.97 or what == "upper bound" else " OUTSIDE"
        said.append(f"{what} {share:.3f}{outside}")
    least, most = min(part[w][1] for part in parts for w in part), max(part[w][1] for part in parts for w in part)
    missing = "" if least == most else f" (undefined in up to {1 - least / most:.1%} of the samples)"
    print(f"{name}: {', '.join(said)}{missing}", flush=True)


if __name__ == "__main__":
    main()
