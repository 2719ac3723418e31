"""Texts in which no word has a trait are not read."""

from __future__ import annotations

from itd_pipeline.text.identifiers import traits
from itd_pipeline.text.identifiers.traits import Trait


def test_any_piece_counts() -> None:
    asked: list[str] = []

    def long(piece: str) -> bool:
        asked.append(piece)
        return len(piece) > 6

    trait = Trait(long)
    assert trait.stands_in("a fracture of the arm")
    assert not trait.stands_in("of the arm")
    assert trait.stands_in("the fracture")
    assert sorted(asked) == ["a", "arm", "fracture", "of", "the"], "each piece is asked about once"


def test_traits_are_apart() -> None:
    short, long = Trait(lambda piece: len(piece) < 3), Trait(lambda piece: len(piece) > 6)
    assert (short.stands_in("an arm"), long.stands_in("an arm")) == (True, False)
    assert (short.stands_in("the fracture"), long.stands_in("the fracture")) == (False, True)


def test_memory_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(traits, "_MOST_PIECES", 10)
    trait = Trait(lambda piece: piece.startswith("x"))
    for number in range(50):
        assert trait.stands_in(f"a{number} x{number}")
        assert not trait.stands_in(f"b{number}")
    assert len(traits._ANSWERS) + len(traits._PLAIN) <= 11
    assert trait.stands_in("x" * 100)
    assert "x" * 100 not in traits._ANSWERS, "long pieces are not kept"
