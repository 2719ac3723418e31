"""What changed between two releases, and what that asks of a version number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from itd_pipeline.errors import NotBuiltError
from itd_pipeline.release import build_release, diff_releases
from itd_pipeline.release.history import SplitHistory


@pytest.fixture
def released(make_inputs: Any, write: Any) -> Any:
    """released(records, **inputs): folder of a release."""

    def folder(records: Any = None, **more: Any) -> Path:
        return write(build_release(make_inputs(records, **more)))

    return folder


def _history(folder: Path) -> SplitHistory:
    """What a release decided, as the lake remembers it."""
    rows = [(r, path.name.split("-")[0]) for path in folder.glob("data/*.parquet")
            for r in pq.read_table(path).column("record_id").to_pylist()]
    return SplitHistory.of(("record", record, split) for record, split in rows)


def test_the_same_release_twice(released: Any) -> None:
    found = diff_releases(released(), released())
    assert (found.bump, found.added, found.removed, found.changed) == ("none", {}, {}, {})


def test_records_that_came_went_and_were_rewritten(released: Any, rows: Any) -> None:
    old = [rows["record"](n) for n in range(10)]
    new = [*old[2:], rows["record"](20),
           {**rows["record"](1), "record_id": "r001b", "output": "Another answer."}]
    older = released(old)
    found = diff_releases(older, released(new, history=_history(older)))
    assert found.removed == {"no record rests on its document any more: removed, changed, or all turned away": ["r000"]}
    assert found.added == {"from a document that is new or changed": ["r020"]}
    assert found.rewritten == [("r001", "r001b")]
    assert "rows" not in found.headlines  # ten before, ten after
    assert found.bump == "minor"
    assert found.because == ["1 records came", "1 records went", "1 records were rewritten"]


def test_a_source_that_left(released: Any, rows: Any) -> None:
    kept = [rows["record"](n) for n in range(6)]
    other = [{**rows["record"](7), "source": "expert_seeds", "route": "manual", "document_ids": [], "passage_ids": [],
              "citations": []}]
    found = diff_releases(released(kept + other), released(kept))
    assert found.removed == {"its source is no longer there": ["r007"]}
    assert "source expert_seeds is gone" in found.sources


@pytest.mark.parametrize(("change", "because"), [
    ({"release": {"validation_share": 0.1, "test_share": 0.1}}, "changed their split"),
    ({"records": "half"}, "of 30 records are gone"),
])
def test_what_asks_for_a_major_version(released: Any, rows: Any, change: dict[str, Any], because: str) -> None:
    records = [rows["record"](n) for n in range(14)] if change.pop("records", None) else None
    found = diff_releases(released(), released(records, **change))
    assert found.bump == "major"
    assert because in " ".join(found.because)


def test_policy_prompt_and_library(released: Any) -> None:
    new = "rules:\n  - name: output_length\n    reason: too_short_output\n    at_least: 9\n  - name: other\n"
    found = diff_releases(released(), released(policy=new, prompts={"definition.j2": "Say {{ term }}."},
                                               versions={"pyarrow": "99"}))
    assert found.policy == ["rule other is new", "rule output_length: at_least was 5, is 9"]
    assert found.prompts == ["prompt definition.j2 has changed"]
    assert len(found.libraries) == 1
    assert found.bump == "patch"


def test_what_is_known_about_a_record_changed(released: Any, rows: Any) -> None:
    found = diff_releases(released(), released(decisions={"r003": "accepted"}))
    assert found.changed == {"review_status": 1}
    assert found.bump == "patch"


def test_no_release(tmp_path: Path) -> None:
    with pytest.raises(NotBuiltError, match="no folder of a release"):
        diff_releases(tmp_path, tmp_path)


def test_a_record_that_was_turned_away_says_where_and_why(released: Any, rows: Any) -> None:
    records = [rows["record"](n) for n in range(8)]
    older = released(records)
    newer = released([{**records[0], "licence": "unknown"}, *records[1:]], history=_history(older))
    found = diff_releases(older, newer)
    assert found.removed == {"turned away at dataset_release, licence_not_allowed": ["r000"]}
    assert found.headlines["rows"] == (8, 7)
    assert found.headlines["rejected_rows.all"] == (11, 12)
    assert diff_releases(newer, older).added == {
        "no longer turned away at dataset_release, licence_not_allowed": ["r000"]}
