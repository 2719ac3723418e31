"""Prompts to this machine reach its server and no proxy. Marked `model`: importing litellm takes seconds."""

from __future__ import annotations

import _socket
import gc
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline import settings
from itd_pipeline.llm import is_local, open_model
from itd_pipeline.llm.locality import HONOUR_ADDRESS
from itd_pipeline.ports import ChatRequest

SECRET = "the whole prompt"
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


class Recorder(ThreadingHTTPServer):
    """Answers as an OpenAI-compatible server and as Ollama, and remembers every request line and body."""

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), Handler)
        self.seen: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        self.server.seen.append(f"{self.path} {body}")
        message = {"role": "assistant", "content": "fine"}
        raw = json.dumps({
            "id": "1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE,
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "response": "fine", "message": message, "done": True, "done_reason": "stop",
            "prompt_eval_count": 3, "eval_count": 2, "created_at": "2024-01-01T00:00:00Z",
        }).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_CONNECT = do_POST

    def log_message(self, *_: Any) -> None:
        pass


def _connect(self: socket.socket, address: Any) -> None:
    """The tests' guard against the network knows 127.0.0.1 alone; here all of 127.0.0.0/8 is this machine."""
    if not str(address[0]).startswith("127."):
        pytest.fail(f"a test tried to reach {address[0]}")
    _socket.socket.connect(self, address)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """The environment's proxy, with the exemptions that most machines have."""
    server = Recorder("127.0.0.1")
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, server.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost,::1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setattr(socket.socket, "connect", _connect)
    yield server
    server.shutdown()
    server.server_close()
    if litellm := sys.modules.get("litellm"):  # its clients must not outlive the test, where warnings are errors
        litellm.in_memory_llm_clients_cache.flush_cache()
        vars(litellm).pop("module_level_client", None)
        gc.collect()


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("wire", "host"), [("auto", "127.0.0.2"), ("litellm", "127.0.0.2"), ("litellm", "127.0.1.1")])
@pytest.mark.parametrize("provider", HONOUR_ADDRESS)
def test_no_proxy_sees_a_prompt_to_this_machine(
    proxy: Recorder, tmp_path: Path, provider: str, host: str, wire: str,
) -> None:
    server = Recorder(host)
    try:
        model = settings.Model(name=f"{provider}/m", api_base=server.url, timeout_s=5, wire=wire)  # type: ignore[arg-type]
        assert is_local(model)
        with open_model(model, tmp_path / "s") as chat:
            assert [a.text for a in chat.answer([ChatRequest((("user", SECRET),))])] == ["fine"]
        assert any(SECRET in line for line in server.seen)
        assert proxy.seen == []
        assert wire == "auto" or host in os.environ["NO_PROXY"].split(",")
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("wire", ["auto", "litellm"])
def test_a_model_elsewhere_keeps_its_proxy(proxy: Recorder, tmp_path: Path, wire: str) -> None:
    model = settings.Model(name="openai/m", api_base="http://llm.hospital.example/v1", timeout_s=5,
                           price_per_million_tokens=(0, 0), wire=wire)  # type: ignore[arg-type]
    assert not is_local(model)
    with open_model(model, tmp_path / "s") as chat:
        assert chat.hosts == ("llm.hospital.example",)
        list(chat.answer([ChatRequest((("user", SECRET),))]))
    assert any(SECRET in line for line in proxy.seen)


@pytest.mark.parametrize("name", [
    "sagemaker/m", "replicate/a/b", "huggingface/a/b", "bedrock/m", "vertex_ai/m", "anthropic/m", "azure/m", "m",
    "openai", "gpt-4o-mini", "OPENAI/m",
])
def test_a_provider_that_may_ignore_its_address_is_not_local(name: str) -> None:
    assert not is_local(settings.Model(name=name, api_base="http://127.0.0.1:9"))


@pytest.mark.parametrize(("base", "local"), [
    ("http://127.0.0.2:9", True), ("http://[::1]:9", True), ("http://LOCALHOST:9", True), ("http://10.0.0.1:9", False),
    ("http://[::1", False), ("", False),
])
def test_local_address_is_loopback(base: str, local: bool) -> None:
    assert is_local(settings.Model(name="ollama/m", api_base=base)) is local
