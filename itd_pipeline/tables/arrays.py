"""Arrow arrays from Python values. Belongs here: building them. Not here: what a table holds (`contract`).

`pyarrow.array` imports pandas wherever it is installed, a fifth of a second in every process; these do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from types import NoneType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_MOST = (1 << 63) - 1


def array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """What `pyarrow.array(values, kind)` gives; without pandas for the types that tables are mostly made of.

    Raises:
        pa.ArrowInvalid, pa.ArrowTypeError: a value is not of this type.
    """
    held = set(map(type, values))
    if held <= {NoneType}:
        return pa.nulls(len(values), kind)
    if kind == pa.string() and held <= {str, NoneType}:
        return strings(values)
    if kind == pa.int64() and held == {int} and min(values) >= -_MOST and max(values) <= _MOST:
        return integers(values)
    if kind == pa.bool_() and held == {bool}:
        return flags(values)
    if pa.types.is_list(kind) and held == {list}:
        inner = array(list(chain.from_iterable(values)), kind.value_type)
        edges = np.array(list(accumulate(map(len, values), initial=0)), np.int32)
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(edges)], children=[inner])
    return pa.array(values, type=kind, from_pandas=False)


def strings(values: Iterable[str | None]) -> pa.StringArray:
    """Strings and nulls. Raises TypeError on anything else, UnicodeEncodeError on half a character."""
    builder = pa.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()


def integers(values: Sequence[int] | npt.NDArray[np.int64]) -> pa.Int64Array:
    """64-bit integers, none of them null."""
    return _fixed(pa.int64(), len(values), np.asarray(values, np.int64))


def flags(values: Sequence[bool] | npt.NDArray[np.bool_]) -> pa.BooleanArray:
    """Booleans, none of them null."""
    return _fixed(pa.bool_(), len(values), np.packbits(np.asarray(values, bool), bitorder="little"))


def _fixed(kind: pa.DataType, count: int, content: npt.NDArray[Any]) -> pa.Array:
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(np.ascontiguousarray(content))])


def values_of(column: pa.Array) -> npt.NDArray[Any]:
    """The numbers of an array without nulls, where they lie."""
    content = np.frombuffer(column.buffers()[1], column.type.to_pandas_dtype())
    return content[column.offset : column.offset + len(column)]
