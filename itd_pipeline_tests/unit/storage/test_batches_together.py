"""Rows of one group next to each other, whatever their order in the file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from itd_pipeline.ports import Batch
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.queries import batches_together
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.text.cleaning import portions, whole_patients


def stored(lake: Lake, groups: str) -> None:
    rows = [{"document_id": f"document-{i}", "source": "s", "external_id": str(i), "group_id": group, "title": "",
             "text": "x", "specialty": "unspecified", "audience": "unspecified", "licence": "CC0-1.0", "origin": "o",
             "patient_data": True, "attributes": "{}", "content_hash": "x",
             "identifiers": [{"identifier_class": "mrn", "value": str(i)}]} for i, group in enumerate(groups)]
    batch = Batch(DOCUMENTS.from_rows(rows), REJECTS.from_rows([]), len(rows))
    lake.write(DOCUMENTS, "s", [batch], fingerprint="f", inputs={})


@pytest.mark.parametrize(("groups", "expected"), [
    ("aabbc", "aabbc"), ("abacb", "aabbc"), ("cabac", "ccaab"), ("", ""),
])
def test_groups_stand_together_in_order_of_first_appearance(tmp_path: Path, groups: str, expected: str) -> None:
    lake = Lake(tmp_path)
    stored(lake, groups)
    tables = list(batches_together(lake, "raw_sources", "s", "group_id", 2))
    assert "".join(group for table in tables for group in table.column("group_id").to_pylist()) == expected
    for table in tables:
        assert DOCUMENTS.conform(table).schema == DOCUMENTS.schema


def test_no_batch_ends_between_two_documents_of_a_patient() -> None:
    def table(groups: str, private: bool = True) -> pa.Table:
        return pa.table({"group_id": list(groups), "patient_data": [private] * len(groups)})

    def cut(*tables: pa.Table) -> list[str]:
        return ["".join(t.column("group_id").to_pylist()) for t in whole_patients(tables)]

    assert cut(table("aab"), table("bbc"), table("d")) == ["aa", "bbb", "c", "d"]
    assert cut(table("aa"), table("aa"), table("a")) == ["aaaaa"]
    assert cut(table("ab"), table("cd"), table("ef")) == ["a", "bc", "de", "f"], "no batch of what was left over"
    assert cut(table("aab", private=False), table("bbc", private=False)) == ["aab", "bbc"]
    assert cut() == []


def test_long_batches_come_in_portions_that_part_no_patient() -> None:
    def table(groups: str, characters: int, private: bool = True) -> pa.Table:
        return pa.table({"group_id": list(groups), "patient_data": [private] * len(groups),
                         "text": ["x" * characters] * len(groups)})

    def cut(*tables: pa.Table) -> list[str]:
        return ["".join(t.column("group_id").to_pylist()) for t in portions(tables)]

    assert cut(table("abcd", 100_000)) == ["ab", "cd"]
    assert cut(table("abcd", 99_999)) == ["abc", "d"]
    assert cut(table("abbbcd", 100_000)) == ["abbb", "cd"]
    assert cut(table("abcd", 100_000, private=False)) == ["abcd"], "published text takes a tenth of the time"
    assert cut(table("ab", 10), table("", 10)) == ["ab", ""]
