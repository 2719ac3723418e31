"""Complexity and quality of a record, without a model: what a small, strong release is chosen by.

DEITA (Liu et al. 2024, arXiv:2312.15685) scores both with trained models and keeps complex, good, diverse records.
These are cheap stand-ins that explain themselves and rank; they are no judgement of the medicine.

Complexity: mean of four shares in [0, 1]: length of the prompt on a logarithmic scale up to 400 words, of the output
up to 800, distinct among the prompt's words up to 120, and marks of a demanding task (conditions, reasons,
comparisons, numbers) up to 6. Quality: the share of the output that evidence covers (0.5 where there is no evidence),
times the share of 3-grams that are no repeats; 0 for refusals, remains of templates and cut outputs.
"""

from __future__ import annotations

import math
import re

from itd_pipeline.signals.signal import Columns, Records, Signal

_PROMPT_WORDS, _OUTPUT_WORDS, _DISTINCT_WORDS, _MARKS = 400, 800, 120, 6
_UNKNOWN_COVERAGE = 0.5
_DEMANDING = re.compile(
    r"\b(?:if|unless|although|despite|because|why|whether|compare|versus|differential|explain|justify|rationale|"
    r"step|plan|except|contraindicat\w*|interact\w*|most likely|next)\b|\d", re.IGNORECASE)


def complexity(prompt: str, prompt_words: int, distinct_words: int, output_words: int) -> float:
    """Complexity in [0, 1]."""
    marks = min(1.0, len(_DEMANDING.findall(prompt)) / _MARKS)
    return (_grown(prompt_words, _PROMPT_WORDS) + _grown(output_words, _OUTPUT_WORDS)
            + min(1.0, distinct_words / _DISTINCT_WORDS) + marks) / 4


def quality(coverage: float | None, repetition: float, spoiled: bool) -> float:
    """Quality in [0, 1]."""
    return 0.0 if spoiled else (_UNKNOWN_COVERAGE if coverage is None else coverage) * (1 - repetition)


def _grown(count: int, most: int) -> float:
    return min(1.0, math.log1p(count) / math.log1p(most))


def measured(records: Records) -> Columns:
    """Both scores of each record."""
    words = records.words
    rows = zip(records.column("instruction"), records.column("input"), records.measured("output_words"), strict=True)
    complexities = []
    for i, (instruction, given, output_words) in enumerate(rows):
        prompt = [*words.instructions.row(i).tolist(), *words.inputs.row(i).tolist()]
        complexities.append(complexity(f"{instruction} {given or ''}", len(prompt), len(set(prompt)), output_words))
    spoiled = zip(*(records.measured(name) for name in ("refusal", "template_remains", "output_truncated")),
                  strict=True)
    qualities = [quality(coverage, repetition, any(faults)) for coverage, repetition, faults in zip(
        records.measured("evidence_coverage"), records.measured("repetition_share"), spoiled, strict=True)]
    return {"complexity_score": complexities, "quality_score": qualities}


SIGNAL = Signal(
    name="strength", version=1, columns=("complexity_score", "quality_score"), compute=measured,
    needs=("output_words", "refusal", "template_remains", "output_truncated", "evidence_coverage",
           "repetition_share"),
)
