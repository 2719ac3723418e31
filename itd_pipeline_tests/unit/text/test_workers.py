"""Work on several processes gives what one gives, in order."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from itertools import islice
from typing import cast

import pytest

from itd_pipeline.errors import StorageError
from itd_pipeline.settings import Cleaning
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import clean
from itd_pipeline.text.workers import ordered_map
from itd_pipeline_tests.unit.text.test_cleaning import document


def square(number: int) -> int:
    return number * number


def process(_: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def killed(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), 9)
    return number


def test_results_come_in_order() -> None:
    assert list(ordered_map(square, range(20), 2)) == [i * i for i in range(20)]
    assert list(ordered_map(square, [3], 2)) == [9]
    assert list(ordered_map(square, [], 2)) == []


def test_little_work_is_done_alone_and_the_rest_by_others() -> None:
    here = os.getpid()
    assert set(ordered_map(process, range(4), 2, alone_s=60)) == {here}
    # It goes on alone until the others have come; from then on it does nothing.
    results = cast("Generator[int]", ordered_map(process, range(10_000), 2, alone_s=1e-9))
    for one in results:
        if one != here:
            break
    assert here not in set(islice(results, 10))
    results.close()


def test_a_worker_that_is_killed_is_named() -> None:
    with pytest.raises(StorageError, match="ended by the system"):
        list(ordered_map(killed, range(8), 2))


def test_the_number_of_workers_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itd_pipeline.text.cleaning._ALONE_S", 0.0)
    made = [document(i, f"Mr John Smith{i % 7} was seen on 3/{i + 1}/2020 with asthma. MRN 00{i}4455.",
                     patient_data=True, group_id=f"g{i // 4}") for i in range(24)]
    tables = [DOCUMENTS.from_rows(made[i : i + 5]) for i in range(0, 24, 5)]
    one, two = ([(b.rows, b.rejects) for b in clean(tables, "notes", Cleaning(), workers=n)] for n in (1, 2))
    assert one == two
