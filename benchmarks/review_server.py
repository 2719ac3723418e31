"""How long a reviewer waits for the next record: 50,000 records, 20 reviewers who answer at the same time.

Each reviewer is a client in a process of its own that answers and then asks for the next page, as a browser does; with
`--think` seconds of reading in between, as people do. Printed: median, 95th and 99th percentile from the answer sent to
the next page whole, beside that of a static file of the same server in the same run.

    .venv/bin/python benchmarks/review_server.py --records 50000 --reviewers 20
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from itd_pipeline.review_store import Store
from itd_pipeline.review_store.people import Person, start_session
from itd_pipeline_tests.review_world import GOOD, fill, hidden, served


def reviewer(address: str, session: str, answers: int, think: float, seed: int) -> tuple[list[float], list[float]]:
    """Milliseconds from answer to next page, and of a static file."""
    chance, waited, static = random.Random(seed), [], []
    with httpx.Client(base_url=address, cookies={"itd_review": session}, timeout=60) as client:
        time.sleep(chance.uniform(0, think))
        page = client.get("/judge", follow_redirects=True)
        for number in range(answers):
            time.sleep(chance.uniform(0.5, 1.5) * think)
            begun = time.perf_counter()
            page = client.post(page.url.path, data={**hidden(page.text), **GOOD}, follow_redirects=True)
            waited.append((time.perf_counter() - begun) * 1000)
            assert page.status_code == 200
            assert f"Record {number + 2} of" in page.text
            begun = time.perf_counter()
            client.get("/static/icon.svg")
            static.append((time.perf_counter() - begun) * 1000)
    return waited, static


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--answers", type=int, default=30, help="by each reviewer")
    parser.add_argument("--think", type=float, default=3.0, help="mean seconds between a page and its answer")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "review.sqlite") as store:
        begun = time.perf_counter()
        names = [f"reviewer-{n}" for n in range(wanted.reviewers)]
        fill(store, wanted.records, [Person(name, ("reviewer",)) for name in names], repeat_share=0.05)
        tasks = store.rows("SELECT count(*) AS n FROM tasks")[0]["n"]
        print(f"{wanted.records:,} records, {tasks:,} tasks given to {wanted.reviewers} reviewers in "
              f"{time.perf_counter() - begun:.1f} s")
        sessions = [start_session(store, name) for name in names]
        with served(store.path) as (address, _), multiprocessing.get_context("fork").Pool(wanted.reviewers) as pool:
            jobs = [(address, session, wanted.answers, wanted.think, n) for n, session in enumerate(sessions)]
            results = pool.starmap(reviewer, jobs)
        for name, at in (("next record on screen", 0), ("static file", 1)):
            times = sorted(t for result in results for t in result[at])
            quantiles = [times[min(len(times) - 1, int(len(times) * q))] for q in (0.5, 0.95, 0.99)]
            print(f"{name}: median {quantiles[0]:.0f} ms, 95th percentile {quantiles[1]:.0f} ms, 99th "
                  f"{quantiles[2]:.0f} ms over {len(times):,}")


if __name__ == "__main__":
    main()
