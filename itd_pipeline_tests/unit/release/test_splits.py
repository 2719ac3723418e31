from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.release.build import build_release
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.splits import assign_splits, seed_crossings, split_leaks, split_of
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.passages import PASSAGES

NOTHING = Evidence.of(PASSAGES.empty(), DOCUMENTS.empty())
_TEXTS = pa.list_(pa.string())


def _table(ties: list[tuple[str, list[str]]]) -> pa.Table:
    return pa.table({
        "record_id": [f"r{n}" for n in range(len(ties))], "group_id": pa.array([g for g, _ in ties], pa.string()),
        "document_ids": pa.array([d for _, d in ties], _TEXTS),
        "passage_ids": pa.array([[] for _ in ties], _TEXTS),
        "citations": pa.array([[] for _ in ties], pa.list_(pa.struct([pa.field("passage_id", pa.string())]))),
    })


def test_shares_are_kept_over_many_groups():
    counts = Counter(split_of(f"g{n}", 0.1, 0.2) for n in range(5_000))
    assert abs(counts["validation"] / 5_000 - 0.1) < 0.02
    assert abs(counts["test"] / 5_000 - 0.2) < 0.02


@pytest.mark.parametrize(("validation", "test", "expected"), [
    (0.0, 0.0, {"train"}), (0.49, 0.49, {"train", "validation", "test"}), (0.0, 0.49, {"train", "test"}),
])
def test_a_share_of_nothing_gives_nothing(validation, test, expected):
    assert {split_of(f"g{n}", validation, test) for n in range(500)} == expected


def test_the_split_of_a_group_is_a_fact_that_never_changes():
    assert [split_of(f"group-{n}", 0.3, 0.3) for n in range(6)] == [
        "validation", "train", "train", "test", "test", "train"]


def test_groups_that_share_a_document_are_not_parted():
    groups = [f"g{n}" for n in range(20)]
    apart = assign_splits(_table([(g, [g]) for g in groups]), NOTHING, 0.3, 0.3)
    tied = assign_splits(_table([(g, [g, "shared"]) for g in groups]), NOTHING, 0.3, 0.3)
    assert len(set(apart)) == 3
    assert set(tied) == {split_of("g0", 0.3, 0.3)}


def test_the_groups_of_the_documents_tie_records_too(make_inputs, rows):
    # d1 and d2 are two letters of one patient; the records name different groups and documents.
    same = [rows["document"](n, group_id="patient") for n in range(20)]
    content = build_release(make_inputs([rows["record"](n) for n in range(20)], documents=same))
    assert len(set(content.batch.rows["split"].to_pylist())) == 1


def test_more_records_move_no_record(make_inputs, rows):
    few = build_release(make_inputs([rows["record"](n) for n in range(10)])).batch.rows.to_pylist()
    many = build_release(make_inputs([rows["record"](n) for n in range(30)])).batch.rows.to_pylist()
    later = {row["record_id"]: row["split"] for row in many}
    assert all(later[row["record_id"]] == row["split"] for row in few)


def test_a_leak_is_named_with_what_leaks_and_where():
    table = _table([("g1", ["d1"]), ("g1", ["d2"]), ("g2", ["d2"])])
    leaking = table.append_column("split", pa.array(["train", "test", "train"]))
    assert split_leaks(leaking) == ["group g1 stands in train and test", "document d2 stands in train and test"]
    sound = table.append_column("split", pa.array(["train"] * 3))
    assert split_leaks(sound) == []


def test_an_example_seed_in_another_split_is_counted():
    table = pa.table({"record_id": ["s", "a", "b", "c"], "seed_ids": [[], ["s"], ["s"], ["elsewhere"]]})
    assert seed_crossings(table, ["train", "train", "test", "test"]) == 1


_ids = st.integers(0, 8).map(str)


@given(st.lists(st.tuples(_ids, st.lists(_ids, max_size=3)), min_size=1, max_size=25))
def test_no_ties_of_any_kind_ever_leak(ties):
    table = _table(ties)
    splits = assign_splits(table, NOTHING, 0.3, 0.3)
    assert split_leaks(table.append_column("split", pa.array(splits))) == []
    backwards = assign_splits(_table(ties[::-1]), NOTHING, 0.3, 0.3)
    assert backwards[::-1] == splits
