"""Which passages and seeds go into which request. Belongs here: drawing. Not here: prompts, models, answers.

Passages of 30 to 220 words are eligible: shorter ones hold too little for a question and its evidence, longer ones are
cut at cleaning. They are drawn in the order of a hash of seed, route and passage; every document has its turn before
one has a second. Seeds of the passage's specialty come first, then those whose task is not yet shown, then the
order of a hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.expand.forms import draw

LEAST_WORDS, MOST_WORDS = 30, 220


def draw_passages(passages: pa.Table, route: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Up to `count` eligible rows of the passages table, in the order drawn."""
    narrow = passages.select(["passage_id", "document_id", "word_count"])
    ids, documents, lengths = (narrow.column(i).to_pylist() for i in range(3))
    eligible = [n for n, words in enumerate(lengths) if LEAST_WORDS <= words <= MOST_WORDS] if count else []
    eligible.sort(key=lambda n: (draw(str(seed), route, ids[n]), ids[n]))
    seen: dict[str, int] = {}
    turns = []
    for position, number in enumerate(eligible):
        turn = seen[documents[number]] = seen.get(documents[number], 0) + 1
        turns.append((turn, position, number))
    chosen = [number for _, _, number in sorted(turns)[:count]]
    rows: list[dict[str, Any]] = passages.take(pa.array(chosen, pa.int64())).to_pylist()
    return rows


def draw_seeds(
    seeds: Sequence[Mapping[str, Any]], passage: Mapping[str, Any], count: int, seed: int,
) -> list[Mapping[str, Any]]:
    """Up to `count` seeds as examples for a passage, in the order shown."""
    ordered = sorted(seeds, key=lambda s: (
        s["specialty"] != passage["specialty"] or s["specialty"] == "unspecified",
        draw(str(seed), passage["passage_id"], s["record_id"]), s["record_id"]))
    near = [s for s in ordered if s["specialty"] == passage["specialty"] != "unspecified"]
    chosen: list[Mapping[str, Any]] = []
    for pool in (near, ordered):
        for fresh in (True, False):
            for one in pool:
                shown = {c["task_type"] for c in chosen}
                if len(chosen) < count and one not in chosen and not (fresh and one["task_type"] in shown):
                    chosen.append(one)
    return chosen
