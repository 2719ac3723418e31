"""Dagster, and nothing else: assets, checks, partitions, jobs, a schedule, a sensor.

All are made from `pipeline/graph.py`; `graph.py` here puts them together.

Modules with decorated functions do without `from __future__ import annotations`: Dagster looks at the types.
"""
