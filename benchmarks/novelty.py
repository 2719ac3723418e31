"""Novelty by ROUGE-L over instructions, one a line, greedy at 0.7, beside comparing all pairs and other tools, in turn.

    python benchmarks/novelty.py INSTRUCTIONS.txt [--sizes 2000,5000,10000,25000,52000] [--all-pairs 5000,25000]
        [--peer NAME=COMMAND ...] [--runs 3]

For each size: median seconds of the whole process, and the exponent with which they grow from one size to the next.
For each size of --all-pairs the same decisions by rapidfuzz's comparison of all pairs, in blocks, on all cores: ratio,
and whether the rows kept are the same. In a peer's command {size} is replaced by each size of --all-pairs.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
from side_by_side import interleaved

THRESHOLD = 0.7


def instructions(path: Path, size: int) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:size]


def ours(texts: list[str]) -> list[int]:
    from itd_pipeline.similarity.rouge import greedy_novelty, numbered_words

    found = greedy_novelty(*numbered_words(texts), [], range(len(texts)), THRESHOLD, THRESHOLD)
    joined: list[int] = np.flatnonzero(found.joined).tolist()
    return joined


def all_pairs(texts: list[str]) -> list[int]:
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cdist

    from itd_pipeline.similarity.rouge import numbered_words

    words, offsets = numbered_words(texts)
    lengths = np.diff(offsets)
    characters = np.where(words + 1 < 0xD800, words + 1, words + 0x801).astype("<u4")
    strings = [characters[a:b].tobytes().decode("utf-32-le") for a, b in pairwise(offsets)]
    kept: list[int] = []
    for start in range(0, len(strings), 512):
        block = np.arange(start, min(start + 512, len(strings)))
        known = np.zeros(len(block), bool)
        for first in range(0, len(kept), 20_000):
            pool = np.array(kept[first:first + 20_000])
            known |= _alike(cdist, LCSseq.similarity, strings, lengths, block, pool).any(axis=1)
        among = _alike(cdist, LCSseq.similarity, strings, lengths, block, block)
        joined: list[int] = []
        for place in np.flatnonzero(~known).tolist():
            if not among[place, joined].any():
                joined.append(place)
        kept += block[joined].tolist()
    return kept


def _alike(cdist, scorer, strings, lengths, left, right):  # type: ignore[no-untyped-def]
    common = cdist([strings[i] for i in left], [strings[i] for i in right], scorer=scorer, dtype=np.int32, workers=-1)
    return 2 * common >= THRESHOLD * np.maximum(lengths[left][:, None] + lengths[right][None, :], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("instructions", type=Path)
    parser.add_argument("--sizes", default="2000,5000,10000,25000,52000")
    parser.add_argument("--all-pairs", default="5000,25000")
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--once", choices=["ours", "all_pairs"])
    parser.add_argument("--kept", type=Path)
    given = parser.parse_args()
    if given.once:
        texts = instructions(given.instructions, int(given.sizes))
        kept = (ours if given.once == "ours" else all_pairs)(texts)
        given.kept.write_text("\n".join(map(str, kept)), encoding="utf-8")
        return

    def command(method: str, size: int, kept: Path) -> list[str]:
        return [sys.executable, __file__, str(given.instructions), "--once", method, "--sizes", str(size), "--kept",
                str(kept)]

    with tempfile.TemporaryDirectory() as folder:
        sizes = [int(size) for size in given.sizes.split(",") if size]
        results = interleaved({str(size): command("ours", size, Path(folder, "ours")) for size in sizes}, given.runs)
        before: tuple[int, float] | None = None
        for size in sizes:
            seconds = statistics.median(run.seconds for run in results[str(size)])
            growth = "" if before is None else (
                f", exponent {math.log(seconds / before[1]) / math.log(size / before[0]):.2f}")
            print(f"{size} instructions: {seconds:.2f} s{growth}", flush=True)
            before = size, seconds
        for size in [int(size) for size in given.all_pairs.split(",") if size]:
            files = {method: Path(folder, f"{method}-{size}") for method in ("ours", "all_pairs")}
            commands: dict[str, list[str] | str] = {m: command(m, size, file) for m, file in files.items()}
            commands |= {name: text.replace("{size}", str(size)) for name, text in
                         (peer.split("=", 1) for peer in given.peer)}
            side = interleaved(commands, given.runs)
            medians = {name: statistics.median(run.seconds for run in runs) for name, runs in side.items()}
            same = files["ours"].read_bytes() == files["all_pairs"].read_bytes()
            print(f"{size} side by side: " + ", ".join(
                f"{name} {seconds:.2f} s ({seconds / medians['ours']:.1f} times ours)"
                for name, seconds in medians.items()) + f"; same decisions: {same}", flush=True)


if __name__ == "__main__":
    main()
