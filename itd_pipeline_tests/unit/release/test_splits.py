from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.release.build import build_release
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.history import SplitHistory
from itd_pipeline.release.splits import assign_splits, seed_crossings, split_leaks
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


def _assigned(ties, validation=0.3, test=0.3, history=None, clusters=None):
    return assign_splits(_table(ties), NOTHING, validation, test, history, clusters)


def _history(ties, splits):
    rows = []
    for n, ((group, documents), split) in enumerate(zip(ties, splits, strict=True)):
        rows += [("record", f"r{n}", split), ("group", group, split), *(("document", d, split) for d in documents)]
    return SplitHistory.of(rows)


def test_shares_are_met_to_a_record_where_groups_are_small():
    splits = _assigned([(f"g{n}", []) for n in range(1_000)], 0.05, 0.1).splits
    assert Counter(splits) == {"train": 850, "validation": 50, "test": 100}


@pytest.mark.parametrize(("validation", "test", "expected"), [
    (0.0, 0.0, {"train"}), (0.49, 0.49, {"train", "validation", "test"}), (0.0, 0.49, {"train", "test"}),
])
def test_a_share_of_nothing_gives_nothing(validation, test, expected):
    assert set(_assigned([(f"g{n}", []) for n in range(500)], validation, test).splits) == expected


def test_every_stratum_has_its_share():
    tasks = ["coding"] * 300 + ["consultation"] * 100
    table = _table([(f"g{n}", []) for n in range(400)]).append_column("task_type", pa.array(tasks))
    splits = assign_splits(table, NOTHING, 0.0, 0.1).splits
    counts = Counter(zip(tasks, splits, strict=True))
    assert (counts["coding", "test"], counts["consultation", "test"]) == (30, 10)


def test_groups_that_share_a_document_are_not_parted():
    groups = [f"g{n}" for n in range(20)]
    assert len(set(_assigned([(g, [g]) for g in groups]).splits)) == 3
    assert len(set(_assigned([(g, [g, "shared"]) for g in groups]).splits)) == 1


def test_near_duplicates_are_not_parted():
    ties = [(f"g{n}", []) for n in range(20)]
    assert len(set(_assigned(ties, clusters=["r0"] * 20).splits)) == 1


def test_new_records_move_no_old_one_and_follow_their_group():
    few = [(f"g{n}", [f"d{n}"]) for n in range(50)]
    before = _assigned(few)
    later = _assigned([*few, *((f"g{n}", [f"e{n}"]) for n in range(100))], history=_history(few, before.splits))
    assert later.splits[:50] == before.splits
    assert later.splits[50:100] == before.splits
    assert not later.turned_away


def test_a_changed_share_moves_no_old_record():
    ties = [(f"g{n}", []) for n in range(50)]
    before = _assigned(ties)
    assert _assigned(ties, 0.0, 0.0, _history(ties, before.splits)).splits == before.splits


def test_a_new_record_that_ties_two_splits_is_turned_away_and_nothing_moves():
    old = [("a", ["d1"]), ("b", ["d2"])]
    later = _assigned([*old, ("c", ["d1", "d2"])], history=_history(old, ["train", "test"]))
    assert later.splits == ["train", "test", None]
    assert later.turned_away == {2: ("ties_two_splits", "ties train and test")}


def test_where_old_clusters_merge_the_held_out_side_stays():
    old = [("a", ["d1"]), ("a2", ["d1"]), ("b", ["d2"]), ("other", ["d3"])]
    history = _history(old, ["train", "train", "test", "train"])
    merged = _assigned([("a", ["d1"]), ("a2", ["d9"]), ("b", ["d2"]), ("other", ["d3"])], history=history,
                       clusters=["r0", None, "r0", None])
    assert merged.splits == [None, "train", "test", "train"]
    assert merged.turned_away == {0: ("split_conflict", "was train; now tied by near-duplicate to test")}


def test_a_cluster_that_grows_with_new_members_keeps_its_split():
    old = [("z", ["d1"])]
    for split in ("train", "validation", "test"):
        grown = _assigned([("z", ["d1"]), ("a", ["d1"]), ("b", [])], history=_history(old, [split]),
                          clusters=["r0", None, "r0"])
        assert grown.splits == [split] * 3


def test_the_first_word_on_a_record_stands():
    history = SplitHistory.of([("record", "r0", "test"), ("record", "r0", "train")])
    assert _assigned([("a", [])], history=history).splits == ["test"]


def test_the_groups_of_the_documents_tie_records_too(make_inputs, rows):
    # d1 and d2 are two letters of one patient; the records name different groups and documents.
    same = [rows["document"](n, group_id="patient") for n in range(20)]
    content = build_release(make_inputs([rows["record"](n) for n in range(20)], documents=same))
    assert len(set(content.batch.rows["split"].to_pylist())) == 1


def test_more_records_move_no_record(make_inputs, rows):
    few = build_release(make_inputs([rows["record"](n) for n in range(10)])).batch.rows.to_pylist()
    history = SplitHistory.of(("record", row["record_id"], row["split"]) for row in few)
    many = build_release(make_inputs([rows["record"](n) for n in range(30)], history=history)).batch.rows.to_pylist()
    later = {row["record_id"]: row["split"] for row in many}
    assert all(later[row["record_id"]] == row["split"] for row in few)


def test_a_release_made_again_after_itself_is_the_same(make_inputs):
    first = build_release(make_inputs())
    history = SplitHistory.of(("record", row["record_id"], row["split"]) for row in first.batch.rows.to_pylist())
    assert build_release(make_inputs(history=history)).files == first.files


def test_a_record_that_ties_two_splits_is_a_reject_of_the_release(make_inputs, rows):
    history = SplitHistory.of([("record", "r001", "train"), ("record", "r002", "test")])
    bridge = rows["record"](3, document_ids=["d1", "d2"], passage_ids=[], citations=[])
    content = build_release(make_inputs([rows["record"](1), rows["record"](2), bridge], history=history))
    assert content.batch.rejects.select(["row_id", "reason"]).to_pylist() == [
        {"row_id": "r003", "reason": "ties_two_splits"}]
    assert content.batch.units_in == content.batch.rows.num_rows + 1


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
    assigned = assign_splits(table, NOTHING, 0.3, 0.3)
    assert not assigned.turned_away
    assert split_leaks(table.append_column("split", pa.array(assigned.splits))) == []


@given(st.lists(st.tuples(_ids, st.lists(_ids, max_size=3)), min_size=1, max_size=20),
       st.lists(st.sampled_from(["train", "validation", "test", ""]), min_size=20, max_size=20))
def test_with_any_history_no_record_moves_and_nothing_leaks(ties, earlier):
    history = SplitHistory({f"r{n}": split for n, split in enumerate(earlier) if split})
    table = _table(ties)
    assigned = assign_splits(table, NOTHING, 0.3, 0.3, history)
    for n, split in enumerate(assigned.splits):
        assert (split is None) == (n in assigned.turned_away)
        assert split is None or split == (earlier[n] or split)
    kept = table.append_column("split", pa.array(assigned.splits, pa.string()))
    assert split_leaks(kept.filter(pa.array([s is not None for s in assigned.splits]))) == []
