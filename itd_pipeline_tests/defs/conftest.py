"""A Dagster instance of its own for each test, in memory."""

from collections.abc import Iterator

import dagster as dg
import pytest


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """Runs and events of one test."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made
