"""Novelty: how close an instruction comes to one that is already there.

Self-Instruct (Wang et al. 2023, doi 10.18653/v1/2023.acl-long.754) keeps a generated instruction only if its ROUGE-L
with every instruction of the pool is below 0.7; AlpaCare does the same for medicine. ROUGE-L F1 (Lin 2004) of two
word sequences is 2 * LCS / (len a + len b): the normalised Indel similarity, which rapidfuzz computes on words
written as single characters.

The pool starts with the experts' instructions. The measured ones are taken in quality order, and one that stays
below the threshold joins the pool: of two that resemble each other the better one stays, whatever the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.signals.tokens import Tokens, Vocabulary, tokenise

_BLOCK = 256
_FIRST_SURROGATE, _SURROGATES = 0xD800, 0x800
_TIE = 1e-12


@dataclass(frozen=True)
class Novelty:
    """Per record: greatest ROUGE-L F1 and whose instruction that is; both null where not measured, the id also null
    where the pool was empty or shares no word."""

    rouge_l: list[float | None]
    nearest: list[str | None]


def novelty(
    instructions: Tokens, record_ids: Sequence[str], quality_rank: Sequence[int], seeds: Sequence[bool],
    measured: Sequence[bool], threshold: float,
) -> Novelty:
    """ROUGE-L of each measured instruction against seeds and earlier kept ones.

    Args:
        instructions: words, one row per record.
        record_ids: unique ids in the same order.
        quality_rank: order in which instructions are taken.
        seeds: which records are experts' own; those that are not measured stand in the pool from the start.
        measured: which records are measured.
        threshold: from which an instruction counts as known and does not join the pool.
    """
    ranked = sorted(range(len(record_ids)), key=lambda i: quality_rank[i])
    queue = [i for i in ranked if measured[i]]
    result = Novelty([None] * len(record_ids), [None] * len(record_ids))
    if not queue:
        return result
    pool = [i for i in ranked if seeds[i] and not measured[i]]
    characters: dict[int, str] = {}
    text = {i: _as_characters(instructions.row(i), characters) for i in (*pool, *queue)}
    for start in range(0, len(queue), _BLOCK):
        block = queue[start:start + _BLOCK]
        known = _similarities([text[i] for i in block], [text[i] for i in pool])
        among = _similarities([text[i] for i in block], [text[i] for i in block])
        accepted: list[int] = []
        for place, i in enumerate(block):
            score, nearest = _best(known[place], pool)
            near_score, near = _best(among[place, accepted], [block[k] for k in accepted])
            if near_score > score + _TIE:
                score, nearest = near_score, near
            result.rouge_l[i] = score
            result.nearest[i] = None if nearest is None else record_ids[nearest]
            if score < threshold:
                accepted.append(place)
        pool.extend(block[k] for k in accepted)
    return result


def _similarities(left: list[str], right: list[str]) -> npt.NDArray[np.float64]:
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    if not left or not right:
        return np.zeros((len(left), len(right)))
    scores = cdist(left, right, scorer=Indel.normalized_similarity, dtype=np.float64, workers=1)
    empty = np.array([not words for words in left])[:, None]
    return np.asarray(np.where(empty, 0.0, scores), dtype=np.float64)


def _best(scores: npt.NDArray[np.float64], ids: list[int]) -> tuple[float, int | None]:
    """Greatest score and the first id that has it; (0, None) where there is none above 0."""
    if not len(scores):
        return 0.0, None
    place = int(np.argmax(scores))
    return (float(scores[place]), ids[place]) if scores[place] > 0 else (0.0, None)


def _as_characters(words: npt.NDArray[np.uint32], characters: dict[int, str]) -> str:
    """One character per word, numbered as they come; surrogates are no characters and are left out."""
    for word in words.tolist():
        if word not in characters:
            number = len(characters) + 1
            characters[word] = chr(number if number < _FIRST_SURROGATE else number + _SURROGATES)
    return "".join(characters[word] for word in words.tolist())


def measured(records: Records) -> Columns:
    """Novelty among all records."""
    parameters = records.study.signals
    routes = records.column("route")
    found = novelty(
        tokenise(records.column("instruction"), Vocabulary()), records.column("record_id"),
        records.measured("quality_rank"), [route == "manual" for route in routes],
        [route in parameters.novelty_routes for route in routes], parameters.novelty_threshold)
    return {"novelty_rouge_l": found.rouge_l, "novelty_nearest": found.nearest}


def _parameters(study: Study) -> Mapping[str, Any]:
    return {"routes": sorted(study.signals.novelty_routes), "threshold": study.signals.novelty_threshold}


SIGNAL = Signal(
    name="novelty", version=1, columns=("novelty_rouge_l", "novelty_nearest"), compute=measured, each=False,
    needs=("quality_rank",), parameters=_parameters, libraries=("rapidfuzz",),
)
