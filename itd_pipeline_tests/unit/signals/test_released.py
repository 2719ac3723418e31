import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.records import earlier_releases
from itd_pipeline.settings import load_settings
from itd_pipeline.signals import Earlier, measure
from itd_pipeline.signals.released import Release
from itd_pipeline.tables.records import CANDIDATES

WORDS = [f"word{i}" for i in range(60)]
NOTHING = pa.table({"passage_id": pa.array([], pa.string()), "text": pa.array([], pa.string())})


def released(name, rows):
    return Release(name, f"digest of {name}", pa.table({
        "record_id": [row[0] for row in rows], "instruction": [row[1] for row in rows],
        "input": pa.nulls(len(rows), pa.string()), "output": [row[2] for row in rows]}))


def run(records, releases, earlier=None):
    return measure(CANDIDATES.from_rows(records), NOTHING, settings.Signals(), releases=releases, earlier=earlier)


def told(batch):
    return [(row["released_jaccard"], row["released_near_duplicate_of"], row["released_in"])
            for row in batch.rows.to_pylist()]


def test_a_record_near_one_of_an_earlier_release_is_told_which(make):
    text = " ".join(WORDS)
    first = released("1.0.0", [("old", "What is it?", text), ("same", "Why is it?", " ".join(reversed(WORDS)))])
    second = released("1.1.0", [("later", "What is it?", text)])
    records = [make("new", "What is it?", text), make("same", "Why is it?", " ".join(reversed(WORDS))),
               make("far", "What else?", "Something else altogether is said here.")]
    assert told(run(records, [first, second])) == [(1.0, "old", "1.0.0"), (0.0, None, None), (0.0, None, None)]
    assert told(run(records, [])) == [(None, None, None)] * 3


def test_just_below_the_threshold_nothing_is_told(make):
    def changed(count):  # a word at the end changes one shingle of 59
        return " ".join([*WORDS[:60 - count], *(f"other{i}" for i in range(count))])

    release = released("1.0.0", [("old", "What is it?", " ".join(WORDS))])
    near, far = told(run([make("a", "What is it?", changed(6)), make("b", "What is it?", changed(7))], [release]))
    assert near == (53 / 65, "old", "1.0.0")
    assert far == (0.0, None, None)


def test_only_new_records_are_compared_and_a_new_release_compares_all(make):
    release = released("1.0.0", [("old", "What is it?", " ".join(WORDS))])
    records = [make(f"r{i}", f"What is {i}?", f"It is {i}.") for i in range(4)]
    first = run(records[:3], [release])
    second = run(records, [release], Earlier.of(first))
    assert second.facts["records_measured"]["released"] == 1
    third = run(records, [release, released("1.1.0", [("x", "y", "z")])], Earlier.of(second))
    assert third.facts["records_measured"]["released"] == 4


def test_releases_are_read_from_their_folders(tmp_path):
    profile = load_settings("demo")

    def found():
        named = profile.signals.model_copy(update={"releases": (tmp_path / "releases",)})
        return earlier_releases(profile.model_copy(update={"signals": named}))

    assert found() == []
    folder = tmp_path / "releases" / "1.0.0"
    (folder / "data").mkdir(parents=True)
    with pytest.raises(ConfigError, match="holds no release"):
        found()
    (folder / "RELEASE.json").write_text(json.dumps({}))
    with pytest.raises(ConfigError, match="holds no records"):
        found()
    pq.write_table(released("1.0.0", [("old", "a", "b")]).records, folder / "data" / "train.parquet")
    assert [(release.name, release.records.num_rows) for release in found()] == [("1.0.0", 1)]
