"""Arrow arrays from Python values. Belongs here: building them. Not here: what a table holds (`contract`).

`pyarrow.array` of a list imports pandas wherever it is installed, a fifth of a second in every process; these do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np
import pyarrow as pa

_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


def strings(values: Iterable[str | None]) -> pa.StringArray:
    """An array of strings and nulls. Raises TypeError on anything else, UnicodeEncodeError on half a character."""
    builder = pa.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()


def array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """What `pyarrow.array(values, kind)` gives, for the types that tables are mostly made of without pandas.

    Raises:
        pa.ArrowInvalid, pa.ArrowTypeError: a value is not of this type.
    """
    if kind == pa.string() and all(value is None or type(value) is str for value in values):
        return strings(values)
    if kind == pa.int64() and all(type(value) is int and _LEAST <= value <= _MOST for value in values):
        return _fixed(kind, len(values), np.array(values, np.int64))
    if kind == pa.bool_() and all(type(value) is bool for value in values):
        return _fixed(kind, len(values), np.packbits(np.array(values, bool), bitorder="little"))
    if kind == pa.list_(pa.string()) and all(type(value) is list for value in values):
        inner = array(list(chain.from_iterable(values)), pa.string())
        edges = np.array(list(accumulate(map(len, values), initial=0)), np.int32)
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(edges)], children=[inner])
    return pa.array(values, type=kind, from_pandas=False)


def _fixed(kind: pa.DataType, count: int, content: Any) -> pa.Array:
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(content)])
