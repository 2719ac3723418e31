"""The server of the fake provider. Belongs here: carrying out what `behaviour.py` decides, and counting.

It listens on the loopback alone: it must never be taken for a provider by anyone else.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from itd_pipeline.llm.fake_provider.answering import answer_to
from itd_pipeline.llm.fake_provider.batches import Batches
from itd_pipeline.llm.fake_provider.behaviour import Behaviour, Script

HOST = "127.0.0.1"
_DRIP_S = 0.1
_MOST_BODY = 64 * 2**20


class FakeServer:
    """See the module.

    Args:
        behaviour: how it behaves.
        log: file to which a line is added for each request: number, hash of the body, what was done.
        recorded: told of every body, for tests of what leaves the building.
    """

    def __init__(self, behaviour: Behaviour, log: Path | None = None,
                 recorded: Callable[[bytes], None] | None = None) -> None:
        self._behaviour, self._script, self._recorded = behaviour, Script(behaviour), recorded
        self._log = log.open("a", encoding="utf-8") if log else None
        self.counts: Counter[str] = Counter()
        self._answered: Counter[bytes] = Counter()
        self._tokens = [0, 0]
        self._in_flight = self._most_in_flight = 0
        self.app = web.Application(client_max_size=_MOST_BODY)
        self.app.add_routes([
            web.post("/v1/chat/completions", self._chat), web.get("/v1/models", self._models),
            web.get("/stats", self._stats), *Batches(behaviour.batch_s, self._in_batch).routes()])

    def stats(self) -> dict[str, Any]:
        """What it has counted: requests, what was done with them, what it bills."""
        answered = self.counts["answered"]
        return {
            "requests": self.counts["requests"], "answered": answered, "distinct": len(self._script.seen),
            "answered_again": sum(n - 1 for n in self._answered.values()), "most_in_flight": self._most_in_flight,
            "prompt_tokens": self._tokens[0], "completion_tokens": self._tokens[1],
            "billed_usd": round(answered * self._behaviour.price_usd, 9),
            "kinds": {k: n for k, n in sorted(self.counts.items()) if k not in ("requests", "answered")},
        }

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response(self.stats())

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "fake", "object": "model", "owned_by": "itd"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            return await self._handled(request, raw)
        finally:
            self._in_flight -= 1

    async def _handled(self, request: web.Request, raw: bytes) -> web.StreamResponse:
        self.counts["requests"] += 1
        if self._recorded is not None:
            self._recorded(raw)
        wait = self._script.too_fast(asyncio.get_running_loop().time())
        if wait is not None:
            self._note(raw, "rate_limit")
            return web.json_response({"error": {"message": "too many requests", "type": "rate_limit"}}, status=429,
                                     headers={"retry-after": f"{wait:.3f}"})
        fault, number = self._script.draw(raw)
        self._note(raw, fault)
        latency = self._behaviour.latency_s * (1 + self._behaviour.jitter * (number % 1000 / 500 - 1))
        if fault == "hang":
            latency = 3600.0
        if latency:
            await asyncio.sleep(latency)
        if fault == "server_error":
            return web.json_response({"error": {"message": "server error", "type": "server_error"}}, status=500)
        if fault == "reset" and request.transport is not None:
            request.transport.abort()
            return web.Response()
        try:
            content = self._answer(raw, number, fault)
        except (ValueError, AttributeError, TypeError):
            return web.json_response({"error": {"message": "no chat request", "type": "invalid"}}, status=400)
        if fault == "drip":
            return await self._drip(request, content)
        return web.Response(body=content, content_type="application/json")

    async def _drip(self, request: web.Request, content: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(request)
        for at in range(len(content)):
            await response.write(content[at : at + 1])
            await asyncio.sleep(_DRIP_S)
        return response

    def _in_batch(self, raw: bytes) -> dict[str, Any]:
        """One line of a batch: a status and a body."""
        self.counts["requests"] += 1
        if self._recorded is not None:
            self._recorded(raw)
        fault, number = self._script.draw(raw)
        self._note(raw, fault)
        if fault in ("server_error", "reset", "drip", "hang"):
            return {"status_code": 500, "body": {"error": {"message": "server error"}}}
        return {"status_code": 200, "body": json.loads(self._answer(raw, number, fault))}

    def _answer(self, raw: bytes, number: int, fault: str) -> bytes:
        body = json.loads(raw)
        text, finish, sent, received = answer_to(body, number, fault)
        self.counts["answered"] += 1
        self._answered[hashlib.sha256(raw).digest()] += 1
        self._tokens[0] += sent
        self._tokens[1] += received
        return json.dumps({
            "id": f"chatcmpl-{number:x}", "object": "chat.completion", "created": 1_700_000_000,
            "model": f"{body.get('model', 'fake')}-2026-01-01",
            "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received},
        }, ensure_ascii=False).encode()

    def _note(self, raw: bytes, kind: str) -> None:
        self.counts[kind or "good"] += 1
        if self._log is not None:
            self._log.write(f"{self.counts['requests']}\t{hashlib.sha256(raw).hexdigest()[:32]}\t{kind or 'good'}\n")
            self._log.flush()


async def _listening(server: FakeServer, port: int) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(server.app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port, backlog=4096)
    await site.start()
    address = runner.addresses[0]
    return runner, f"http://{address[0]}:{address[1]}/v1"


@contextmanager
def running(behaviour: Behaviour, port: int = 0, log: Path | None = None,
            recorded: Callable[[bytes], None] | None = None) -> Iterator[tuple[str, FakeServer]]:
    """(base URL, server) in a thread of this process, for tests; port 0 takes a free one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake-provider", daemon=True)
    thread.start()
    server = FakeServer(behaviour, log, recorded)
    runner, address = asyncio.run_coroutine_threadsafe(_listening(server, port), loop).result(30)
    try:
        yield address, server
    finally:
        asyncio.run_coroutine_threadsafe(_shut(runner), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _shut(runner: web.AppRunner) -> None:
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()  # requests that hang or drip
    await runner.cleanup()


def serve_forever(behaviour: Behaviour, port: int, log: Path | None, started: Callable[[str], None]) -> None:
    """Serve until interrupted, in this thread."""
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)

    async def serve() -> None:
        runner, address = await _listening(FakeServer(behaviour, log), port)
        started(address)
        try:
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    try:
        import uvloop
    except ImportError:
        asyncio.run(serve())
    else:
        uvloop.run(serve())
