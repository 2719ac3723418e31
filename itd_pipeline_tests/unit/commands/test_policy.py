"""`itd policy try` on a file of signals; what needs a lake stands in integration/test_commands.py."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from itd_pipeline.cli import app
from itd_pipeline.tables.signals import SIGNALS
from itd_pipeline_tests.unit.policy.conftest import GOOD

SHORT = {"name": "long_enough", "reason": "too_short", "signal": "output_words"}


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    rows = [{**GOOD, "record_id": f"r{i}", "quality_rank": i + 1, "output_words": words} for i,
            words in enumerate((2, 9))]
    pq.write_table(SIGNALS.from_rows(rows), tmp_path / "signals.parquet")
    for name, least in (("old", 1), ("new", 3)):
        policy = {"version": name, "rules": [{**SHORT, "keep_if": {"op": ">=", "value": least}}]}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(policy))
    return [str(tmp_path / "new.yaml"), "--in-force", str(tmp_path / "old.yaml"), "--signals",
            str(tmp_path / "signals.parquet")]


def test_try_as_json(files: list[str]) -> None:
    done = CliRunner().invoke(app, ["policy", "try", *files, "--json"])
    assert done.exit_code == 0, done.output
    trial = json.loads(done.output)
    assert trial["outcomes"] == {"kept": [2, 1], "quarantined": [0, 0], "rejected": [0, 1]}
    assert trial["lost_examples"] == [{"record_id": "r0", "source": "s", "before": "kept",
                                       "after": "rejected by long_enough"}]


def test_try_for_people(files: list[str]) -> None:
    done = CliRunner().invoke(app, ["policy", "try", *files])
    assert done.exit_code == 0, done.output
    assert "lost: 1" in done.output
    assert "long_enough" in done.output


def test_a_file_that_is_not_there_is_named(files: list[str]) -> None:
    done = CliRunner().invoke(app, ["policy", "try", *files[:-1], "nowhere.parquet", "--json"])
    assert done.exit_code == 2
    assert "nowhere.parquet" in json.loads(done.output)["problem"]
