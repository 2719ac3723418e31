"""The client of models against the fake provider, beside bare aiohttp and litellm alone.

Usage: client.py PART [--requests N]      PART: throughput litellm faults cap warm memory changed all

Each measurement is a process of its own; sides are run in turn in one run, so compare ratios. The fake provider is
another process on this machine with a latency of 200 ms; `ideal` is concurrency / latency.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LATENCY_S = 0.2
PROMPT = "Write one question and its answer about passage {n}, which says that asthma narrows airways, as JSON. " * 4
SCHEMA = json.dumps({"type": "object", "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                     "required": ["question", "answer"]})
FAULTS = ["--server-error", "0.05", "--malformed", "0.03", "--truncated", "0.02", "--reset", "0.01"]


@contextmanager
def provider(*options: str) -> Iterator[str]:
    """Address of a fake provider in a process of its own."""
    command = [sys.executable, "-m", "itd_pipeline", "fake-provider", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().rpartition(" ")[2].strip()
        finally:
            process.terminate()


def stats(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(address.removesuffix("/v1") + "/stats") as response:
        found: dict[str, Any] = json.load(response)
    return found


def child(kind: str, address: str, count: int, concurrency: int, **options: Any) -> dict[str, Any]:
    """One measurement in a process of its own."""
    arguments = json.dumps({"kind": kind, "address": address, "count": count, "concurrency": concurrency, **options})
    done = subprocess.run([sys.executable, "-W", "ignore", __file__, "--child", arguments], capture_output=True,
                          text=True, check=False, env={**os.environ, "OPENAI_API_KEY": "none"})
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# --- children -------------------------------------------------------------------------------------------------------

def ours(address: str, count: int, concurrency: int, store: str, changed: int | None = None, memory: bool = False,
         cold: bool = False, **model: Any) -> dict[str, Any]:
    from itd_pipeline import settings
    from itd_pipeline.llm import open_model
    from itd_pipeline.ports import ChatRequest

    section = settings.Model.model_validate({"name": "openai/fake", "api_base": address, "concurrency": concurrency,
                                             **model})

    def requests() -> Iterator[ChatRequest]:
        for n in range(count):
            yield ChatRequest((("user", PROMPT.format(n=n if n != changed else "changed")),), SCHEMA)

    ends: Counter[str] = Counter()
    marks = []
    with open_model(section, Path(store)) as chat:
        if not cold:
            list(chat.answer([ChatRequest((("user", "warm up"),), SCHEMA)]))  # the peers' side does the same
        start, cpu = time.perf_counter(), time.process_time()
        for number, answer in enumerate(chat.answer(requests())):
            ends[answer.error.partition(":")[0] or ("cached" if answer.cached else answer.finish_reason)] += 1
            if memory and number % 10_000 == 0:
                marks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    return _figures(count, wall, cpu) | {"ends": dict(ends), **({"peaks_mib": marks} if memory else {})}


def bare(address: str, count: int, concurrency: int, library: str) -> dict[str, Any]:
    """aiohttp or litellm alone: sends, reads, parses, and keeps nothing."""

    async def run() -> dict[str, Any]:
        if library == "aiohttp":
            import aiohttp

            session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency))

            async def one(n: int) -> Any:
                body = {"model": "fake", "messages": [{"role": "user", "content": PROMPT.format(n=n)}]}
                async with session.post(f"{address}/chat/completions", json=body) as response:
                    return json.loads(await response.read())["choices"][0]["message"]["content"]
        else:
            os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
            import litellm

            litellm.suppress_debug_info = True

            async def one(n: int) -> Any:
                found = await litellm.acompletion(
                    model="openai/fake", api_base=address, api_key="x", max_retries=0,
                    messages=[{"role": "user", "content": PROMPT.format(n=n)}],
                    response_format={"type": "json_schema", "json_schema": {"name": "answer", "strict": True,
                                                                            "schema": json.loads(SCHEMA)}})
                return found.choices[0].message.content

        await one(-1)
        numbers = iter(range(count))

        async def work() -> None:
            for n in numbers:
                await one(n)

        start, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*[work() for _ in range(concurrency)])
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        if library == "aiohttp":
            await session.close()
        return _figures(count, wall, cpu)

    return asyncio.run(run())


def _figures(count: int, wall: float, cpu: float) -> dict[str, Any]:
    return {"per_second": count / wall, "wall_s": wall, "cpu_ms": cpu / count * 1e3,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


# --- parts ----------------------------------------------------------------------------------------------------------

def throughput(count: int, folder: Path) -> None:
    """Beside bare aiohttp, 64 and 256 in flight."""
    with provider("--latency", str(LATENCY_S)) as address:
        for concurrency in (64, 256):
            sides: dict[str, list[dict[str, Any]]] = {"aiohttp alone": [], "itd, OpenAI wire": []}
            for turn in range(3):
                sides["aiohttp alone"].append(child("bare", address, count, concurrency, library="aiohttp"))
                sides["itd, OpenAI wire"].append(child("ours", address, count, concurrency,
                                                       store=str(folder / f"t{concurrency}-{turn}")))
            _rows(concurrency, sides)


def litellm(count: int, folder: Path) -> None:
    """Through litellm's own path beside litellm alone."""
    with provider("--latency", str(LATENCY_S)) as address:
        for concurrency in (64, 256):
            sides: dict[str, list[dict[str, Any]]] = {"litellm alone": [], "itd, wire: litellm": []}
            for turn in range(3):
                sides["litellm alone"].append(child("bare", address, count, concurrency, library="litellm"))
                sides["itd, wire: litellm"].append(child("ours", address, count, concurrency, wire="litellm",
                                                         store=str(folder / f"l{concurrency}-{turn}")))
            _rows(concurrency, sides)


def _rows(concurrency: int, sides: dict[str, list[dict[str, Any]]]) -> None:
    ideal = concurrency / LATENCY_S
    first = statistics.median(r["per_second"] for r in next(iter(sides.values())))
    for name, runs in sides.items():
        rate = statistics.median(r["per_second"] for r in runs)
        cpu = statistics.median(r["cpu_ms"] for r in runs)
        print(f"{concurrency:>4} in flight  {name:<20} {rate:8.1f}/s  {rate / ideal:.3f} of ideal  {cpu:.2f} ms CPU  "
              f"{rate / first:.3f} of the first", flush=True)


def faults(count: int, folder: Path) -> None:
    """429 in bursts (by time, by a bucket of requests, by count), 500s, malformed, cut, reset."""
    for name, options in (
        ("20 % of the time 429", ["--rate-limit", "0.2"]),
        ("9,000 requests per minute", ["--requests-per-minute", "9000"]),
        ("20 % of all requests 429", ["--rate-limit", "0.2", "--burst-requests", "50"]),
    ):
        with provider("--latency", str(LATENCY_S), *options, *FAULTS) as address:
            found = child("ours", address, count, 64, store=str(folder / f"f{name[:9]}"))
            seen = stats(address)
        taken = seen["requests"] - 1 - seen["kinds"].get("rate_limit", 0)
        allowed = {"2": 0.8 * 64 / LATENCY_S, "9": 150.0}[name[0]]
        print(f"{name}: {count} requests, ends {found['ends']}; {taken} taken, {taken / found['wall_s']:.1f}/s of "
              f"{allowed:.0f}/s allowed = {taken / found['wall_s'] / allowed:.3f}; answered twice: "
              f"{seen['answered_again']}; {seen['kinds']}", flush=True)


def cap(_: int, folder: Path) -> None:
    """1.00 dollar at 0.01 per call, 64 in flight."""
    from itd_pipeline.llm import ledger_totals

    with provider("--latency", str(LATENCY_S), "--price", "0.01") as address:
        found = child("ours", address, 1000, 64, store=str(folder / "cap"), max_cost_usd=1.0, cold=True,
                      prices={"openai/fake": {"request": 0.01}})
        seen = stats(address)
    print(f"cap of 1.00 USD: billed {seen['billed_usd']:.2f}, ledger {ledger_totals(folder / 'cap')['cost_usd']:.2f}, "
          f"ends {found['ends']}", flush=True)


def warm(_: int, folder: Path) -> None:
    """10,000 stored answers."""
    with provider("--latency", "0") as address:
        child("ours", address, 10_000, 64, store=str(folder / "warm"))
        before = stats(address)["requests"]
        found = child("ours", address, 10_000, 64, store=str(folder / "warm"))
        asked = stats(address)["requests"] - before
    print(f"10,000 stored: {found['per_second']:,.0f}/s, {found['peak_mib']} MiB, requests sent: {asked}", flush=True)


def changed(_: int, folder: Path) -> None:
    """One of 1,000 passages has changed."""
    with provider("--latency", "0") as address:
        child("ours", address, 1_000, 64, store=str(folder / "changed"))
        before = stats(address)["requests"]
        found = child("ours", address, 1_000, 64, store=str(folder / "changed"), changed=500)
        asked = stats(address)["requests"] - before
    print(f"one of 1,000 changed: requests sent {asked}, ends {found['ends']}", flush=True)


def memory(_: int, folder: Path) -> None:
    """100,000 requests."""
    with provider("--latency", "0.05") as address:
        found = child("ours", address, 100_000, 256, store=str(folder / "memory"), memory=True)
    print(f"100,000 requests: {found['per_second']:,.0f}/s, peak {found['peak_mib']} MiB, after each 10,000: "
          f"{found['peaks_mib']}", flush=True)


PARTS = {"throughput": throughput, "litellm": litellm, "faults": faults, "cap": cap, "warm": warm, "memory": memory,
         "changed": changed}


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        options = json.loads(sys.argv[2])
        kind = options.pop("kind")
        print(json.dumps({"ours": ours, "bare": bare}[kind](**options)))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=[*PARTS, "all"])
    parser.add_argument("--requests", type=int, default=4_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, part in PARTS.items():
            if chosen.part in (name, "all"):
                part(chosen.requests, Path(folder))


if __name__ == "__main__":
    main()
