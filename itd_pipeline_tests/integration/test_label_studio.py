"""A review by a real Label Studio: our tasks go in by its API, its JSON comes back, and only the edits are different.

`ITD_LABEL_STUDIO` names the program, such as /opt/label-studio/bin/label-studio; it is no dependency of this project.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from itd_pipeline.ports import canonical_json
from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.label_studio import interface, read_annotations, tasks_json
from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.answers import save_answer
from itd_pipeline.review_store.people import Person
from itd_pipeline.review_store.ratings import rows_of, take_in
from itd_pipeline.review_store.tasks import task_at
from itd_pipeline_tests.review_world import GOOD, RUBRIC, fill, free_port

PROGRAM = os.environ.get("ITD_LABEL_STUDIO", "")
TOKEN = "0123456789abcdef0123456789abcdef01234567"
needs_label_studio = pytest.mark.skipif(
    not PROGRAM, reason="no Label Studio: set ITD_LABEL_STUDIO to the path of the program `label-studio`")


@contextmanager
def label_studio(folder: Path) -> Iterator[httpx.Client]:
    """A fresh Label Studio on this machine, and a client that has entered it."""
    port = free_port()
    given = {"LABEL_STUDIO_BASE_DATA_DIR": str(folder), "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
             "LABEL_STUDIO_USERNAME": "owl@example.org", "LABEL_STUDIO_PASSWORD": "long-enough-1",
             "LABEL_STUDIO_USER_TOKEN": TOKEN, "COLLECT_ANALYTICS": "false"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)],
            env={**os.environ, **given}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60,
                              headers={"Authorization": f"Token {TOKEN}"}) as client:
                until = time.monotonic() + 240
                while process.poll() is None and time.monotonic() < until:
                    try:
                        if client.get("/api/projects").status_code == 200:
                            break
                    except httpx.TransportError:
                        pass
                    time.sleep(1)
                else:
                    raise RuntimeError("Label Studio did not start")
                yield client
        finally:
            process.kill()
            process.wait()


@needs_label_studio
@pytest.mark.full
def test_a_real_label_studio_takes_our_tasks_and_gives_back_the_answers(tmp_path: Path) -> None:
    rubric = load_rubric(RUBRIC)
    (tmp_path / "studio").mkdir()
    with Store(tmp_path / "r.sqlite") as store, label_studio(tmp_path / "studio") as client:
        fill(store, 6, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        for position in (1, 2):
            task = task_at(store, "owl", position)
            assert task is not None
            given = {**GOOD, "comment": "=1+1\n<b>two lines</b>", "error_tags": "wrong_fact,omission"}
            save_answer(store, "owl", task["task_id"], 0, check_answer(given, rubric).values, 9, rubric.version)
        before = {row.assignment: dict(row.answer) for row in rows_of(store, "owl")}
        made = client.post("/api/projects", json={"title": "Review", "label_config": interface(rubric)})
        assert made.status_code == 201, made.text
        project = made.json()["id"]
        ours = json.loads(tasks_json(rows_of(store, "owl"), rubric))
        sent = client.post(f"/api/projects/{project}/import", json=ours)
        assert (sent.status_code, sent.json()["task_count"], sent.json()["annotation_count"]) == (201, 6, 2), sent.text

        tasks = client.get(f"/api/projects/{project}/export", params={
            "exportType": "JSON", "download_all_tasks": "true"}).json()
        assert len(tasks) == 6
        untouched = dict(read_annotations(json.dumps(tasks).encode(), rubric))
        assert {ref: check_answer(values, rubric).values for ref, values in untouched.items()} == {
            ref: answer for ref, answer in before.items() if answer.get("decision")}

        open_task = next(t for t in tasks if not t["annotations"])
        result = [{"from_name": gate.id, "to_name": "output", "type": "choices", "value": {"choices": ["yes"]}}
                  for gate in rubric.gates]
        result += [
            {"from_name": "decision", "to_name": "output", "type": "choices", "value": {"choices": ["accept"]}},
            {"from_name": "clarity", "to_name": "output", "type": "rating", "value": {"rating": 4}},
            {"from_name": "comment", "to_name": "output", "type": "textarea", "value": {"text": ["From the studio"]}}]
        kept = client.post(f"/api/tasks/{open_task['id']}/annotations", json={"result": result})
        assert kept.status_code == 201, kept.text
        raw = client.get(f"/api/projects/{project}/export", params={"exportType": "JSON"}).content
        taken = take_in(store, "owl", [("studio", *one) for one in read_annotations(raw, rubric)], rubric)
        assert (taken.saved, taken.unchanged, taken.problems) == (1, 2, [])
        after = {json.loads(row["answer"])["comment"]: row["answer"] for row in store.rows(
            "SELECT answer FROM tasks WHERE reviewer = 'owl' AND answer IS NOT NULL")}
        assert json.loads(after["From the studio"])["clarity"] == "4"
        assert canonical_json(json.loads(after["=1+1\n<b>two lines</b>"])) == after["=1+1\n<b>two lines</b>"]
