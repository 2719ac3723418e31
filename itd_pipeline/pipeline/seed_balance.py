"""The checks of `filtered_set` against the seeds: whether seeds were expanded, and how far the records have drifted.

They warn and never block: drift may be wanted. Belongs here: reading the tables and saying the verdict. Does not
belong here: the numbers (`seeds/balance.py`).
"""

from __future__ import annotations

from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.seeds.balance import FEWEST, VOCABULARIES, balance

STAGE = "filtered_set"
EXPANSION, DRIFT = "seed_expansion", "seed_drift"
DESCRIPTIONS = {
    EXPANSION: "Seeds that stood in prompts gave at least one accepted record each, on average (expansion factor).",
    DRIFT: "Accepted records have not drifted from the seeds in any vocabulary (Jensen-Shannon divergence in bits).",
}
MOST_DRIFT = 0.5
"""Divergence in bits whose lower bound, above it, is a warning: half of what shares no word at all."""


def seed_checks(scope: Scope) -> list[tuple[str, bool, str, dict[str, int]]]:
    """(check, held, sentence, numbers) of both."""
    columns = ["route", "seed_ids", *VOCABULARIES]
    found = balance(scope.lake.read("expert_seeds", columns=columns).to_pylist(),
                    scope.lake.read(STAGE, columns=columns).to_pylist())
    numbers = {"seeds": found.seeds, "accepted": found.accepted}
    factor = found.expansion_factor
    says = "No seed stood in a prompt." if factor is None else f"{factor:.2f} accepted records per seed used."
    if not found.drift:
        drifted = f"Too few to say: {found.seeds:,} seeds and {found.accepted:,} records, {FEWEST} of each are needed."
    else:
        drifted = "; ".join(f"{d.vocabulary} {d.divergence:.2f} ({d.low:.2f} to {d.high:.2f})" for d in found.drift)
    far = sum(d.low > MOST_DRIFT for d in found.drift)
    return [(EXPANSION, factor is None or factor >= 1, says, numbers),
            (DRIFT, far == 0, drifted, {**numbers, "vocabularies_drifted": far})]
