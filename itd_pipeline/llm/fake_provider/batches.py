"""The batch interface of the fake provider: files, batches, results. Format: OpenAI API reference, batch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

_MOST_FILE = 200 * 2**20


class Batches:
    """Uploaded files and the batches made of them.

    Args:
        takes_s: seconds until a batch is done.
        answer: answers the body of one line; counts it.
    """

    def __init__(self, takes_s: float, answer: Callable[[bytes], dict[str, Any]]) -> None:
        self._takes_s, self._answer = takes_s, answer
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._ready_at: dict[str, float] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1/files", self._upload), web.get("/v1/files/{id}/content", self._content),
                web.post("/v1/batches", self._create), web.get("/v1/batches", self._list),
                web.get("/v1/batches/{id}", self._look), web.post("/v1/batches/{id}/cancel", self._cancel)]

    async def _upload(self, request: web.Request) -> web.Response:
        name, content = f"file-{len(self._files) + 1}", b""
        async for part in await request.multipart():
            if getattr(part, "name", "") == "file":
                content = bytes(await part.read())  # type: ignore[union-attr]
        self._files[name] = content
        return web.json_response({"id": name, "object": "file", "purpose": "batch", "bytes": len(content)})

    async def _content(self, request: web.Request) -> web.Response:
        content = self._files.get(request.match_info["id"])
        return web.Response(body=content) if content is not None else web.json_response({"error": {}}, status=404)

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked.get("input_file_id") not in self._files:
            return web.json_response({"error": {"message": "no such file"}}, status=400)
        name = f"batch-{len(self._batches) + 1}"
        self._batches[name] = {"id": name, "object": "batch", "status": "in_progress", "output_file_id": None,
                               "input_file_id": asked["input_file_id"], "metadata": asked.get("metadata") or {}}
        self._ready_at[name] = time.monotonic() + self._takes_s
        return web.json_response(self._batches[name])

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": list(self._batches.values())[::-1], "has_more": False})

    async def _look(self, request: web.Request) -> web.Response:
        batch = self._batches.get(request.match_info["id"])
        if batch is None:
            return web.json_response({"error": {}}, status=404)
        if batch["status"] == "in_progress" and time.monotonic() >= self._ready_at[batch["id"]]:
            self._finish(batch)
        return web.json_response(batch)

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = self._batches[request.match_info["id"]]
        batch["status"] = "cancelled"
        return web.json_response(batch)

    def _finish(self, batch: dict[str, Any]) -> None:
        good: list[str] = []
        bad: list[str] = []
        for line in self._files[batch["input_file_id"]].splitlines():
            asked = json.loads(line)
            response = self._answer(json.dumps(asked["body"], ensure_ascii=False, separators=(",", ":")).encode())
            result = {"custom_id": asked["custom_id"], "response": response, "error": None}
            (good if response["status_code"] == 200 else bad).append(json.dumps(result, ensure_ascii=False))
        for key, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                batch[key] = f"file-{len(self._files) + 1}"
                self._files[batch[key]] = "\n".join(reversed(lines)).encode()  # providers promise no order
        batch["status"] = "completed"
