"""Texts counted together give what each gives alone, counted the plain way."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from itd_pipeline.text.language import identify, identify_all
from itd_pipeline.text.pieces import PUNCTUATION, split
from itd_pipeline.text.shape import Shape, count_words, shapes
from itd_pipeline.text.words import words

PIECE = st.sampled_from(["the", "The,", "of", "and/or", "5mg", "2.5", "...", "#", "-", "café", "beta-blocker", "mg/dl",
                         "crohn's", "x" * 41, "(HbA1c)", "患者应在服用本药前咨询医生关于副作用", "el", "paciente"])
SPACE = st.sampled_from([" ", "\n", "  ", "\n\n", "\u00a0", "\t", "\x1c", "\u2028"])
TEXTS = st.lists(st.lists(st.tuples(PIECE, SPACE), max_size=90).map(lambda parts: "".join(map("".join, parts))),
                 max_size=5)
STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}


def plainly(text: str) -> Shape:
    named = [piece.strip(PUNCTUATION) for piece in text.split() if piece.strip(PUNCTUATION)]
    return Shape(len(words(text)), len(named), sum(map(len, named)), sum(any(map(str.isalpha, word)) for word in named),
                 len(STOP_WORDS.intersection(map(str.lower, named))))


@given(TEXTS)
def test_pieces_are_those_of_str_split(texts: list[str]) -> None:
    pieces = split(texts)
    for text, start, end in zip(texts, pieces.edges, pieces.edges[1:], strict=False):
        assert [piece for code in pieces.codes[start:end] if (piece := pieces.distinct[code])] == text.split()


@given(TEXTS)
def test_shapes(texts: list[str]) -> None:
    assert shapes(split(texts)) == list(map(plainly, texts))
    assert [count_words(text) for text in texts] == [len(words(text)) for text in texts]


@settings(deadline=None)  # the first text loads the model
@given(TEXTS, st.integers(1, 70))
def test_languages_of_many_texts_are_those_of_each(texts: list[str], min_words: int) -> None:
    assert identify_all(texts, split(texts), min_words, [""] * len(texts)) == [
        identify(text, min_words) for text in texts]


def test_a_language_that_is_known_is_not_looked_for() -> None:
    texts = ["the " * 30, "", "the"]
    assert identify_all(texts, split(texts), 20, ["", "de", ""]) == ["en", "de", "und"]


def test_bits_and_sums_of_texts_without_pieces() -> None:
    pieces = split(["", "a b", "", "b"])
    bits = np.array([{"a": 1, "b": 2, "": 0}[piece] for piece in pieces.distinct], np.int64)
    assert pieces.united(bits) == [0, 3, 0, 2]
    assert pieces.totals(bits, bits * 3) == ([0, 3, 0, 2], [0, 9, 0, 6])
    assert shapes(split([])) == []
