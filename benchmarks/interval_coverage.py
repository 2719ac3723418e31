"""How often the 95 % intervals of agreement and of the defect rate hold the truth, in simulation.

    python benchmarks/interval_coverage.py [--runs 2000]

Five designs of ratings, five of defects; each run draws a sample from a population whose value is known and asks
whether the interval holds it. 93 to 97 % is what an interval of 95 % should reach; at 2,000 runs chance alone moves the
figure by 1 %. Minutes to an hour: agreement intervals are bootstraps.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from itd_pipeline.evaluation import agreement
from itd_pipeline.evaluation.agreement.ratings_table import value_of
from itd_pipeline.evaluation.defects import defect_rate
from itd_pipeline.evaluation.two_stage import two_stage_rate

RATINGS = {
    "two raters, yes or no": (100, 2, (0.5, 0.5), 0.7, 0.0),
    "two raters, nine in ten yes": (150, 2, (0.9, 0.1), 0.7, 0.0),
    "three raters, five steps": (100, 3, (0.1, 0.15, 0.2, 0.3, 0.25), 0.6, 0.0),
    "four raters, two in five ratings missing": (120, 4, (0.6, 0.3, 0.1), 0.6, 0.4),
    "two raters, five steps, few records": (60, 2, (0.2, 0.2, 0.2, 0.2, 0.2), 0.6, 0.0),
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
COEFFICIENTS = {
    "raw": agreement.raw_agreement, "Fleiss": agreement.fleiss_kappa, "Conger": agreement.conger_kappa,
    "AC1": agreement.gwet_ac, "alpha": agreement.krippendorff_alpha("nominal"),
    "ordinal alpha": agreement.krippendorff_alpha("ordinal"), "ICC(2,1)": agreement.icc_single,
}


def ratings(random: np.random.Generator, design: tuple[Any, ...], units: int | None = None) -> agreement.Ratings:
    """Raters who see the truth, or else guess by the shares of the steps."""
    count, raters, shares, seen, missing = design
    count = units or count
    truth = random.choice(len(shares), count, p=shares)
    guess = random.choice(len(shares), (count, raters), p=shares)
    given = np.where(random.random((count, raters)) < seen, truth[:, None], guess) + 1
    absent = random.random((count, raters)) < missing
    table = [[None if absent[u, r] else int(given[u, r]) for r in range(raters)] for u in range(count)]
    return agreement.Ratings.of(table, tuple(range(1, len(shares) + 1)))


def agreement_hits(name: str, seed: int, runs: int, truth: dict[str, float]) -> dict[str, int]:
    random = np.random.default_rng(seed)
    hits = dict.fromkeys(truth, 0)
    for _ in range(runs):
        drawn = ratings(random, RATINGS[name])
        for coefficient, value in truth.items():
            found = agreement.estimate(COEFFICIENTS[coefficient], drawn)
            hits[coefficient] += found.low is not None and found.low <= value <= (found.high or 0)
    return hits


def defect_hits(name: str, seed: int, runs: int) -> dict[str, int]:
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
        scores = np.clip(0.35 * whole + 0.3 * random.random(len(whole)), 0, 1)
        truth, found = float(whole.mean()), whole[at].tolist()
        alone = defect_rate(found, chances, strata=strata)
        judged = two_stage_rate(scores.tolist(), scores[at].tolist(), found, chances, strata=strata)
        hits["sample alone"] += alone.low <= truth <= alone.high
        hits["upper bound"] += truth <= alone.upper_bound
        hits["with a judge"] += judged.low <= truth <= judged.high
    return hits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=2000)
    runs = parser.parse_args().runs
    parts = os.cpu_count() or 1
    with ProcessPoolExecutor(parts) as pool:
        for name in DEFECTS:
            jobs = [pool.submit(defect_hits, name, seed, runs // parts) for seed in range(parts)]
            show(name, [job.result() for job in jobs], runs // parts * parts)
        for name, design in RATINGS.items():
            population = ratings(np.random.default_rng(99), design, 100_000)
            wanted = [c for c in COEFFICIENTS if not (c == "ICC(2,1)" and design[4])]
            truth = {c: value_of(COEFFICIENTS[c], population) or 0.0 for c in wanted}
            jobs = [pool.submit(agreement_hits, name, seed, runs // parts, truth) for seed in range(parts)]
            show(name, [job.result() for job in jobs], runs // parts * parts)


def show(name: str, hits: list[dict[str, int]], runs: int) -> None:
    print(f"{name}: " + ", ".join(f"{key} {sum(h[key] for h in hits) / runs:.3f}" for key in hits[0]), flush=True)


if __name__ == "__main__":
    main()
