"""Commands run in turn (A B A B ...), with wall time and peak memory of the whole process tree of each."""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Run:
    """One run of a command."""

    seconds: float
    processor: float
    peak_mib: float


def interleaved(commands: Mapping[str, Sequence[str] | str], runs: int) -> dict[str, list[Run]]:
    """Run every command `runs` times, in turn. Raises CalledProcessError with the output where one fails."""
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(timed(shlex.split(command) if isinstance(command, str) else command))
    return results


def timed(command: Sequence[str]) -> Run:
    """One run: wall and processor seconds, and the greatest sum of its processes' resident memory, each 30 ms."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.03):
            peak[0] = max(peak[0], _tree_memory(process.pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = process.communicate()[0]
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    done.set()
    watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output.decode(errors="replace"))
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, processor, peak[0] / 2**20)


def _tree_memory(root: int) -> int:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue  # the process has ended
            children.setdefault(int(fields[1]), []).append(int(name))
    total, pending = 0, [root]
    while pending:
        process = pending.pop()
        pending += children.get(process, [])
        try:
            with open(f"/proc/{process}/statm", encoding="utf-8") as file:
                total += int(file.read().split()[1]) * _PAGE
        except (OSError, IndexError):
            continue
    return total
