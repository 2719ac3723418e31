from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline.errors import ConfigError, SourceError
from itd_pipeline.probe import ProbeInputs, ProbeRecords, arms_of, open_student, passages_of, read_questions, run_probe
from itd_pipeline.probe import opening as opening_module
from itd_pipeline.probe.arms import Example
from itd_pipeline.probe.comparing import in_words
from itd_pipeline.probe.questions import Question
from itd_pipeline.probe.words import WordCounts
from itd_pipeline.settings import Probe, ProbeBenchmark

ROOT = Path(__file__).resolve().parents[3]


def record(number: int, split: str = "train", group: str = "", **more: Any) -> dict[str, Any]:
    return {"record_id": f"rec-{number}", "group_id": group or f"g-{number}", "split": split, "instruction": f"Ask "
        f"{number}",
            "input": None, "options": [], "output": f"answer {number}", **more}


def test_no_arm_sees_a_group_that_is_held_out_and_all_see_as_many() -> None:
    released = [record(n) for n in range(6)] + [record(7, "test", "held"), record(8, "train", "held")]
    candidates = [record(n) for n in range(20)] + [record(30, "", "held"), record(7, "", "other")]
    last = [record(40), record(41, "test"), record(42, "train", "held"), record(43)]
    found = arms_of(released, candidates, last, 100, 10, 7)
    assert [e.record_id for e in found.held_out] == ["rec-7"]
    assert {arm: len(examples) for arm, examples in found.arms.items()} == {
        "release": 2, "random_draw": 2, "last_release": 2}
    seen = {e.record_id for examples in found.arms.values() for e in examples}
    assert not seen & {"rec-7", "rec-8", "rec-30", "rec-42", "rec-41"}
    again = arms_of(released[::-1], candidates[::-1], None, 100, 10, 7)
    assert [e.record_id for e in again.arms["release"]][:2] == [e.record_id for e in found.arms["release"]]
    assert "evaluation.last_release" in again.notes["last_release"]


def test_a_prompt_holds_instruction_input_and_lettered_options() -> None:
    row = record(1, options=["yes", "no"], input="Given this.")
    found = arms_of([row, record(2, "test")], [row], None, 5, 5, 7).arms["release"][0]
    assert found.prompt == "Ask 1\n\nGiven this.\n\nA. yes\nB. no"


def examples(*words: str) -> list[Example]:
    return [Example(f"e-{n}", "q", word) for n, word in enumerate(words)]


def test_what_was_learned_shows_with_an_interval_and_what_was_not_says_so() -> None:
    held = examples(*["insulin lowers glucose"] * 6, "glucose insulin")
    trained = {"release": examples(*["insulin lowers glucose"] * 40),
               "random_draw": examples(*["elephants wandering down"] * 40)}
    records = ProbeRecords(trained, held, {"last_release": "none is named"})
    written = run_probe(ProbeInputs(records, ["elephants wandering"] * 3 + ["the elephants"], 10, {
        "exam": [Question("q", ("elephants wandering", "insulin glucose"), 1)] * 5}), WordCounts())
    rows = {(r["arm"], r["against"], r["test"], r["metric"]): r for r in written.rows.to_pylist()}
    better = rows["release", "random_draw", "held_out", "loss_difference"]
    assert better["value"] < 0
    assert better["low"] <= better["value"] <= better["high"] < 0
    assert "better than as many random candidates" in better["note"]
    assert rows["release", "release", "exam", "accuracy"]["value"] == 1
    assert rows["random_draw", "random_draw", "exam", "accuracy"]["value"] == 0
    assert rows["release", "base", "general_text", "loss_difference"]["note"].startswith("General text is retained")
    missing = rows["release", "last_release", "held_out", "loss_difference"]
    assert missing["value"] is None
    assert missing["note"] == "Not measured: none is named."
    assert written.units_in == written.rows.num_rows
    assert set(written.facts["trained_on"]) == {"release", "random_draw"}


@pytest.mark.parametrize(("low", "value", "high", "says"), [
    (-0.1, -0.05, 0.02, "is retained"), (-0.1, 0.0, 0.03, "may be partly lost"), (0.01, 0.05, 0.2, "is partly lost")])
def test_retention_is_lost_only_where_the_interval_says_so(low: float, value: float, high: float, says: str) -> None:
    row = {"test": "general_text", "against": "base", "metric": "loss_difference", "value": value, "low": low,
           "high": high, "items": 9}
    assert in_words(row).startswith(f"General text {says} after")


@pytest.mark.parametrize(("row", "columns", "right"), [
    ({"question": "q", "options": {"A": "x", "B": "y"}, "answer": "y"}, {}, 1),
    ({"question": "q", "options": ["x", "y"], "answer": "B"}, {}, 1),
    ({"question": "q", "a": "x", "b": "y", "answer": 0}, {"options": ("a", "b")}, 0),
    ({"question": "q", "options": '["x", "y"]', "answer": "1"}, {}, 1),
])
def test_items_of_several_shapes_are_read(tmp_path: Path, row: dict[str, Any], columns: dict[str, Any],
                                          right: int) -> None:
    path = tmp_path / "exam.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps(row) + "\n", encoding="utf-8")
    found = read_questions("exam", ProbeBenchmark(path=path, **columns), path, 1)
    assert found == [Question("q", ("x", "y"), right)]


@pytest.mark.parametrize(("row", "problem"), [
    ({"question": "q", "options": ["x", "y"], "answer": "z"}, "row 1: the answer is none of the 2 options"),
    ({"question": "q", "answer": "z"}, "row 1: there is no column 'options'"),
    ({"question": "q", "options": ["x"], "answer": "A"}, "row 1: it has fewer than two options"),
])
def test_a_wrong_item_is_named_by_its_row(tmp_path: Path, row: dict[str, Any], problem: str) -> None:
    path = tmp_path / "exam.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(SourceError, match="exam") as caught:
        read_questions("exam", ProbeBenchmark(path=path), path, 5)
    assert problem in caught.value.problem


def test_general_text_ships_and_a_missing_file_says_what_to_correct() -> None:
    passages = passages_of(ROOT / "data" / "probe" / "general.txt")
    assert len(passages) >= 30
    assert all(20 < len(passage.split()) < 80 for passage in passages)
    with pytest.raises(SourceError, match="no file"):
        passages_of(Path("nowhere.txt"))


def test_without_the_extra_the_probe_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_module, "missing_packages", lambda: ["torch"])
    with pytest.raises(ConfigError) as caught:
        open_student(Probe())
    assert "itd-pipeline[probe]" in caught.value.remedy
    assert open_student(Probe(model="fake/words")).name == "fake/words"
    with pytest.raises(ConfigError):
        open_student(Probe(model="fake/other"))
    assert "torch" not in sys.modules
