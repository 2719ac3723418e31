"""What a lake remembers of splits, and what it takes from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.released import benchmark_prints
from itd_pipeline.pipeline.split_history import forget_splits, keep_splits, split_history
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.release import build_release
from itd_pipeline.settings import Benchmark, Settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.unit.release import conftest as made


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def _settings(**release: object) -> Settings:
    return made.settings(**release)


def test_a_lake_remembers_the_first_split_of_every_record(lake: Lake) -> None:
    first = build_release(made.inputs_of()).batch.rows
    keep_splits(lake, first, {"r001": ["d1"]})
    history = split_history(_settings(), lake)
    wanted = {row["record_id"]: row["split"] for row in first.to_pylist()}
    assert history.records == wanted
    assert history.ties["document", "d1"] == wanted["r001"]
    assert history.ties["group", "g1"] == wanted["r001"]

    other = first.set_column(first.schema.get_field_index("split"), "split", [["test"] * first.num_rows])
    keep_splits(lake, other, {})
    assert split_history(_settings(), lake).records == wanted


def test_what_is_forgotten_leaves_the_history(lake: Lake) -> None:
    keep_splits(lake, build_release(made.inputs_of()).batch.rows, {"r003": ["d3"]})
    forget_splits(lake, records={"r001"}, documents={"d3"}, groups={"g5"})
    left = split_history(_settings(), lake)
    assert {"r001", "r003", "r005"}.isdisjoint(left.records)
    assert len(left.records) == 27
    assert ("document", "d3") not in left.ties
    forget_splits(lake, set(), set(), set(), source="terms")
    assert not split_history(_settings(), lake).records


def test_a_new_lake_takes_splits_from_an_earlier_release(lake: Lake, tmp_path: Path) -> None:
    content = build_release(made.inputs_of())
    folder = tmp_path / content.version
    for path, raw in content.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    history = split_history(_settings(earlier=(folder,)), lake)
    assert history.records == {row["record_id"]: row["split"] for row in content.batch.rows.to_pylist()}
    # With it, half of the records and other shares change no split.
    later = build_release(made.inputs_of([made.record(n) for n in range(0, 30, 2)], history=history,
                                         release={"validation_share": 0.0, "test_share": 0.0}))
    assert all(history.records[row["record_id"]] == row["split"] for row in later.batch.rows.to_pylist())


def test_a_folder_that_is_no_release_is_an_error(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no release"):
        split_history(_settings(earlier=(tmp_path,)), lake)


def test_prints_are_made_of_the_benchmarks_that_the_profile_names(lake: Lake, tmp_path: Path) -> None:
    settings = _settings()
    assert benchmark_prints(Scope(settings, lake)) is None
    question = " ".join(f"word{n}" for n in range(15))
    (tmp_path / "bench.jsonl").write_text(json.dumps({"q": question}) + "\n", encoding="utf-8")
    named = settings.signals.model_copy(update={
        "benchmarks": {"ours": Benchmark(path=tmp_path / "bench.jsonl", columns={"prompt": "q"})}})
    prints = benchmark_prints(Scope(settings.model_copy(update={"signals": named}), lake))
    assert prints is not None
    assert prints.num_rows == 3
    assert set(prints.column("benchmark").to_pylist()) == {"ours"}
    assert not any("word" in str(value) for value in prints.column("print").to_pylist())
