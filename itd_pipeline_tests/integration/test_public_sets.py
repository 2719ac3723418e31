"""The table of docs/validating.md is what `itd validate` finds today, where the public sets are there."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from itd_pipeline.validation import read_dataset, validate

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ITD_SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.mark.full
def test_the_table_is_what_is_found_today() -> None:
    spec = importlib.util.spec_from_file_location("public_sets", ROOT / "benchmarks" / "public_sets.py")
    assert spec is not None
    assert spec.loader is not None
    sets = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sets)
    missing = [place for place in sets.SETS.values() if not (SHARED / place).is_dir()]
    if missing:
        pytest.skip(f"{SHARED} lacks {', '.join(missing)}; ITD_SHARED_DATA names another folder")
    lines = (ROOT / "docs" / "validating.md").read_text(encoding="utf-8").splitlines()
    table = {cells[0]: cells[2:] for line in lines if line.startswith("| ")
             and len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 2 + len(sets.SETS)}
    for place, (name, folder) in enumerate(sets.SETS.items()):
        for finding in validate(read_dataset(SHARED / folder)):
            assert table[finding.question][place] == sets.share(finding), (name, finding.id)
