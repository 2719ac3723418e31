"""Signals: what is measured about each candidate, once, before any threshold is applied.

Belongs here: one file per signal; `signal` says what a signal is, `registry` lists them, `measurement` runs what is
due. Does not belong here: which value a record must have (the room `policy`), or anything that costs a model call.
"""

from __future__ import annotations

from itd_pipeline.signals.benchmarks import BenchmarkItem, benchmark_files, load_benchmarks
from itd_pipeline.signals.earlier import Earlier
from itd_pipeline.signals.measurement import measure

__all__ = ["BenchmarkItem", "Earlier", "benchmark_files", "load_benchmarks", "measure"]
