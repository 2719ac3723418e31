"""A redirect carries nothing to another host, on litellm's own path either. Marked `model`: its import is slow."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.wire.redirects import refused
from itd_pipeline.ports import ChatRequest

REQUEST = ChatRequest((("user", "a prompt that stays"),))


class _Server(BaseHTTPRequestHandler):
    """Sends on whatever is posted, or notes that it came."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append((dict(self.headers), body))  # type: ignore[attr-defined]
        to = self.server.to  # type: ignore[attr-defined]
        self.send_response(self.server.status if to else 200)  # type: ignore[attr-defined]
        if to:
            self.send_header("location", to)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def servers() -> Iterator[tuple[Any, Any]]:
    """(one that sends elsewhere, the elsewhere)."""
    both: list[Any] = [HTTPServer(("127.0.0.1", 0), _Server) for _ in range(2)]
    for one in both:
        one.seen, one.to, one.status = [], "", 307
        threading.Thread(target=one.serve_forever, args=(0.01,), daemon=True).start()
    both[0].to = f"http://localhost:{both[1].server_port}/v1/elsewhere"
    yield both[0], both[1]
    for one in both:
        one.shutdown()
        one.server_close()


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "status"), [
    ("openai/some", 302), ("openai/some", 307), ("openai/some", 308), ("anthropic/some", 307), ("mistral/some", 307)])
def test_litellm_follows_no_redirect(
    servers: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch, name: str, status: int,
) -> None:
    from itd_pipeline.llm.wire.litellm_path import LitellmProvider

    first, elsewhere = servers
    first.status = status
    monkeypatch.setenv("OURS_KEY", "sk-very-secret")

    async def send() -> None:
        provider = LitellmProvider(name, f"http://127.0.0.1:{first.server_port}/v1", "OURS_KEY", 5)
        try:
            await provider.send(REQUEST, "id")
        finally:
            await provider.close()

    with pytest.raises(PermanentError, match=r"redirects elsewhere.*model\.api_base") as caught:
        asyncio.run(send())
    assert len(first.seen) == 1
    assert b"a prompt that stays" in first.seen[0][1]
    assert elsewhere.seen == []
    assert "sk-very-secret" not in str(caught.value)


def test_others_in_this_process_follow_them_as_before(servers: tuple[Any, Any]) -> None:
    import httpx

    first, elsewhere = servers
    address = f"http://127.0.0.1:{first.server_port}/"
    with httpx.Client(follow_redirects=True) as client:
        with refused() as met:
            assert client.post(address, content=b"x").status_code == 307
        assert (met, elsewhere.seen) == ([307], [])
        assert client.post(address, content=b"x").status_code == 200
    assert [body for _, body in elsewhere.seen] == [b"x"]
