"""All signals that need no model, for generated candidates: seconds and peak memory, and again with some more.

    python benchmarks/signals.py TEXTS.parquet [--candidates 100000] [--more 1000] [--workers 0]

Candidates are questions and answers built from the column `text` of real texts: an answer is a run of sentences of one
text, which is its passage; some are copies, some edited copies. The second figure adds `--more` candidates to those.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from peaks import watched

from itd_pipeline import settings
from itd_pipeline.ports import content_id
from itd_pipeline.signals import Earlier, measure
from itd_pipeline.tables.records import CANDIDATES, DEFAULTS

_FORMS = ("What should a patient know about {}?", "Explain {} in plain words.", "Describe {}",
          "A doctor asks about {}. What do you answer?", "Tell me more about {}, please.")
_ROUTES = ("synthetic", "synthetic", "hybrid", "converted", "template", "manual")


def candidates(texts: list[str], count: int) -> tuple[pa.Table, pa.Table]:
    rng = random.Random(13)
    sentences = [[s for s in re.split(r"(?<=[.!?])\s+|\n+", text) if s.strip()] for text in texts]
    usable = [i for i, found in enumerate(sentences) if len(found) >= 3]
    names = [content_id("passage", text) for text in texts]
    rows: list[dict[str, Any]] = []
    used: dict[str, str] = {}
    while len(rows) < count:
        i = rng.choice(usable)
        start = rng.randrange(len(sentences[i]) - 1)
        output = " ".join(sentences[i][start:start + rng.randint(1, 8)]).strip()
        words = output.split()
        if rng.random() < 0.3 and len(words) > 3:
            words[rng.randrange(len(words))] = rng.choice(rng.choice(sentences[i]).split())
            output = " ".join(words)
        instruction = rng.choice(_FORMS).format(" ".join(rng.choice(sentences[i]).split()[:rng.randint(2, 12)]))
        used[names[i]] = texts[i]
        route = rng.choice(_ROUTES)
        rows.append({
            **DEFAULTS, "record_id": content_id("rec", str(len(rows)), instruction, output), "instruction": instruction,
            "input": None if rng.random() < 0.7 else rng.choice(sentences[i]), "output": output,
            "task_type": "question_answering", "route": route, "author": "a", "source": "s", "group_id": names[i],
            "author_role": "clinician" if route == "manual" else "model", "licence": "CC0-1.0",
            "passage_ids": [names[i]],
        })
    passages = pa.table({"passage_id": list(used), "text": list(used.values())})
    return CANDIDATES.from_rows(rows), passages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--more", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=0)
    given = parser.parse_args()
    with pq.ParquetFile(given.texts) as file:
        texts = [text for text in dict.fromkeys(file.read(columns=["text"]).column("text").to_pylist()) if text]
    table, passages = candidates(texts, given.candidates + given.more)
    parameters = settings.Signals(workers=given.workers)
    steps: dict[str, list[float]] = {}

    def noted(step: str, _: int, __: int) -> None:
        steps.setdefault(step, []).append(time.perf_counter())

    started = time.perf_counter()
    with watched(os.getpid()) as peaks:
        first = measure(table.slice(0, given.candidates), passages, parameters, progress=noted)
    seconds = time.perf_counter() - started
    print(f"{given.candidates} candidates: {seconds:.1f} s, " + ", ".join(
        f"{step} {times[-1] - (started if step == 'each record' else times[0]):.1f}" for step, times in steps.items()))
    print(f"peak with workers {peaks['together']:,.0f} MiB, of this process {peaks['main']:,.0f} MiB")
    earlier = Earlier.of(first)
    started = time.perf_counter()
    with watched(os.getpid()) as peaks:
        second = measure(table, passages, parameters, earlier=earlier)
    print(f"{given.more} more: {time.perf_counter() - started:.1f} s, measured {second.facts['records_measured']}")
    print(f"peak with workers {peaks['together']:,.0f} MiB, of this process {peaks['main']:,.0f} MiB")


if __name__ == "__main__":
    main()
