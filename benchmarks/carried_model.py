"""How busy the carried model is kept on the demo profile: tokens per second of the stage, beside the server's own rate.

Usage: carried_model.py [--profile demo] [--turns 2] [--per-source N]

The sources of the profile that ask a model are read and cleaned once. Then, in processes of their own and in turn:

- `server alone`: the same servers, one for each core, get the very requests of the profile back to back, by a thread
  for each server that does nothing else. Their start is not counted. This is the server's own token rate.
- `itd`: the stage `synthetic_expansions` of all these sources with an empty store of answers, from the first to the
  last line: plan, estimate, start of the servers, requests, judging, files.

Tokens are those of the answers and of the prompts, as the server counts them; both sides ask the same.
"""

from __future__ import annotations

import argparse
import json
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def profile_at(profile: str, lake: str, per_source: int | None) -> Any:
    from itd_pipeline.settings import load_settings

    settings = load_settings(profile)
    expansion = settings.expansion
    if per_source is not None:
        expansion = expansion.model_copy(update={"synthetic_per_source": per_source, "hybrid_per_source": per_source})
    names = {name: source for name, source in settings.sources.items() if {"synthetic", "hybrid"} & set(source.routes)}
    return settings.model_copy(update={"lake": Path(lake), "sources": names, "expansion": expansion})


def prepare(settings: Any) -> dict[str, Any]:
    """Read and clean, as a build does."""
    from itd_pipeline.pipeline.graph import STAGES
    from itd_pipeline.pipeline.inspect import verify
    from itd_pipeline.pipeline.refresh import refresh
    from itd_pipeline.pipeline.stage import Scope
    from itd_pipeline.storage.lake import Lake

    for name in ("raw_sources", "cleaned_text", "expert_seeds"):
        stage = STAGES[name]
        for partition in settings.sources if stage.partitioned else ("",):
            scope = Scope(settings, Lake(settings.lake_path), partition)
            refresh(stage, STAGES, scope)
            verify(stage, STAGES, scope)
    return {}


def requests_of(settings: Any) -> list[Any]:
    """What the profile asks its model."""
    from itd_pipeline import expand
    from itd_pipeline.pipeline.records import writers_of
    from itd_pipeline.pipeline.stage import Scope
    from itd_pipeline.ports import ChatAnswer
    from itd_pipeline.storage.lake import Lake

    asked: list[Any] = []

    class Recording:
        name, local, hosts = settings.model.name, True, ()

        def answer(self, requests: Any) -> Iterator[Any]:
            for request in requests:
                asked.append(request)
                yield ChatAnswer("", "", "error", error="estimate: not sent")

    lake = Lake(settings.lake_path)
    for name in settings.sources:
        scope = Scope(settings, lake, name)
        for _ in expand.expand(lake.batches("cleaned_text", name), lake.read("expert_seeds"), name, scope.source,
                               settings.expansion, writers_of(scope, lambda _: Recording())):
            pass
    return asked


def alone(settings: Any) -> dict[str, Any]:
    """The servers with nothing around them."""
    from itd_pipeline.llm.local_server import serve, server_count
    from itd_pipeline.llm.wire.chat import body_of, parameters_of

    name = settings.model.name.removeprefix("local/")
    bodies = [body_of(request, name, parameters_of(request, strict=True)) for request in requests_of(settings)]
    due: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for body in bodies:
        due.put(body)
    tokens: list[int] = []

    def work(address: str) -> None:
        while True:
            try:
                body = due.get_nowait()
            except queue.Empty:
                return
            asked = urllib.request.Request(f"{address}/chat/completions", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(asked) as response:
                tokens.append(json.load(response)["usage"]["total_tokens"])

    with serve(settings.model.seed, server_count()) as addresses:
        start = time.perf_counter()
        threads = [threading.Thread(target=work, args=(address,)) for address in addresses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.perf_counter() - start
    return {"requests": len(bodies), "tokens": sum(tokens), "wall_s": wall, "servers": len(addresses)}


def ours(settings: Any) -> dict[str, Any]:
    """The stage, for every source."""
    from itd_pipeline.llm import ledger_totals
    from itd_pipeline.pipeline.graph import STAGES
    from itd_pipeline.pipeline.records import model_store
    from itd_pipeline.pipeline.refresh import refresh
    from itd_pipeline.pipeline.stage import Scope
    from itd_pipeline.storage.lake import Lake

    lake = Lake(settings.lake_path)
    start = time.perf_counter()
    for name in settings.sources:
        refresh(STAGES["synthetic_expansions"], STAGES, Scope(settings, lake, name, "benchmark"))
    wall = time.perf_counter() - start
    totals = ledger_totals(model_store(settings, lake))
    return {"requests": totals["requests"], "tokens": totals["prompt_tokens"] + totals["completion_tokens"],
            "wall_s": wall}


def child(part: str, profile: str, lake: Path, per_source: int | None) -> dict[str, Any]:
    """One part in a process of its own."""
    arguments = json.dumps({"part": part, "profile": profile, "lake": str(lake), "per_source": per_source})
    done = subprocess.run([sys.executable, "-W", "ignore", __file__, "--child", arguments], capture_output=True,
                          text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        said = json.loads(sys.argv[2])
        settings = profile_at(said["profile"], said["lake"], said["per_source"])
        print(json.dumps({"prepare": prepare, "alone": alone, "ours": ours}[said["part"]](settings)))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="demo")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--per-source", type=int, help="records planned per source and route, instead of the profile's")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cleaned = Path(folder) / "cleaned"
        child("prepare", chosen.profile, cleaned, chosen.per_source)
        rates: dict[str, list[float]] = {"server alone": [], "itd": []}
        for turn in range(chosen.turns):
            lake = Path(folder) / f"lake-{turn}"
            shutil.copytree(cleaned, lake)
            for side, part in (("server alone", "alone"), ("itd", "ours")):
                found = child(part, chosen.profile, lake, chosen.per_source)
                rates[side].append(found["tokens"] / found["wall_s"])
                print(f"{side:<13} {found['requests']:>4} requests  {found['tokens']:>7,} tokens  "
                      f"{found['wall_s']:6.1f} s  {rates[side][-1]:7.1f} tokens/s", flush=True)
        own, reached = (statistics.median(one) for one in rates.values())
        print(f"kept busy: {reached / own:.3f} of the server's own token rate")


if __name__ == "__main__":
    main()
