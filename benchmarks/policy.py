"""Trying another policy on 1,000,000 candidates: seconds of the whole process, against the seconds of a bare scan.

Usage: policy.py [CANDIDATES]

Signals are generated: values as a real run has them, a tenth of the candidates in clusters of near-duplicates, a
hundredth with exact twins. The tried policy moves four thresholds of the shipped one. What is timed is `itd policy try`
itself, in a process of its own, on a lake that holds these signals.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.tables.signals import SIGNALS

ROOT = Path(__file__).resolve().parent.parent


def signals(count: int) -> pa.Table:
    """Generated signals, the same on every run."""
    draw = np.random.default_rng(7)
    number = np.arange(count)
    ids = np.char.add("rec-", np.char.zfill((number * 2_654_435_761 % 2**32).astype(str), 20))
    leader = number - number % 4
    in_cluster = (leader // 4) % 10 == 0
    twin = (number % 100 == 1)
    columns: dict[str, pa.Array] = {
        "record_id": pa.array(ids),
        "source": pa.array(np.array([f"source_{i}" for i in range(20)])[number % 20]),
        "route": pa.array(np.array(["synthetic", "synthetic", "hybrid", "converted", "template"])[number % 5]),
        "task_type": pa.array(np.full(count, "question_answering")),
        "quality_rank": pa.array(draw.permutation(count) + 1),
        "instruction_words": pa.array(draw.integers(1, 60, count)),
        "output_words": pa.array(draw.integers(1, 400, count)),
        "repetition_share": pa.array(draw.beta(1, 20, count)),
        "evidence_coverage": pa.array(draw.beta(5, 2, count)),
        "novelty_rouge_l": pa.array(draw.beta(2, 4, count)),
        "output_language": pa.array(np.where(draw.random(count) < 0.99, "en", "de")),
        "citations_verbatim": pa.array(draw.random(count) < 0.99),
        "contamination_share": pa.array(draw.beta(1, 30, count)),
        "near_duplicate_cluster": pa.array(ids[leader], mask=~in_cluster),
        "near_duplicate_of": pa.array(ids[leader], mask=~in_cluster | (number == leader)),
        "exact_duplicate_of": pa.array(ids[number - 1 * twin], mask=~twin),
    }
    for column in SIGNALS.columns:
        if column.name in columns:
            continue
        if pa.types.is_list(column.type):
            columns[column.name] = pa.array([[]] * count, column.type)
        elif column.nullable or pa.types.is_string(column.type):
            columns[column.name] = pa.nulls(count,
                                            column.type) if column.nullable else pa.array([*column.vocabulary[:1],
                                                                                           ""][:1] * count)
        elif pa.types.is_boolean(column.type):
            columns[column.name] = pa.array(draw.random(count) < 0.01)
        else:
            columns[column.name] = pa.array((draw.random(count) < 0.03).astype(np.int64)).cast(column.type)
    table = pa.table([columns[name].cast(SIGNALS.schema.field(name).type) for name in SIGNALS.names],
                     list(SIGNALS.names))
    return SIGNALS.conform(table)


def main(count: int) -> None:
    shipped = (ROOT / "conf/policy.yaml").read_text(encoding="utf-8")
    tried = shipped.replace("value: 0.7}", "value: 0.6}").replace("value: 0.3}", "value: 0.4}").replace(
        '">=", value: 3}', '">=", value: 5}').replace("value: 1000}", "value: 300}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pq.write_table(signals(count), folder / "signals.parquet", row_group_size=100_000)
        (folder / "tried.yaml").write_text(tried, encoding="utf-8")
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "itd_pipeline", "policy", "try", str(folder / "tried.yaml"),
                               "--in-force", str(ROOT / "conf/policy.yaml"), "--signals",
                               str(folder / "signals.parquet"),
                               "--json"], capture_output=True, text=True, check=False, cwd=ROOT)
        seconds = time.perf_counter() - started
        started = time.perf_counter()
        duckdb.sql(f"SELECT count(DISTINCT record_id), sum(output_words) FROM '{folder}/signals.parquet'").fetchall()
        scan = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(done.stderr)
    trial = json.loads(done.stdout)
    print(f"{count:,} candidates, {len(trial['steps'])} rules: {seconds:.2f} s, {seconds / scan:.1f} times a count "
          f"of the ids")
    print("  " + ", ".join(f"{outcome} {before:,} -> {after:,}" for outcome,
                           (before, after) in trial["outcomes"].items()))
    print(f"  gained {trial['gained']:,}, lost {trial['lost']:,}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
