"""The same inputs give the same bytes on every Python that the project supports, and on another day.

Each other Python needs an environment with the locked packages: `ITD_OTHER_PYTHONS` names their interpreters, parted by
colons. Without it, this Python alone is run again, with another hash seed, another time zone and another order of rows.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import hashlib, json, sys, time
from itd_pipeline.release import build_release
from itd_pipeline_tests.unit.release import conftest as made
records = [made.record(n, task_type="coding" if n % 3 else "consultation") for n in range(30)]
if sys.argv[1] == "backwards":
    records.reverse()
content = build_release(made.inputs_of(records, versions={"pyarrow": "fixed"}, strong={
    f"r{n:03}": {"rank": n + 1, "complexity": 0.5, "quality": 0.5} for n in range(12)}))
print(json.dumps({path: hashlib.sha256(raw).hexdigest() for path, raw in content.files.items()}))
"""


def _digests(python: str, order: str, **environment: str) -> dict[str, str]:
    done = subprocess.run([python, "-W", "ignore", "-c", _PROGRAM, order], cwd=ROOT, capture_output=True, text=True,
                          check=False, env={**os.environ, "PYTHONPATH": str(ROOT), **environment})
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_another_day_another_order_another_hash_seed() -> None:
    first = _digests(sys.executable, "forwards", PYTHONHASHSEED="1", TZ="UTC")
    assert _digests(sys.executable, "backwards", PYTHONHASHSEED="4711", TZ="Pacific/Auckland", LC_ALL="C") == first
    assert len(first) > 30
    assert all(len(digest) == len(hashlib.sha256().hexdigest()) for digest in first.values())


@pytest.mark.full
def test_another_python() -> None:
    others = [python for python in os.environ.get("ITD_OTHER_PYTHONS", "").split(":") if python]
    if not others:
        pytest.skip("ITD_OTHER_PYTHONS names no interpreter; see the head of this file")
    first = _digests(sys.executable, "forwards")
    for python in others:
        assert _digests(python, "forwards") == first, python


def _built(python: str, folder: Path) -> Path:
    """Folder of the release of a small project, built by a Python of its own."""
    from itd_pipeline_tests.conftest import small_project

    folder.mkdir(parents=True)
    small_project(folder)
    done = subprocess.run([python, "-W", "ignore", "-m", "itd_pipeline", "build", "-p", "small.yaml"], cwd=folder,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return next(path for path in (folder / "data" / "lake" / "releases").iterdir() if path.is_dir())


@pytest.mark.full
def test_a_whole_build_in_another_folder_by_another_python(tmp_path: Path) -> None:
    others = [python for python in os.environ.get("ITD_OTHER_PYTHONS", "").split(":") if python]
    first = _built(sys.executable, tmp_path / "here")
    for number, python in enumerate([sys.executable, *others]):
        other = _built(python, tmp_path / f"somewhere-else-{number}" / "deeper")
        assert other.name == first.name, python
        assert (other / "SHA256SUMS").read_bytes() == (first / "SHA256SUMS").read_bytes(), python
    assert not [path for path in first.rglob("*") if path.is_file() and str(tmp_path).encode() in path.read_bytes()]
