"""Makes `expand_builders` importable for the tests of this folder, and gives them `run`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from expand_builders import Run, call


@pytest.fixture
def run() -> Run:
    """Call `expand` on literal rows."""
    return call
