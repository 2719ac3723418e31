"""A key comes from the environment and stands nowhere: not in the lake, its store of answers, a release or a log."""

from __future__ import annotations

import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline.settings import load_settings
from itd_pipeline_tests.conftest import small_project
from itd_pipeline_tests.integration.test_faults import refresh_all

KEY = "sk-very-secret-0123456789"


@pytest.mark.full
def test_the_key_stands_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("OURS_KEY", KEY)
    with running(Behaviour(server_error=0.2, malformed=0.2)) as (address, server), caplog.at_level(logging.DEBUG):
        small_project(tmp_path, {"name: fake/scripted, options: {journal: journal.txt}":
                                 f"name: openai/fake, api_base: '{address}', key_env: OURS_KEY, concurrency: 4"})
        lake = refresh_all(load_settings(tmp_path / "small.yaml"))
        assert server.stats()["answered"] > 0
    assert any(lake.root.glob("releases/*/*"))
    assert KEY not in caplog.text
    looked = 0
    for path in tmp_path.rglob("*"):
        if path.is_file():
            looked += 1
            assert KEY.encode() not in path.read_bytes(), path.name
            if path.suffix == ".parquet":
                assert KEY not in str(pq.read_table(path).to_pylist()), path.name
    assert looked > 50
