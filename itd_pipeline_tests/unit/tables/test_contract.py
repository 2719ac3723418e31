"""A table holds what its definition promises, or says what it does not."""

import pyarrow as pa
import pytest

from itd_pipeline.errors import ContractError
from itd_pipeline.tables.contract import Table, integer, term, text

TABLE = Table(
    name="pets",
    description="Pets.",
    columns=(
        text("pet_id", "Id."),
        term("kind", "Kind.", ("cat", "dog")),
        text("note", "Note.", minimum=2, nullable=True, sensitivity="text"),
        integer("age_years", "Age.", minimum=0, maximum=40),
    ),
    key=("pet_id",),
)
ROW = {"pet_id": "a", "kind": "cat", "note": "ok", "age_years": 3}


def test_rows_inside_every_limit_pass() -> None:
    rows = [ROW, {**ROW, "age_years": 0}, {**ROW, "age_years": 40}, {**ROW, "note": None}]
    assert TABLE.from_rows(rows).num_rows == 4


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "cow"}, "Allowed: cat, dog"),
        ({"kind": None}, "kind"),
        ({"pet_id": None}, "pet_id"),
        ({"age_years": -1}, "below the least allowed, 0"),
        ({"age_years": 41}, "above the most allowed, 40"),
        ({"note": "x"}, "below the least allowed, 2"),
        ({"age_years": "old"}, "age_years cannot hold"),
        ({"colour": "red"}, "no column 'colour'"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(ContractError, match=named):
        TABLE.from_rows([{**ROW, **change}])


def test_a_missing_and_an_unexpected_column_are_named() -> None:
    with pytest.raises(ContractError, match=r"missing columns \['note'\].*unexpected columns \['notes'\]"):
        TABLE.conform(pa.table({"pet_id": ["a"], "kind": ["cat"], "notes": ["ok"], "age_years": [1]}))


def test_no_text_of_a_row_reaches_the_message() -> None:
    table = Table("t", "T.", (term("word", "Word.", ("x",), sensitivity="text"),), ("word",))
    with pytest.raises(ContractError) as caught:
        table.from_rows([{"word": "Jane Roe"}])
    assert "Jane" not in str(caught.value)


def test_an_empty_table_has_the_schema() -> None:
    assert TABLE.empty().schema == TABLE.schema
    assert TABLE.from_rows([]).num_rows == 0
