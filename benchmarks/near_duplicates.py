"""Near-duplicates of a Parquet file: seconds per step, and what was found. For a side by side with other tools.

    python benchmarks/near_duplicates.py CORPUS.parquet KEPT.txt [--threshold 0.8] [--id id] [--text text]

Writes the ids that stay, one a line.
"""

from __future__ import annotations

import argparse
import resource
import time
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq

from itd_pipeline.signals.near_duplicates import near_duplicates
from itd_pipeline.signals.tokens import Vocabulary, tokenise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--id", default="id")
    parser.add_argument("--text", default="text")
    given = parser.parse_args()
    clock = [time.perf_counter()]
    table = pq.ParquetFile(given.corpus).read([given.id, given.text])
    ids, texts = table.column(given.id).to_pylist(), table.column(given.text).to_pylist()
    clock.append(time.perf_counter())
    vocabulary = Vocabulary()
    tokens = tokenise(texts, vocabulary)
    hashes = vocabulary.hashes()
    clock.append(time.perf_counter())
    ranks = {record_id: rank for rank, record_id in enumerate(sorted(ids))}
    found = near_duplicates(tokens, hashes, ids, [ranks[record_id] for record_id in ids], given.threshold)
    clock.append(time.perf_counter())
    kept = [record_id for record_id, twin in zip(ids, found.duplicate_of, strict=True) if twin is None]
    given.kept.write_text("\n".join(kept), encoding="utf-8")
    steps = dict(zip(("read", "words", "join"), (b - a for a, b in pairwise(clock)), strict=True))
    total = clock[-1] - clock[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print({name: round(seconds, 2) for name, seconds in steps.items()}, f"total {total:.2f} s",
          f"processor {time.process_time():.2f} s", f"{len(ids) / total:.0f} documents/s", f"peak {peak:.0f} MiB",
          f"kept {len(kept)} of {len(ids)}")


if __name__ == "__main__":
    main()
