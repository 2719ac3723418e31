"""One partition per configured source."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

SOURCES = dg.DynamicPartitionsDefinition(name="source")
"""Dynamic, so that the sensor can add and remove sources while Dagster runs."""


def align(instance: dg.DagsterInstance, sources: Iterable[str]) -> tuple[list[str], list[str]]:
    """Make the instance's partitions those of the profile; returns the names added and removed."""
    wanted = list(sources)
    there = set(instance.get_dynamic_partitions("source"))
    added = [name for name in wanted if name not in there]
    removed = sorted(there - set(wanted))
    if added:
        instance.add_dynamic_partitions("source", added)
    for name in removed:
        instance.delete_dynamic_partition("source", name)
    return added, removed
