"""Which runs of words recur, and in how many rows."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.decontamination.lookup import Lookup, among
from itd_pipeline.decontamination.runs import frequent, holders

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=60)


@given(ROWS, st.integers(1, 5))
def test_frequent_runs_are_those_that_occur_so_often(rows, least):
    runs = np.array([run for run, _ in rows], np.uint64)
    counts = Counter(run for run, _ in rows)
    assert frequent(runs, least).tolist() == sorted(run for run, count in counts.items() if count >= least)


@given(ROWS)
def test_an_owner_counts_once_however_often_it_holds_a_run(rows):
    runs, owners = np.array([run for run, _ in rows], np.uint64), np.array([owner for _, owner in rows], np.int64)
    keys = np.unique(runs)
    assert holders(runs, owners, keys).tolist() == [len({o for r, o in rows if r == key}) for key in keys.tolist()]


def test_among_few_keys_or_none():
    values = np.array([3, 1, 2, 3], np.uint64)
    assert among(values, Lookup(np.array([1, 3], np.uint64))).tolist() == [True, True, False, True]
    assert among(values, Lookup(np.zeros(0, np.uint64))).tolist() == [False] * 4
