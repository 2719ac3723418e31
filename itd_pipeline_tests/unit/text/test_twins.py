"""Passages that say the same, and those that only seem to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from itd_pipeline.text.twins import find_twins, mark, similarity_of_twins

BASE = (
    "Asthma is a long-term condition of the airways. Many people with asthma use an inhaler every day, which keeps the "
    "airways open. If the symptoms get worse at night, talk to the doctor, who can check how the inhaler is used. "
    "Smoke and cold air can bring on an attack, so people with asthma are told to keep away from smoke. "
    "The dose of 200 micrograms twice a day is usual for adults and it should not be changed without asking the doctor "
    "or nurse."
)


def twins(*texts: str, threshold: float = 0.9, question: str | None = None) -> dict[int, tuple[int, bool]]:
    rows = [{"text": text, "question": question, "attributes": "{}"} for text in texts]

    def read(indices: Sequence[int]) -> Mapping[int, str]:
        return {i: texts[i] for i in indices}

    return {i: (twin.kept, twin.exact) for i, twin in find_twins(mark(rows, True), threshold, read).items()}


def test_exact_twins_keep_the_first() -> None:
    assert twins("a b", "c d", "a b", "a b") == {2: (0, True), 3: (0, True)}


def test_a_near_twin_is_found() -> None:
    assert twins(BASE, BASE + " Indeed.") == {1: (0, False)}
    assert twins(BASE, BASE.replace("so people with", "therefore people with"), threshold=0.85) == {1: (0, False)}
    assert twins(BASE, BASE.replace("so people with", "therefore people with")) == {}
    assert twins(BASE, BASE + " Indeed.", threshold=1) == {}


@pytest.mark.parametrize(("old", "new"), [
    ("200 micrograms", "400 micrograms"),
    ("200 micrograms", "200 milligrams"),
    ("should not be", "should be"),
    ("is usual for adults", "is usual for children"),
    ("twice a day", "once a day"),
    ("without asking", "after asking"),
    ("doctor or nurse", "doctor and nurse"),
    ("Asthma is", "Bronchitis is"),
    ("get worse", "get better"),
])
def test_a_difference_in_medicine_is_never_a_twin(old: str, new: str) -> None:
    changed = BASE.replace(old, new)
    assert changed != BASE
    assert twins(BASE, changed, threshold=0.6) == {}
    assert similarity_of_twins(BASE, changed) == 0


def test_two_questions_are_not_twins() -> None:
    rows = [{"text": BASE, "question": question, "attributes": "{}"} for question in ("What is A?", "What is B?")]
    assert find_twins(mark(rows, True), 0.9, lambda wanted: dict.fromkeys(wanted, BASE)) == {}


def test_nothing_gives_nothing() -> None:
    assert twins() == {}


def test_a_chain_of_many_twins_keeps_one() -> None:
    texts = [BASE + f" {word}." for word in ("Indeed", "Truly", "Really", "Simply", "Clearly", "Plainly")]
    found = twins(*texts, threshold=0.8)
    assert set(found) == {1, 2, 3, 4, 5}
    assert {kept for kept, _ in found.values()} == {0}
