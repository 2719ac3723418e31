"""The table of requests: a row for each, with times that decide nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
from expand_builders import QUOTE, Run, Scripted, good, passage

from itd_pipeline.ports import Batch, ChatAnswer, ChatRequest
from itd_pipeline.storage.lake import Lake
from itd_pipeline.tables.records import CANDIDATES, MODEL_REQUESTS, RECIPE_ACCOUNTS
from itd_pipeline.tables.rejects import REJECTS

AT = 1_700_000_000.25


def answered(request: ChatRequest) -> ChatAnswer:
    return ChatAnswer(request.payload_hash("m"), good(request), "stop", 10, 5, 0.5, model_version="m-2024-07-18",
                      cached_tokens=4, attempts=2, seconds=1.5, answered_at=AT)


def test_a_row_for_every_request_with_time_version_tokens_cost_and_attempts(run: Run) -> None:
    made = run([passage(1)], ("synthetic",), Scripted(answered))
    assert made.requests == [{
        "request_id": made.rows[0]["request_id"], "role": "writer", "model": "test/scripted",
        "model_version": "m-2024-07-18", "answered_at": "2023-11-14T22:13:20.250+00:00", "seconds": 1.5, "attempts": 2,
        "prompt_tokens": 10, "cached_tokens": 4, "completion_tokens": 5, "cost_usd": 0.5, "finish_reason": "stop",
        "error": ""}]


def test_failures_and_answerers_have_theirs(run: Run) -> None:
    failed = run([passage(1)], ("synthetic",), Scripted(
        lambda r: ChatAnswer(r.payload_hash("m"), "", "error", error="timeout: no whole answer")))
    assert [(r["error"], r["answered_at"]) for r in failed.requests] == [("timeout", None)]
    item = json.dumps({"quote": QUOTE, "question": "Which medicine lowers urate?", "right": "Allopurinol",
                       "wrong": ["Ibuprofen", "Colchicine", "Prednisolone"], "explanation": "They do not lower it."})
    made = run([passage(1, word_count=60)], ("synthetic",), Scripted(lambda _: item), recipes=("multiple_choice",),
               answerer=Scripted(lambda _: "{}", name="test/answerer"))
    assert sorted((r["role"], r["model"]) for r in made.requests) == [
        *[("answerer", "test/answerer")] * 8, ("writer", "test/scripted")]


def test_times_do_not_change_the_data_version(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    versions = []
    for at, tokens in ((1, 10), (2, 10), (2, 11)):
        row = {"request_id": "r", "role": "writer", "model": "m", "model_version": "m", "seconds": float(at),
               "answered_at": f"2026-01-0{at}", "attempts": 1, "prompt_tokens": 10, "cached_tokens": 0,
               "completion_tokens": 5, "cost_usd": 0.0, "finish_reason": "stop", "error": ""}
        accounts = pa.Table.from_pylist([{"recipe": "r@1", "route": "synthetic", "planned": tokens}],
                                        schema=RECIPE_ACCOUNTS.schema)
        manifest = lake.write(CANDIDATES, "leaflets", [Batch(
            CANDIDATES.empty(), REJECTS.empty(), 0,
            sides={MODEL_REQUESTS.name: MODEL_REQUESTS.from_rows([row]), RECIPE_ACCOUNTS.name: accounts},
        )], fingerprint="f", inputs={}, sides=(RECIPE_ACCOUNTS, MODEL_REQUESTS))
        assert lake.read("synthetic_expansions", "leaflets", MODEL_REQUESTS.name).to_pylist() == [row]
        versions.append(manifest.data_version)
    assert versions[0] == versions[1] != versions[2]
