"""Dagster, and nothing else: assets, checks, partitions, jobs, a schedule, a sensor, all made from `pipeline/graph.py`."""
