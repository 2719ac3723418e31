"""What a sample of which size proves: the one-sided bound of Clopper and Pearson (1934), read backwards.

Belongs here: how many records without, or with few, defects show which share. Does not belong here: the bound itself
(`defects.py`), or what was found in a sample (`ratings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from itd_pipeline.evaluation.defects import clopper_pearson_upper, effective_size, sample_size_for

BOUNDS = (0.05, 0.01)
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Proof:
    """So many records, of which so many are defective, show that at most this share of all is.

    Args:
        bound: share of defective records, 0 to 1.
        defective: defects found.
        records: least number of records, drawn with equal chances, that shows it.
    """

    bound: float
    defective: int
    records: int


def proofs(bounds: Sequence[float] = BOUNDS, most_defective: int = 2, confidence: float = CONFIDENCE) -> list[Proof]:
    """Every bound with no defect, one, and so on: 59 and 299 records without a defect show 5 % and 1 %."""
    return [Proof(bound, defective, sample_size_for(bound, confidence, defective))
            for bound in bounds for defective in range(most_defective + 1)]


def shows_at_most(inclusion_probabilities: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """What a sample would show if all of it were judged and no defect found.

    Args:
        inclusion_probabilities: of the records drawn, above 0.

    Returns:
        The bound on the share of defective records (1 without a record), and how many records drawn with equal chances
        would tell as much.
    """
    if not inclusion_probabilities:
        return 1.0, 0.0
    size = effective_size([False] * len(inclusion_probabilities), [1 / p for p in inclusion_probabilities])
    return clopper_pearson_upper(0, size, confidence), size
