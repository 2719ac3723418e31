"""Ctrl-C in a build that asks a model ends within five seconds and keeps what has come; the next asks the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from itd_pipeline.llm import ledger_totals
from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline_tests.conftest import small_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.full
@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on Unix")
def test_ctrl_c_ends_within_five_seconds_and_keeps_everything(tmp_path: Path) -> None:
    with running(Behaviour(latency_s=1.0)) as (address, server):
        small_project(tmp_path, {"name: fake/scripted, options: {journal: journal.txt}":
                                 f"name: openai/fake, api_base: '{address}', concurrency: 2"})
        command = [sys.executable, "-m", "itd_pipeline", "build", "--profile", "small.yaml"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        # A shell starts what runs in the background with SIGINT ignored; a person's terminal does not.
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as build:
            for _ in range(1200):
                if server.stats()["answered"] >= 2 or build.poll() is not None:
                    break
                time.sleep(0.1)
            asked_at = time.monotonic()
            build.send_signal(signal.SIGINT)
            _, shown = build.communicate(timeout=60)
            took = time.monotonic() - asked_at
        assert build.returncode == 130, shown
        assert took < 5, took
        totals = ledger_totals(next(tmp_path.rglob("model_answers.sqlite")))
        assert totals["requests"] - totals["failed"] == server.stats()["answered"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        stats = server.stats()
    assert stats["answered_again"] == 0
    assert stats["requests"] == stats["distinct"]
