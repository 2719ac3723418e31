"""Near-duplicates of a Parquet file, the whole process: read, find, write what stays. Beside other tools, in turn.

    python benchmarks/near_duplicates.py CORPUS.parquet KEPT.parquet
        [--truth TRUTH.parquet] [--peer NAME=COMMAND ...] [--runs 3] [--threshold 0.8] [--id id] [--text text]

Prints median seconds and peak memory of each command over interleaved runs, their ratio to ours, and with a truth
(columns orig, copy, j) recall and precision of ours: recall is the share of pairs of which one was removed, precision
the share of removed documents that have a near-duplicate by true Jaccard, recomputed with Python's own words and sets.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from side_by_side import Run, interleaved

from itd_pipeline.similarity.clusters import near_duplicates
from itd_pipeline.similarity.shingles import SHINGLE_WORDS


def read(path: Path, group: int, columns: list[str]) -> pa.Table:
    with pq.ParquetFile(path) as file:
        return file.read_row_group(group, columns=columns, use_threads=False)


def texts(path: Path, group: int, column: str) -> pa.Array:
    return pa.concat_arrays(read(path, group, [column]).column(column).chunks)


def kept_groups(path: Path, columns: list[str], stays: np.ndarray) -> Iterator[pa.Table]:
    """The rows that stay, a row group at a time, read and filtered on another thread while one is written."""
    with pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    starts = np.concatenate([[0], np.cumsum(sizes)])

    def work(group: int) -> pa.Table:
        return read(path, group, columns).filter(pa.array(stays[starts[group]:starts[group + 1]]))

    waiting: deque[Future[pa.Table]] = deque()
    with ThreadPoolExecutor(1) as pool:
        for group in range(len(sizes)):
            waiting.append(pool.submit(work, group))
            if len(waiting) > 2:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def once(corpus: Path, kept: Path, threshold: float, id_column: str, text_column: str) -> None:
    with pq.ParquetFile(corpus) as file:
        ids = file.read(columns=[id_column]).column(id_column).to_pylist()
        groups = file.num_row_groups
    ranks = np.empty(len(ids), np.int64)
    ranks[np.argsort(np.array(ids))] = np.arange(len(ids))
    blocks = (partial(texts, corpus, group, text_column) for group in range(groups))
    found = near_duplicates(blocks, ids, ranks.tolist(), threshold)
    stays = np.array([twin is None for twin in found.duplicate_of])
    writer = None
    for table in kept_groups(corpus, [id_column, text_column], stays):
        writer = writer or pq.ParquetWriter(kept, table.schema, compression="zstd", use_dictionary=False)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    print(f"kept {int(stays.sum())} of {len(ids)}")


def judged(corpus: Path, kept: Path, truth: Path, threshold: float, id_column: str, text_column: str) -> str:
    with pq.ParquetFile(corpus) as file:
        table = file.read(columns=[id_column, text_column])
    ids = table.column(id_column).to_pylist()
    place = {name: i for i, name in enumerate(ids)}
    with pq.ParquetFile(kept) as file:
        removed = set(ids) - set(file.read(columns=[id_column]).column(id_column).to_pylist())
    with pq.ParquetFile(truth) as file:
        pairs = [row for row in file.read().to_pylist() if row["j"] >= threshold]
    hit = sum(row["orig"] in removed or row["copy"] in removed for row in pairs)
    both = sum(row["orig"] in removed and row["copy"] in removed for row in pairs)
    planted = {row[side] for row in pairs for side in ("orig", "copy")}
    wrong = [name for name in removed - planted
             if not _has_partner(place[name], table.column(text_column), threshold)]
    return (f"recall {hit / max(1, len(pairs)):.4f} of {len(pairs)} pairs, both removed {both}, "
            f"precision {1 - len(wrong) / max(1, len(removed)):.4f} of {len(removed)} removed "
            f"({len(removed - planted)} of them unplanted)")


def _has_partner(row: int, column: pa.ChunkedArray, threshold: float) -> bool:
    """Whether any other text of the corpus reaches the threshold, by plain sets."""
    mine = _set(column[row].as_py())
    needed = threshold * len(mine)
    for other, text in enumerate(column.to_pylist()):
        if other != row and abs(len(text) - len(column[row].as_py())) < len(text) / 2:
            theirs = _set(text)
            common = len(mine & theirs)
            if common >= needed and common / len(mine | theirs) >= threshold:
                return True
    return False


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
