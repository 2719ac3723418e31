"""HealthBench (Arora et al. 2025, arXiv:2505.08775): conversations, with ideal completions by physicians.

Looked for are what the user writes and the completions; an earlier turn of the assistant is part of the item, too. The
rubrics tell the grader what to look for and stand in no training text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itd_pipeline.decontamination.builders.draft import Builder, Draft, FormatError, references, text
from itd_pipeline.decontamination.builders.files import Row


def _build(rows: Sequence[Row]) -> Iterator[Draft]:
    for number, row in enumerate(rows, start=1):
        if "prompt" not in row:
            raise FormatError("its rows have no column 'prompt': this file holds labels or ids without the texts of "
                              "the conversations, so nothing could be looked for; the file of the examples is wanted")
        prompt = row["prompt"]
        turns: list[Any] = list(prompt) if isinstance(prompt, list) else [{"role": "user", "content": prompt}]
        said = [text(turn.get("content")) for turn in turns if isinstance(turn, Mapping)]
        ideal = row.get("ideal_completions_data")
        ideal = ideal if isinstance(ideal, Mapping) else {}
        drawn = ideal.get("ideal_completions_ref_completions")
        yield Draft(text(row.get("prompt_id")) or str(number), "\n".join(said),
                    answer=text(ideal.get("ideal_completion")),
                    more=tuple(references("reference completion", map(text, drawn if isinstance(drawn, list) else []))))


HEALTHBENCH = Builder("HealthBench: prompt_id, prompt as a list of turns, ideal_completions_data", _build)
