"""An interrupt ends within seconds, a second one at once, whatever hangs in a thread."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_RUN = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs in the background without it
from pathlib import Path
from itd_pipeline import settings
from itd_pipeline.llm.money.prices import Price
from itd_pipeline.llm.opening import alone
from itd_pipeline.llm.provider import InThreads
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.llm.stored import StoredModel
from itd_pipeline.ports import ChatRequest

class Hangs:
    def send(self, request, request_id):
        print("sent", flush=True)
        time.sleep(60)

with AnswerStore(Path(sys.argv[1])) as store:
    section = settings.Model(name="openai/m", timeout_s=float(sys.argv[2]))
    model = StoredModel(section, store, lambda: alone(InThreads(Hangs()), "test", 1, Price()))
    list(model.answer([ChatRequest((("user", "a"),))]))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on Unix")
@pytest.mark.parametrize(("times", "timeout_s"), [(1, 2), (1, 60), (2, 60)])
def test_interrupt_ends(tmp_path: Path, times: int, timeout_s: float) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    with subprocess.Popen([sys.executable, "-c", _RUN, str(tmp_path / "s"), str(timeout_s)], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "sent\n"
            for _ in range(times):
                time.sleep(0.5)
                process.send_signal(signal.SIGINT)
            process.wait(5)  # what is promised
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
