"""Peak memory and time of reading and cleaning a large generated source, at two sizes.

    python benchmarks/memory.py [--sizes 100000 1000000]

Documents are invented sentences of 40 to 160 words, one in fifty a twin of another, as JSON lines. Each size runs in
processes of its own, through `raw_sources` and `cleaned_text` as a build does. Peak memory is as in `peaks.py`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peaks import watched

_SUBJECTS = ("Asthma", "Gout", "Migraine", "Eczema", "Angina", "Anaemia", "Psoriasis", "Sciatica", "Bronchitis",
             "Measles")
_VERBS = ("is treated with", "is often seen with", "can follow", "may be mistaken for", "rarely occurs without")
_THINGS = ("a cough", "fever", "a rash", "joint pain", "tiredness", "an inhaler", "rest and fluids", "iron tablets",
           "a blood test", "an X-ray of the chest", "loss of weight", "swollen glands", "a headache", "night sweats")
_PROFILE = """profile: memory
dataset: {{name: memory, title: Memory, description: Generated.}}
lake: {folder}/lake
sources:
  big:
    reader: jsonl
    path: {folder}/big.jsonl
    licence: CC0-1.0
    columns: {{text: text, external_id: id}}
    routes: [synthetic]
model: {{name: fake/none}}
policy: policy.yaml
seeds: {{paths: []}}
"""


def write_source(path: Path, count: int) -> None:
    """`count` documents, the same for the same count."""
    drawn = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        text = ""
        for number in range(count):
            if number % 50 or not text:
                text = " ".join(
                    f"{drawn.choice(_SUBJECTS)} {drawn.choice(_VERBS)} {drawn.choice(_THINGS)} in "
                    f"{drawn.randint(1, 999)} of {drawn.randint(1000, 9999)} people."
                    for _ in range(drawn.randint(4, 15)))
            file.write(json.dumps({"id": f"d{number}", "text": text}) + "\n")


def run(folder: Path) -> None:
    """Read and clean in this process and its workers."""
    from itd_pipeline.pipeline.graph import STAGES
    from itd_pipeline.pipeline.refresh import refresh
    from itd_pipeline.pipeline.stage import Scope
    from itd_pipeline.settings import load_settings
    from itd_pipeline.storage.lake import Lake

    settings = load_settings(folder / "memory.yaml")
    scope = Scope(settings, Lake(settings.lake_path), "big")
    for name in ("raw_sources", "cleaned_text"):
        started = time.perf_counter()
        manifest = refresh(STAGES[name], STAGES, scope).manifest
        scope.lake.mark(name, "big", manifest.data_version, passed=True)
        print(f"  {name}: {time.perf_counter() - started:,.1f} s, {manifest.rows_out:,} rows, "
              f"{manifest.rows_rejected:,} rejected", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.run)
        return
    seconds = []
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_source(folder / "big.jsonl", size)
            (folder / "memory.yaml").write_text(_PROFILE.format(folder=folder), encoding="utf-8")
            print(f"{size:,} documents, {(folder / 'big.jsonl').stat().st_size / 1e6:,.0f} MB", flush=True)
            started = time.perf_counter()
            child = subprocess.Popen([sys.executable, __file__, "--run", str(folder)])
            with watched(child.pid) as peaks:
                code = child.wait()
            if code:
                raise SystemExit(f"failed with {code}")
            seconds.append(time.perf_counter() - started)
            print(f"  {seconds[-1]:,.0f} s; peak with workers {peaks['together']:,.0f} MiB, of the main process alone "
                  f"{peaks['main']:,.0f} MiB", flush=True)
    if len(seconds) > 1:
        print(f"time from {given.sizes[0]:,} to {given.sizes[-1]:,}: {seconds[-1] / seconds[0]:.1f} times")


if __name__ == "__main__":
    main()
