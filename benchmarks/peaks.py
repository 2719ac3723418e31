"""Peak memory of a process and its workers, for the benchmarks.

The greatest sum over the process and its workers, read five times a second: the proportional set size, which counts
shared pages once. The high-water mark of the main process alone, which no reading can miss, stands beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def watched(pid: int) -> Iterator[dict[str, float]]:
    """`together` and `main`, the peaks in MiB while the block runs."""
    stop, peaks = threading.Event(), {"together": 0.0, "main": 0.0}
    watcher = threading.Thread(target=_watch, args=(pid, stop, peaks))
    watcher.start()
    try:
        yield peaks
    finally:
        stop.set()
        watcher.join()


def _watch(pid: int, stop: threading.Event, peaks: dict[str, float]) -> None:
    """Note the peaks in MiB, until told to stop."""
    while not stop.wait(0.2):
        total = sum(_kibibytes(process, "smaps_rollup", "Pss:") for process in [pid, *_descendants(pid)])
        peaks["together"] = max(peaks["together"], total / 1024)
        peaks["main"] = max(peaks["main"], _kibibytes(pid, "status", "VmHWM:") / 1024)


def _kibibytes(pid: int, file: str, name: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    except OSError:
        pass  # the process has ended
    return 0


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        found += children + [grandchild for child in children for grandchild in _descendants(child)]
    return found
