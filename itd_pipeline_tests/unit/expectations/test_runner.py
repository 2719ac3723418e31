"""Great Expectations says yes, no, or that it could not say: never yes by default."""

import pandas as pd
import pytest

from itd_pipeline.expectations.runner import evaluate
from itd_pipeline.quality.expectations import (
    checks_for,
    expectations_for,
    frame_columns,
    frame_query,
    schema_expectation,
    typed_names,
)
from itd_pipeline.tables.contract import Table, integer, term, text

TABLE = Table(
    "pets", "Pets.",
    (text("pet_id", "Id."), term("kind", "Kind.", ("cat", "dog")), integer("age", "Age.", minimum=0, maximum=40),
     text("note", "Note.", minimum=2)),
    ("pet_id",), {"pet_id": "owners.pet_id"},
)
FRAME = {"pet_id": ["a", "b"], "kind": ["cat", "dog"], "age": [1, 40], "note": [2, 9], "nulls__": [0, 0],
         "pet_id__found": [True, True]}


def held(frame: dict[str, list[object]]) -> dict[str, bool]:
    findings = evaluate(pd.DataFrame(frame), expectations_for(TABLE))
    findings += evaluate(pd.DataFrame(columns=typed_names(TABLE.schema)), [schema_expectation(TABLE)])
    checks: dict[str, bool] = {}
    for finding in findings:
        checks[finding.expectation.check] = checks.get(finding.expectation.check, True) and finding.held
    return checks


def test_every_check_has_an_expectation_and_holds_on_good_rows() -> None:
    assert held(dict(FRAME)) == dict.fromkeys(checks_for(TABLE), True)


@pytest.mark.parametrize(
    ("column", "values", "broken"),
    [
        ("pet_id", ["a", "a"], {"keys"}),
        ("kind", ["cat", "cow"], {"vocabularies"}),
        ("age", [0, 41], {"ranges"}),
        ("note", [1, 9], {"ranges"}),
        ("nulls__", [0, 1], {"nulls"}),
        ("pet_id__found", [True, False], {"references"}),
    ],
)
def test_each_check_fails_for_its_own_fault(column: str, values: list[object], broken: set[str]) -> None:
    assert {name for name, holds in held({**FRAME, column: values}).items() if not holds} == broken


def test_an_empty_table_and_a_missing_column_are_failures() -> None:
    assert not held({name: [] for name in FRAME})["has_rows"]
    short = {name: values for name, values in FRAME.items() if name != "kind"}
    assert {name for name, holds in held(short).items() if not holds} == {"vocabularies"}


@pytest.mark.parametrize("names", [
    ["kind: string", "pet_id: string", "age: int64", "note: string"],
    ["pet_id: string", "kind: string", "age: double", "note: string"],
    ["pet_id: string", "kind: string", "age: int64"],
    ["pet_id: string", "kind: string", "age: int64", "note: string", "more: string"],
], ids=["order", "type", "missing", "extra"])
def test_a_file_of_another_schema_fails(names: list[str]) -> None:
    assert not evaluate(pd.DataFrame(columns=names), [schema_expectation(TABLE)])[0].held


def test_text_enters_the_frame_only_as_its_length() -> None:
    query = frame_query(TABLE, "rows", {"owners": "owners"})
    assert 'length(r."note") AS "note"' in query
    assert frame_columns(TABLE) == list(FRAME)
