"""MedQuAD from its archive to the filtered set, by the converted route, without a model.

Usage: medquad.py ARCHIVE [RUNS]

Each run is a process of its own in an empty folder; its peak memory is what the operating system accounts to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROFILE = """
profile: medquad
dataset: {{name: medquad, title: MedQuAD, description: Benchmark.}}
lake: lake
sources:
  medquad: {{reader: medquad, path: {archive}, licence: CC-BY-4.0, routes: [converted]}}
policy: {root}/conf/policy.yaml
"""


def run(archive: Path) -> dict[str, float]:
    """One build up to the filtered set: wall seconds, peak MiB, seconds per stage, rows."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "medquad.yaml"
        profile.write_text(PROFILE.format(archive=archive.resolve(), root=ROOT))
        stages = ("raw_sources", "cleaned_text", "expert_seeds", "synthetic_expansions", "candidate_signals",
                  "filtered_set")
        command = [sys.executable, "-m", "itd_pipeline", "build", "--profile", str(profile), "--json"]
        for stage in stages:
            command += ["--select", stage]
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        if status:
            raise SystemExit(printed.decode())
        built = json.loads(printed)
    figures = {"wall_s": wall, "peak_mib": usage.ru_maxrss / 1024}
    for balance in built["funnel"]:
        figures[f"{balance['stage']}_s"] = balance["seconds"]
        figures[f"{balance['stage']}_rows"] = balance["rows_out"]
    return figures


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else 1):
        print(f"run {number + 1}")
        for name, value in run(Path(sys.argv[1])).items():
            print(f"  {name:28} {value:12,.1f}")
