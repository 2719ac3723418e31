"""One definition per table: it gives the Arrow schema, the check on write, the asset checks and the data dictionary.

Belongs here: what a column is. Does not belong here: any particular table (its own file) or how a check runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.errors import ContractError
from itd_pipeline.tables.arrays import array

Sensitivity = Literal["open", "text", "identifying"]


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: snake_case, with unit or kind as suffix (`_id`, `_hash`, `_usd`, `_share`, `_count`).
        type: Arrow type.
        description: one sentence for the data dictionary.
        nullable: whether a null may stand here.
        vocabulary: allowed values, where the column is categorical.
        minimum: smallest number allowed, or least length of a text in characters.
        maximum: largest number allowed, or greatest length of a text in characters.
        sensitivity: `open` may be logged; `text` is document or record text, never logged;
            `identifying` may point at a person and never leaves the lake.
    """

    name: str
    type: pa.DataType
    description: str
    nullable: bool = False
    vocabulary: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    sensitivity: Sensitivity = "open"


@dataclass(frozen=True)
class Table:
    """A named table: columns, key, and the columns that point at other tables' keys.

    Args:
        name: as in the lake and in `itd sql`.
        description: one or two sentences for the data dictionary.
        columns: in order.
        key: the columns that together are unique.
        references: column name -> "table.column" that must hold its value.
        clocked: whether it holds times of day. Such a table, always one beside a stage's rows, is left out of the
            data version: equal content has equal versions, whenever it was made.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: Mapping[str, str] | None = None
    clocked: bool = False

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema, with nullability and descriptions as field metadata."""
        return pa.schema(
            [
                pa.field(c.name, c.type, nullable=c.nullable, metadata={"description": c.description})
                for c in self.columns
            ]
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def empty(self) -> pa.Table:
        """A table of this schema without rows."""
        return self.from_rows([])

    def from_rows(self, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
        """Rows as dicts -> Arrow table of this schema. Raises ContractError on a key that is no column."""
        known = set(self.names)
        for row in rows:
            if not known.issuperset(row):
                raise ContractError(
                    f"{self.name} has no column {min(set(row) - known)!r}.",
                    f"Its columns are: {', '.join(self.names)}.",
                )
        arrays = []
        for column in self.columns:
            nothing: list[Any] | None = [] if pa.types.is_list(column.type) else None
            values = [row.get(column.name, nothing) for row in rows]
            try:
                arrays.append(array(values, column.type))
            except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
                raise ContractError(f"{self.name}.{column.name} cannot hold a given value: {type(error).__name__}.") \
                    from error
        return self.conform(pa.Table.from_arrays(arrays, schema=self.schema))

    def conform(self, table: pa.Table) -> pa.Table:
        """Check `table` against the contract and return it with exactly this schema.

        Checked: columns and their types, nulls, vocabularies, number ranges and text lengths. Uniqueness and
        references span files and are checked by the asset checks.

        Raises:
            ContractError: naming the column, how many rows are wrong and what is allowed; never a value of a
                column that holds text.
        """
        missing = [n for n in self.names if n not in table.column_names]
        extra = [n for n in table.column_names if n not in self.names]
        if missing or extra:
            raise ContractError(f"{self.name}: missing columns {missing}, unexpected columns {extra}.")
        table = table.select(list(self.names))
        if table.schema != self.schema:
            try:
                table = table.cast(self.schema)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
                raise ContractError(f"{self.name}: a column has the wrong type or an unexpected null ({error}).") \
                    from error
        for column in self.columns:
            self._check_column(column, table.column(column.name))
        return table.replace_schema_metadata(None)

    def _check_column(self, column: Column, values: pa.ChunkedArray) -> None:
        where = f"{self.name}.{column.name}"
        if not column.nullable and values.null_count:
            raise ContractError(f"{where}: {values.null_count} nulls where none are allowed.")
        if column.vocabulary:
            wrong = pc.invert(pc.is_in(values, array(column.vocabulary, values.type)))
            wrong = pc.and_(wrong, pc.is_valid(values))
            count = pc.sum(wrong).as_py() or 0
            if count:
                example = "" if column.sensitivity != "open" else f" such as {pc.filter(values, wrong)[0].as_py()!r}"
                raise ContractError(
                    f"{where}: {count} values{example} are not in the vocabulary.",
                    f"Allowed: {', '.join(column.vocabulary)}.",
                )
        if column.minimum is None and column.maximum is None:
            return
        measured = pc.utf8_length(values) if pa.types.is_string(values.type) else values
        extremes = pc.min_max(measured).as_py()
        if column.minimum is not None and extremes["min"] is not None and extremes["min"] < column.minimum:
            raise ContractError(f"{where}: {extremes['min']} is below the least allowed, {column.minimum:g}.")
        if column.maximum is not None and extremes["max"] is not None and extremes["max"] > column.maximum:
            raise ContractError(f"{where}: {extremes['max']} is above the most allowed, {column.maximum:g}.")


def text(name: str, description: str, **more: Any) -> Column:
    """A string column."""
    return Column(name, pa.string(), description, **more)


def term(name: str, description: str, vocabulary: Iterable[str], **more: Any) -> Column:
    """A string column with a controlled vocabulary."""
    return Column(name, pa.string(), description, vocabulary=tuple(vocabulary), **more)


def integer(name: str, description: str, **more: Any) -> Column:
    """A 64-bit integer column."""
    return Column(name, pa.int64(), description, **more)


def number(name: str, description: str, **more: Any) -> Column:
    """A double column."""
    return Column(name, pa.float64(), description, **more)


def flag(name: str, description: str, **more: Any) -> Column:
    """A boolean column."""
    return Column(name, pa.bool_(), description, **more)


def texts(name: str, description: str, **more: Any) -> Column:
    """A list-of-strings column; empty where there are none, never null."""
    return Column(name, pa.list_(pa.string()), description, **more)


def records(name: str, description: str, fields: Mapping[str, pa.DataType], **more: Any) -> Column:
    """A column of lists of small records; empty where there are none, never null."""
    return Column(name, pa.list_(pa.struct(list(fields.items()))), description, **more)
