"""How varied the kept records are: words, openings, meanings.

Distinct-n is the share of n-grams that differ (Li et al. 2016, arXiv 1510.03055); type-token ratio is distinct-1. The
Vendi score is the exponential of the entropy of the eigenvalues of the similarity matrix: the effective number of
different texts (Friedman and Dieng 2023, arXiv 2210.02410). Openings follow figure 2 of Self-Instruct (Wang et al.
2023, arXiv 2212.10560), with word lists in the place of a parser.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from itd_pipeline.evaluation import figures
from itd_pipeline.evaluation.columns import only
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Figure, Grid, Ledger, PageSection
from itd_pipeline.evaluation.sample import drawn, mean_of_draws
from itd_pipeline.evaluation.sections.meanings import FUNCTION_WORDS, map_of

ID = "diversity"
SAMPLE, DRAW, MEANING_DRAW = 2000, 100, 50
TOP = 20
LEAST = 3
"""A word is named where so many records have it."""
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


def diversity(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Words, near-duplicates, openings and the map."""
    title = "Diversity"
    if not inputs.filtered.num_rows:
        return PageSection(ID, title, "No record was kept, so there is nothing to measure.")
    sample = drawn(inputs.filtered, SAMPLE)
    rows: list[list[Cell]] = []
    for part in ("instruction", "output"):
        words = [_WORD.findall(text.lower()) for text in sample.column(part).to_pylist()]
        row: list[Cell] = [part.capitalize()]
        for n, name in ((1, "type_token_ratio"), (2, "distinct_2"), (3, "distinct_3")):
            value, note = mean_of_draws(words, DRAW, lambda draw, n=n: distinct(draw, n))  # type: ignore[misc]
            row.append(ledger.add(ID, f"{part}_{name}", value, "score", note=note))
        rows.append(row)
    blocks: list[Block] = [Grid(
        f"Share of words and word pairs that differ, in draws of {DRAW}", ("", "Type-token ratio", "Distinct-2",
                                                                           "Distinct-3"), rows, notes=True)]
    kept = only(inputs.signals, "record_id", inputs.filtered.column("record_id"))
    twins = kept.num_rows - kept.column("near_duplicate_of").null_count
    found = inputs.signals.num_rows - inputs.signals.column("near_duplicate_of").null_count
    vendi, note = (None, "no map was drawn") if inputs.map_vectors is None else mean_of_draws(
        inputs.map_vectors, MEANING_DRAW, vendi_score)
    blocks.append(Grid("Meanings and near-duplicates", ("", "Value"), [
        [f"Vendi score of instructions: different meanings among {MEANING_DRAW}",
         ledger.add(ID, "vendi_score", vendi, "score", note=note)],
        ["Near-duplicates among candidates", ledger.add(
            ID, "near_duplicate_rate_candidates", found / (inputs.signals.num_rows or 1), "share")],
        ["Near-duplicates among kept records", ledger.add(
            ID, "near_duplicate_rate_kept", twins / (kept.num_rows or 1), "share")]], notes=True))
    blocks += map_of(inputs, ledger)
    blocks += _openings(inputs, ledger)
    return PageSection(ID, title, "Whether records ask many things in many ways, or few things in few ways.", blocks)


def distinct(texts: Sequence[Sequence[str]], n: int) -> float:
    """Share of n-grams that differ, over all texts together."""
    seen: set[tuple[str, ...]] = set()
    whole = 0
    for words in texts:
        grams = list(zip(*(words[start:] for start in range(n)), strict=False))
        seen.update(grams)
        whole += len(grams)
    return len(seen) / whole if whole else 0.0


def vendi_score(vectors: Sequence[Any]) -> float:
    """Of vectors of length 1."""
    import numpy as np

    rows = np.asarray(vectors, np.float64)
    values = np.linalg.eigvalsh(rows @ rows.T / len(rows))
    values = values[values > 1e-12]
    return math.exp(-float((values * np.log(values)).sum()))


def opening(instruction: str) -> tuple[str, str]:
    """First word, and the first word after it that is no function word and no single letter."""
    words = [word.lower() for word in _WORD.findall(instruction)[:24]]
    if not words:
        return "", ""
    return words[0], next((word for word in words[1:] if word not in FUNCTION_WORDS and len(word) > 1), "")


def _openings(inputs: ReportInputs, ledger: Ledger) -> list[Block]:
    """Words that open several records: a word that stands in one record alone may be a name. None is from patient
    data."""
    public = inputs.filtered.filter(pc.invert(inputs.filtered.column("patient_data")))
    counted = Counter(opening(text) for text in public.column("instruction").to_pylist())
    verbs: Counter[str] = Counter()
    for (verb, _), count in counted.items():
        verbs[verb] += count
    named = sorted(((verb, count) for verb, count in verbs.items() if count >= LEAST),
                   key=lambda item: (-item[1], item[0]))[:TOP]
    rows: list[list[Cell]] = [["all different", ledger.add(ID, "opening_words", len(verbs)), "", ""]]
    for verb, count in named:
        objects = sorted(((n, noun) for (v, noun), n in counted.items() if v == verb and noun and n >= LEAST),
                         key=lambda item: (-item[0], item[1]))[:4]
        name = verb or "no word"
        rows.append([name, ledger.add(ID, "opening_word", count, group=name),
                     ledger.add(ID, "opening_word_share", count / public.num_rows, "share", group=name),
                     ", ".join(f"{noun} ({n:,})" for n, noun in objects)])
    table = Grid("How instructions open", ("First word", "Records", "Share", "First words after it that carry meaning"),
                 rows)
    if not named:
        return [table]
    drawing = figures.bars("openings", [v or "no word" for v, _ in named[:12]], [n for _, n in named[:12]], "records")
    said = "; ".join(f"{verb or 'no word'} {count:,}" for verb, count in named[:12])
    return [Figure(drawing, f"Bar chart of the first words of instructions: {said}.", "First words of instructions"),
            table]
