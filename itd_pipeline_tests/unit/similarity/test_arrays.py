"""Orders and numbers by one sort are those of numpy, whatever the values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.similarity.arrays import numbered, ordered

TOP = 2 ** 64 - 1
VALUES = st.lists(st.one_of(st.integers(0, 20), st.integers(0, TOP), st.sampled_from([TOP, TOP - 1, TOP - 2])),
                  max_size=60)


@given(VALUES)
def test_the_order_is_that_of_a_stable_sort(values):
    array = np.array(values, np.uint64)
    assert ordered(array).tolist() == np.argsort(array, kind="stable").tolist()


@given(VALUES)
def test_numbers_are_those_of_unique(values):
    array = np.array(values, np.uint64)
    keys, numbers = np.unique(array, return_inverse=True)
    found, places = numbered(array)
    assert (found.tolist(), places.tolist()) == (keys.tolist(), numbers.tolist())


def test_signed_values_of_any_size():
    array = np.array([5, 0, 2 ** 62, 5, 1], np.int64)
    assert ordered(array).tolist() == [1, 4, 0, 3, 2]
