"""What a store holds, what may go, and what another machine takes over."""

from __future__ import annotations

import io
import sqlite3
import threading
from pathlib import Path

import pytest

from itd_pipeline.errors import ConfigError, StorageError
from itd_pipeline.llm.store import AnswerStore, Attempt, Payer, Writer
from itd_pipeline.llm.store.upkeep import contents, export, prune, take_in
from itd_pipeline.llm.store.writer import Kept
from itd_pipeline.ports import ChatAnswer


def answer(number: int, error: str = "") -> ChatAnswer:
    return ChatAnswer(f"id-{number}", "" if error else f"text {number}", "error" if error else "stop", 10, 5, 0.25,
                      error)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "answers.sqlite"
    with AnswerStore(file) as store:
        store.keep("openai/a", [(answer(n), [Attempt(f"id-{n}", "openai/a", 10, 5, 0.25)]) for n in range(3)],
                   Payer("one", "some", "2026-01-02"))
        store.keep("openai/b", [(answer(3, "timeout: x"), [Attempt("id-3", "openai/b", error="timeout: x")])],
                   Payer("one", "some", "2026-01-03"))
    return file


def test_contents_by_model_day_stage_and_error(path: Path) -> None:
    found = contents(path)
    assert [(a["model"], a["answers"], a["failures"]) for a in found["answers"]] == [("openai/a", 3, 0),
                                                                                     ("openai/b", 0, 1)]
    assert found["spent"] == [{"day": "2026-01-02", "stage": "some", "requests": 3, "cost_usd": 0.75},
                              {"day": "2026-01-03", "stage": "some", "requests": 1, "cost_usd": 0.0}]
    assert found["errors"] == {"timeout": 1}
    assert contents(path.with_name("none"))["answers"] == []


@pytest.mark.parametrize(("options", "gone"), [
    ({"model": "openai/a"}, 3), ({"failures": True}, 1), ({"model": "openai/a", "failures": True}, 0),
    ({"older_than_days": 1.0}, 0), ({"older_than_days": -1.0}, 4),
])
def test_prune_takes_what_is_named_and_never_the_ledger(path: Path, options: dict[str, object], gone: int) -> None:
    with AnswerStore(path) as store:
        assert prune(store, **options, dry_run=True) == gone  # type: ignore[arg-type]
        assert prune(store, **options) == gone  # type: ignore[arg-type]
    found = contents(path)
    assert sum(a["answers"] + a["failures"] for a in found["answers"]) == 4 - gone
    assert found["ledger"]["requests"] == 4


def test_prune_of_everything_must_be_said(path: Path) -> None:
    with AnswerStore(path) as store, pytest.raises(ConfigError, match="--older-than"):
        prune(store)


def test_exported_answers_are_taken_in_once(path: Path, tmp_path: Path) -> None:
    lines = list(export(path))
    assert lines == sorted(lines)
    with AnswerStore(tmp_path / "other") as other:
        assert take_in(other, io.StringIO("".join(lines)), "f") == 3
        assert take_in(other, io.StringIO("".join(lines)), "f") == 0
        assert other.find(["id-1"])["id-1"].text == "text 1"
        with pytest.raises(ConfigError, match="f, line 1"):
            take_in(other, io.StringIO("{}\n"), "f")
    assert list(export(path, "openai/b")) == []


def test_writer_commits_what_came_meanwhile_together_and_tells_afterwards(tmp_path: Path) -> None:
    told: list[int] = []
    held = threading.Event()
    with AnswerStore(tmp_path / "s") as store:
        def tell(group: list[Kept], problem: object) -> None:
            assert problem is None
            assert len(store.find([k.answer.request_id for k in group if k.answer])) == len(group)
            told.append(len(group))
            held.wait(5)

        writer = Writer(store, "m", Payer, tell)
        writer.put(Kept(answer(0), ()))
        for _ in range(200):
            if told:
                break
            threading.Event().wait(0.01)
        for number in range(1, 6):
            writer.put(Kept(answer(number), ()))
        held.set()
        assert writer.flush(5)
        writer.close()
    assert told == [1, 5]


def test_store_that_cannot_be_written_stops_the_call(tmp_path: Path) -> None:
    problems: list[object] = []
    with AnswerStore(tmp_path / "s") as store:
        broken = sqlite3.connect(tmp_path / "s")
        broken.execute("DROP TABLE answers")
        broken.commit()
        broken.close()
        writer = Writer(store, "m", Payer, lambda _, problem: problems.append(problem))
        writer.put(Kept(answer(0), ()))
        writer.close()
    assert isinstance(problems[0], StorageError)
