"""Arrays made without pandas are those that pyarrow makes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itd_pipeline.tables.arrays import array, flags, integers, strings, values_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
OF_EACH_KIND: list[tuple[st.SearchStrategy[list[Any]], pa.DataType]] = [
    (st.lists(st.none() | TEXT), pa.string()),
    (st.lists(st.integers(-(2**63), 2**63 - 1)), pa.int64()),
    (st.lists(st.none() | st.integers(-5, 5)), pa.int64()),
    (st.lists(st.booleans()), pa.bool_()),
    (st.lists(st.none() | st.booleans()), pa.bool_()),
    (st.lists(st.lists(TEXT)), pa.list_(pa.string())),
    (st.lists(st.lists(st.fixed_dictionaries({"a": TEXT}))), pa.list_(pa.struct([("a", pa.string())]))),
]


@pytest.mark.parametrize(("values", "kind"), OF_EACH_KIND)
def test_arrays_are_those_of_pyarrow(values: st.SearchStrategy[list[Any]], kind: pa.DataType) -> None:
    @settings(deadline=None)  # pyarrow loads pandas at first
    @given(values)
    def same(drawn: list[Any]) -> None:
        made = array(drawn, kind)
        made.validate(full=True)
        assert made.equals(pa.array(drawn, kind))

    same()


@pytest.mark.parametrize(("values", "kind"), [
    (["a", 1], pa.string()), ([1, "a"], pa.int64()), ([2**63], pa.int64()), ([1], pa.bool_()), ([[1]], pa.list_(
        pa.string()))])
def test_a_value_of_another_type_is_told_as_pyarrow_tells_it(values: list[Any], kind: pa.DataType) -> None:
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError, OverflowError)):
        array(values, kind)


def test_half_a_character_is_an_error() -> None:
    with pytest.raises(UnicodeEncodeError):
        strings(["\ud800"])


def test_numbers_come_back() -> None:
    assert values_of(integers([3, -1, 4])[1:]).tolist() == [-1, 4]
    assert flags(np.array([True, False] * 5)).to_pylist() == [True, False] * 5


def test_pandas_is_not_imported() -> None:
    code = ("import sys, pyarrow as pa; from itd_pipeline.text.pieces import split; "
            "from itd_pipeline.tables.passages import PASSAGES; split(['a b']); PASSAGES.from_rows([]); "
            "sys.exit('pandas' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
