"""From a table's definition to the expectations on it, and to the narrow frame that they are evaluated on.

Belongs here: which expectation follows from which property of a column. Does not belong here: evaluating them
(`expectations/`), or expectations that need two stages (`accounting.py`).

Text never enters the frame: a text column without a vocabulary stands there as its length in characters. So no
value of a document can appear in a check's result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from itd_pipeline.tables.contract import Column, Table

CHECKS = {
    "has_rows": "The table holds at least one row.",
    "schema": "The columns are those of the contract, in its order.",
    "keys": "The key is unique.",
    "nulls": "No null stands where none is allowed.",
    "vocabularies": "Every categorical value is in its vocabulary.",
    "ranges": "Numbers and text lengths lie within their limits.",
    "references": "Every id that points at another table is found there.",
}


@dataclass(frozen=True)
class Expectation:
    """One expectation in Great Expectations' own terms.

    Args:
        check: the asset check that it counts towards; a key of `CHECKS`.
        kind: name of the expectation, such as `expect_column_values_to_be_in_set`.
        arguments: its arguments.
    """

    check: str
    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def checks_for(table: Table, may_be_empty: bool = False) -> list[str]:
    """Names of the checks that apply to a table, in the order of `CHECKS`."""
    names = ["schema", "keys", "nulls"]
    if not may_be_empty:
        names.insert(0, "has_rows")
    if any(c.vocabulary for c in table.columns):
        names.append("vocabularies")
    if any(_has_range(c) for c in table.columns):
        names.append("ranges")
    if table.references:
        names.append("references")
    return names


def expectations_for(table: Table, may_be_empty: bool = False) -> list[Expectation]:
    """Every expectation on rows that a table's definition implies."""
    found: list[Expectation] = []
    if not may_be_empty:
        found.append(Expectation("has_rows", "expect_table_row_count_to_be_between", {"min_value": 1}))
    if len(table.key) == 1:
        found.append(Expectation("keys", "expect_column_values_to_be_unique", {"column": table.key[0]}))
    else:
        found.append(Expectation("keys", "expect_compound_columns_to_be_unique", {"column_list": list(table.key)}))
    found.append(Expectation("nulls", "expect_column_values_to_be_in_set",
                             {"column": "nulls__", "value_set": [0]}))
    for column in table.columns:
        if column.vocabulary:
            found.append(Expectation("vocabularies", "expect_column_values_to_be_in_set",
                                     {"column": column.name, "value_set": list(column.vocabulary)}))
        elif _has_range(column):
            found.append(Expectation("ranges", "expect_column_values_to_be_between", {
                "column": column.name, "min_value": column.minimum, "max_value": column.maximum}))
    for name in table.references or {}:
        found.append(Expectation("references", "expect_column_values_to_be_in_set",
                                 {"column": f"{name}__found", "value_set": [True]}))
    return found


def schema_expectation(table: Table) -> Expectation:
    """The expectation on the stored file's own columns; evaluated on a frame whose columns are `typed_names` of it."""
    return Expectation("schema", "expect_table_columns_to_match_ordered_list",
                       {"column_list": typed_names(table.schema)})


def typed_names(schema: pa.Schema) -> list[str]:
    """`name: type` of each column, in order."""
    return [f"{field.name}: {_type_name(field.type)}" for field in schema]


def _type_name(kind: pa.DataType) -> str:
    """A type in words, without the name that Parquet gives to the items of a list."""
    if pa.types.is_list(kind):
        return f"list<{_type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(typed_names(pa.schema(list(kind))))}>"
    return str(kind)


def frame_columns(table: Table) -> list[str]:
    """Columns of the narrow frame, in order."""
    return [c.name for c in table.columns if _in_frame(table, c)] + ["nulls__"] + [
        f"{name}__found" for name in table.references or {}
    ]


def frame_query(table: Table, rows: str, references: Mapping[str, str]) -> str:
    """SQL for the narrow frame.

    Args:
        rows: name of the view that holds the rows.
        references: table name -> name of the view that holds its rows.
    """
    selected = []
    for column in table.columns:
        if not _in_frame(table, column):
            continue
        name = f'r."{column.name}"'
        keep = column.vocabulary or column.name in table.key or not pa.types.is_string(column.type)
        selected.append(f'{name} AS "{column.name}"' if keep else f'length({name}) AS "{column.name}"')
    required = [f'(r."{c.name}" IS NULL)::INTEGER' for c in table.columns if not c.nullable]
    selected.append(f"{' + '.join(required) or '0'} AS nulls__")
    for name, target in (table.references or {}).items():
        other, key = target.split(".")
        selected.append(f'r."{name}" IN (SELECT "{key}" FROM "{references[other]}") AS "{name}__found"')
    return f'SELECT {", ".join(selected)} FROM "{rows}" AS r'


def _has_range(column: Column) -> bool:
    return column.minimum is not None or column.maximum is not None


def _in_frame(table: Table, column: Column) -> bool:
    return bool(column.vocabulary) or _has_range(column) or column.name in table.key
