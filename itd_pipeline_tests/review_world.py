"""A small review for tests and benchmarks: generated records, people, tasks, and the application as a process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from itd_pipeline.review.shown import shown_record
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.people import Person, add_person
from itd_pipeline.review_store.tasks import Item, Plan, give_out, keep_items
from itd_pipeline.tables.records import DEFAULTS

ROOT = Path(__file__).resolve().parent.parent
RUBRIC = ROOT / "data" / "rubric.yaml"
PASSAGE = ("Adults with fever should drink enough. Paracetamol 500 mg may be taken up to four times a day, at most 4 g "
           "in 24 hours. Seek help the same day for a stiff neck, a rash that does not fade, or confusion.")
OUTPUT = "Take paracetamol 650 mg up to four times a day, and seek help for <b>confusion</b> or meningitis."


def a_record(number: int, **values: Any) -> dict[str, Any]:
    """A row of `filtered_set`."""
    return {
        **DEFAULTS, "record_id": f"rec-{number:05d}", "instruction": f"What helps an adult with fever number {number}?",
        "input": None, "output": OUTPUT, "rationale": None, "answer_key": None, "difficulty": 2,
        "task_type": "question_answering", "audience": "patient", "specialty": "general_practice",
        "route": "synthetic", "author": "model-x", "author_role": "model", "source": "leaflets", "licence": "CC0-1.0",
        "evidence_date": "2024", "passage_ids": ["psg-1"],
        "citations": [{"passage_id": "psg-1", "start": 39, "end": 103, "quote": PASSAGE[39:103], "reference": ""}],
        **values}


PASSAGES = {"psg-1": {"passage_id": "psg-1", "text": PASSAGE, "title": "Fever in adults", "section": "What helps"}}


def fill(store: Store, records: int, people: Sequence[Person], practice: int = 0, repeat_share: float = 0.0,
         pairs: int = 0) -> dict[str, str]:
    """Records, people and tasks; returns the secret of each person's link."""
    tokens = {person.pseudonym: add_person(store, person) for person in people}
    items = [Item(f"rec-{n:05d}", "record", "model-x", shown_record(a_record(n), PASSAGES))
             for n in range(records + practice)]
    made = [Item(f"pair-{n}", "pair", "model-x", {
        side: shown_record(a_record(0, output=f"{side.title()} {n}. {OUTPUT}"), PASSAGES)
        for side in ("first", "second")})
            for n in range(pairs)]
    keep_items(store, [*items, *made])
    ids = [item.item_id for item in items]
    give_out(store, ids[:records], [item.item_id for item in made],
             Plan(2, 7, repeat_share, tuple(ids[records:])))
    return tokens


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def served(store: Path, port: int | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The application over a store, as a process of its own: (address, process)."""
    port = port or free_port()
    process = start(store, port)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def start(store: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the application and wait until it answers."""
    process = subprocess.Popen([sys.executable, str(Path(__file__)), str(store), str(port)],
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return process
        if process.poll() is not None:
            break
        time.sleep(0.02)
    process.kill()
    raise RuntimeError("the review application did not start")


GOOD = {"medically_correct": "yes", "free_of_serious_harm": "yes", "no_identifying_detail": "yes", "answerable": "yes",
        "supported_by_evidence": "no", "completeness": "3", "decision": "reject", "comment": "The dose is not there."}
_HIDDEN = re.compile(r'name="(csrf|task_id|revision|shown|version|form|position|rubric)" value="([^"]*)"')


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return dict(_HIDDEN.findall(page))


if __name__ == "__main__":
    from itd_pipeline.review.rubric import load_rubric
    from itd_pipeline.review_server import ReviewApp, make_app
    from itd_pipeline.review_server.serving import Place, serve

    serve(make_app(ReviewApp(Store(Path(sys.argv[1])), load_rubric(RUBRIC))), Place("127.0.0.1", int(sys.argv[2])))
