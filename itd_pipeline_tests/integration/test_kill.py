"""Killed anywhere, run again: the same release, byte for byte, and nothing asked twice but what was in flight."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from itd_pipeline_tests.integration.kill_driver import IN_FLIGHT

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX features")
@pytest.mark.parametrize("points", [pytest.param(5, marks=pytest.mark.slow), pytest.param(30, marks=pytest.mark.full)])
def test_sigkill_at_any_point_gives_identical_releases(tmp_path: Path, points: int) -> None:
    driver = Path(__file__).with_name("kill_driver.py")
    done = subprocess.run([sys.executable, str(driver), str(tmp_path), str(points)], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    verdict = json.loads(done.stdout)
    assert verdict["undisturbed"]
    assert verdict["files"] > 10
    assert verdict["requests"] >= 8
    assert len(verdict["points"]) == points
    for point in verdict["points"]:
        assert point["killed"], point
        assert point["finished"], point
        assert point["same_release"], point
        assert point["repeated"] <= IN_FLIGHT, point
    assert any(0 < point["requests_before"] < verdict["requests"] for point in verdict["points"])
