"""Near-duplicates of a Parquet file, the whole process: read, find, write what stays. Beside other tools, in turn.

    python benchmarks/near_duplicates.py CORPUS.parquet KEPT
        [--truth TRUTH.parquet] [--peer NAME=COMMAND ...] [--runs 3] [--threshold 0.8] [--id id] [--text text]

KEPT is a Parquet file of the rows that stay, or, where its name ends in .txt, their ids alone. Prints median seconds
and peak memory of each command over interleaved runs, and their ratio to ours. With a truth (columns orig, copy, j) it
prints recall and precision of ours: recall is the share of pairs of which one was removed, precision the share of
removed documents that have a near-duplicate by true Jaccard, recomputed with Python's own words and sets.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import compress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from side_by_side import Run, interleaved

from itd_pipeline.similarity.clusters import near_duplicates
from itd_pipeline.similarity.shingles import SHINGLE_WORDS


def read(path: Path, group: int, *, columns: list[str]) -> pa.Table:
    with pq.ParquetFile(path) as file:
        return file.read_row_group(group, columns=columns, use_threads=False)


def texts(path: Path, group: int, column: str) -> pa.Array:
    return pa.concat_arrays(read(path, group, columns=[column]).column(column).chunks)


def kept_groups(path: Path, columns: list[str], stays: np.ndarray) -> Iterator[pa.Table]:
    """The rows that stay, a row group at a time: reading again is cheaper than keeping the texts."""
    with pq.ParquetFile(path) as file:
        groups = file.num_row_groups
    start = 0
    for table in ahead(partial(read, path, columns=columns), groups):
        yield table.filter(_mask(stays[start:start + table.num_rows]))
        start += table.num_rows


def ahead(function: Callable[[int], pa.Table], count: int) -> Iterator[pa.Table]:
    """Results for 0, 1 ... in order, the next one on another thread while one is used."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(function, 0)
        for number in range(1, count + 1):
            table = waiting.result()
            if number < count:
                waiting = pool.submit(function, number)
            yield table


def _mask(stays: np.ndarray) -> pa.Array:
    """`pa.array` would import pandas, which takes as long as finding the near-duplicates."""
    bits = pa.py_buffer(np.packbits(stays, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.bool_(), len(stays), [None, bits])


def once(corpus: Path, kept: Path, threshold: float, id_column: str, text_column: str) -> None:
    with pq.ParquetFile(corpus) as file:
        ids = file.read(columns=[id_column]).column(id_column).to_pylist()
        groups = file.num_row_groups
    ranks = np.empty(len(ids), np.int64)
    ranks[np.argsort(np.array(ids))] = np.arange(len(ids))
    blocks = (partial(texts, corpus, group, text_column) for group in range(groups))
    found = near_duplicates(blocks, ids, ranks.tolist(), threshold)
    stays = np.array([twin is None for twin in found.duplicate_of])
    print(f"kept {int(stays.sum())} of {len(ids)}")
    if kept.suffix == ".txt":
        kept.write_text("\n".join(compress(ids, stays)), encoding="utf-8")
        return
    writer = None
    for table in kept_groups(corpus, [id_column, text_column], stays):
        writer = writer or pq.ParquetWriter(kept, table.schema, compression="zstd", use_dictionary=False)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def judged(corpus: Path, kept: Path, truth: Path, threshold: float, id_column: str, text_column: str) -> str:
    with pq.ParquetFile(corpus) as file:
        table = file.read(columns=[id_column, text_column])
    ids = table.column(id_column).to_pylist()
    place = {name: i for i, name in enumerate(ids)}
    removed = set(ids) - _stayed(kept, id_column)
    with pq.ParquetFile(truth) as file:
        pairs = [row for row in file.read().to_pylist() if row["j"] >= threshold]
    hit = sum(row["orig"] in removed or row["copy"] in removed for row in pairs)
    both = sum(row["orig"] in removed and row["copy"] in removed for row in pairs)
    planted = {row[side] for row in pairs for side in ("orig", "copy")}
    wrong = _without_partner({place[name] for name in removed - planted}, table.column(text_column), threshold)
    return (f"recall {hit / max(1, len(pairs)):.4f} of {len(pairs)} pairs, both removed {both}, "
            f"precision {1 - len(wrong) / max(1, len(removed)):.4f} of {len(removed)} removed "
            f"({len(removed - planted)} of them unplanted)")


def _stayed(kept: Path, id_column: str) -> set[str]:
    if kept.suffix == ".txt":
        return set(kept.read_text(encoding="utf-8").split("\n"))
    with pq.ParquetFile(kept) as file:
        return set(file.read(columns=[id_column]).column(id_column).to_pylist())


def _without_partner(rows: set[int], column: pa.ChunkedArray, threshold: float) -> set[int]:
    """Those of the rows to which no other text of the corpus comes as near as the threshold, by plain sets."""
    left = {row: _set(column[row].as_py()) for row in sorted(rows)}
    number = 0
    for chunk in column.chunks:
        for text in chunk.to_pylist() if left else ():
            theirs = _set(text)
            near = [row for row, mine in left.items()
                    if row != number and len(mine & theirs) >= threshold * len(mine | theirs)]
            for row in near:
                del left[row]
            number += 1
    return set(left)


def _set(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[i:] for i in range(SHINGLE_WORDS)), strict=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--id", default="id")
    parser.add_argument("--text", default="text")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--peer", action="append", default=[], help="NAME=COMMAND, run in turn with ours")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--once", action="store_true", help="only do the work, in this process")
    given = parser.parse_args()
    if given.once:
        pa.set_memory_pool(pa.system_memory_pool())  # gives memory back at once; the peak counts here
        once(given.corpus, given.kept, given.threshold, given.id, given.text)
        return
    ours = [sys.executable, __file__, str(given.corpus), str(given.kept), "--once", "--threshold",
            str(given.threshold), "--id", given.id, "--text", given.text]
    commands: dict[str, list[str] | str] = {"ours": ours}
    commands |= dict(peer.split("=", 1) for peer in given.peer)
    results = interleaved(commands, given.runs)
    base = statistics.median(run.seconds for run in results["ours"])
    with pq.ParquetFile(given.corpus) as file:
        rows = file.metadata.num_rows
    for name, runs in results.items():
        print(_line(name, runs, base, rows))
    if given.truth is not None:
        print(judged(given.corpus, given.kept, given.truth, given.threshold, given.id, given.text))


def _line(name: str, runs: list[Run], base: float, rows: int) -> str:
    seconds = statistics.median(run.seconds for run in runs)
    return (f"{name}: {seconds:.2f} s ({min(run.seconds for run in runs):.2f} to "
            f"{max(run.seconds for run in runs):.2f}, processor "
            f"{statistics.median(run.processor for run in runs):.2f}), {rows / seconds:.0f} documents/s, peak "
            f"{max(run.peak_mib for run in runs):.0f} MiB, {seconds / base:.2f} times ours")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{error.cmd} ended with {error.returncode}:\n{error.output}") from error
