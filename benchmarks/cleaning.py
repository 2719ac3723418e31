"""Rate of cleaning, language and quality rules on documents in a Parquet file, beside another command on the same.

    python benchmarks/cleaning.py DOCUMENTS.parquet [--peer COMMAND] [--truth TRUTH.parquet] [--rounds 3]

DOCUMENTS has the columns `id` and `text`; TRUTH, of the same generator, says per id what was planted. Both sides are
whole processes, from the Parquet file to a Parquet file of what is kept, interleaved; medians are compared. Our side
runs the text stage as the pipeline does, with Gopher's own limits, exact twins removed and as many workers as cores.
"""

from __future__ import annotations

import argparse
import collections
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def documents(path: Path, batch_rows: int):  # type: ignore[no-untyped-def]
    """The file's documents in the pipeline's own schema."""
    from itd_pipeline.tables.arrays import array
    from itd_pipeline.tables.documents import DOCUMENTS

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=batch_rows, columns=["id", "text"]):
            count = batch.num_rows
            known = {"document_id": batch.column(0), "external_id": batch.column(0), "group_id": batch.column(0),
                     "text": batch.column(1), "attributes": array(["{}"] * count, pa.string()),
                     "patient_data": array([False] * count, pa.bool_())}
            arrays = []
            for field in DOCUMENTS.schema:
                if field.name in known:
                    arrays.append(known[field.name])
                else:
                    nothing = [] if pa.types.is_list(field.type) else None if field.nullable else ""
                    arrays.append(array([nothing] * count, field.type))
            yield pa.Table.from_arrays(arrays, schema=DOCUMENTS.schema)


def clean_file(source: Path, target: Path, workers: int) -> None:
    """Keep what passes, as `id` and `text`."""
    from itd_pipeline.settings import Cleaning, Quality
    from itd_pipeline.text import clean

    gopher = Quality(min_words=50, min_mean_word_length=3, max_mean_word_length=10, max_symbol_share=0.1,
                     max_bullet_share=0.9, max_ellipsis_share=0.3, min_lettered_share=0.8, min_stop_words=2)
    cleaning = Cleaning(max_words=100_000, overlap_words=0, near_duplicate_jaccard=1, boilerplate_share=0,
                        quality=gopher)
    writer = None
    for batch in clean(documents(source, 1000), "bench", cleaning, workers=workers):
        kept = batch.rows.select(["document_id", "text"]).rename_columns(["id", "text"])
        writer = writer or pq.ParquetWriter(target, kept.schema, compression="zstd")
        writer.write_table(kept)
    if writer:
        writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--peer", help="command that cleans the same documents")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--only", type=Path, metavar="KEPT", help="run our side once and write what is kept")
    given = parser.parse_args()
    if given.only:
        clean_file(given.documents, given.only, given.workers)
        return
    count = pq.read_metadata(given.documents).num_rows
    times: dict[str, list[float]] = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.parquet"
        ours = [sys.executable, __file__, str(given.documents), "--only", str(kept), "--workers", str(given.workers)]
        sides = {"this pipeline": ours} | ({"peer": shlex.split(given.peer)} if given.peer else {})
        for _ in range(given.rounds):
            for name, command in sides.items():
                started = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                times[name].append(time.perf_counter() - started)
        for name, seconds in times.items():
            print(f"{name}: {count / statistics.median(seconds):,.0f} documents/s "
                  f"({min(seconds):.1f} to {max(seconds):.1f} s for {count:,})")
        if given.peer:
            print(f"ratio: {statistics.median(times['peer']) / statistics.median(times['this pipeline']):.1f}")
        if given.truth:
            planted = dict(zip(*pq.read_table(given.truth, columns=["id", "kind"]).to_pydict().values(), strict=True))
            survived = set(pq.read_table(kept, columns=["id"]).column(0).to_pylist())
            kinds = collections.Counter(planted.values())
            stays = collections.Counter(planted[name] for name in survived)
            print(", ".join(f"{kind} {stays[kind]}/{total}" for kind, total in sorted(kinds.items())))


if __name__ == "__main__":
    main()
