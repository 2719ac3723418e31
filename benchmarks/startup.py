"""Loading the code location and starting the command, against importing Dagster alone, in turn.

Usage: startup.py [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {
    "import dagster": "import dagster",
    "load the code location": "import itd_pipeline.definitions as d; d.defs.get_repository_def()",
    "itd --help": "import itd_pipeline.cli as c, sys; sys.argv = ['itd', '--help']; c.main()",
}


def main(runs: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(runs):
        for name, program in PROGRAMS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, stdout=subprocess.DEVNULL,
                           check=False)
            seconds[name].append(time.perf_counter() - started)
    base = statistics.median(seconds["import dagster"])
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:24} median {median:5.2f} s   min {min(values):5.2f}   max {max(values):5.2f}   "
              f"{median / base:4.1f} x import dagster")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
