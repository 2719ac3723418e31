"""What sample size proves what."""

from __future__ import annotations

import pytest

from itd_pipeline.evaluation.defects import clopper_pearson_upper
from itd_pipeline.evaluation.proof import proofs, shows_at_most


@pytest.mark.parametrize(("records", "bound", "holds"), [(59, 0.05, True), (58, 0.05, False), (299, 0.01, True),
                                                          (298, 0.01, False)])
def test_no_defect_in_so_many_shows_the_bound_or_just_not(records: int, bound: float, holds: bool) -> None:
    assert (shows_at_most([0.1] * records)[0] <= bound) is holds
    assert (clopper_pearson_upper(0, records) <= bound) is holds


def test_the_table_of_proofs() -> None:
    found = {(one.bound, one.defective): one.records for one in proofs()}
    assert found[0.05, 0] == 59
    assert found[0.01, 0] == 299
    assert found[0.05, 1] == 93
    assert found[0.01, 1] == 473
    for (bound, defective), records in found.items():
        assert clopper_pearson_upper(defective, records) <= bound < clopper_pearson_upper(defective, records - 1)


def test_unequal_chances_prove_less_and_no_record_proves_nothing() -> None:
    bound, size = shows_at_most([0.1] * 50 + [1.0] * 50)
    assert 0 < size < 100
    assert bound > shows_at_most([0.1] * 100)[0]
    assert shows_at_most([]) == (1.0, 0.0)
