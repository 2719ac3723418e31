"""Words from bytes agree with the words of a text, whatever stands in it."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.decontamination.byte_words import block_words, stem_ends, text_array, word_spans
from itd_pipeline.decontamination.lookup import Lookup


def hashes(text):
    return block_words(text_array([text])).hashes.tolist()


def stem(word):
    codes = np.frombuffer(word.encode(), np.uint8)
    return word[:int(stem_ends(codes, np.array([0]), np.array([len(word)]))[0])]


def test_a_copy_with_other_case_accents_and_signs_has_the_same_words():
    assert hashes("Naïve β-blockers, 37.5°C") == hashes("NAIVE  β (blockers) 37,5 c")
    assert hashes("co\u00adoperate with\u200bout") == hashes("cooperate without")
    assert hashes("one two") != hashes("two one")


def test_rows_lie_apart():
    words = block_words(pa.array(["one two", None, "", "three", "four"]))
    assert words.lengths.tolist() == [2, 0, 0, 1, 1]
    assert words.hashes.tolist() == [*hashes("one two"), *hashes("three"), *hashes("four")]


def test_a_text_longer_than_a_block_and_a_slice():
    long = "word " * 200_000
    words = block_words(pa.array(["a", long, "b c"]).slice(1))
    assert words.lengths.tolist() == [200_000, 2]
    assert set(words.hashes[:200_000].tolist()) == set(hashes("word"))


def test_spans_stand_where_the_words_do():
    text = "A ﬁbrosis, don’t — 10µg."
    assert [text[start:end] for start, end in word_spans(text)] == ["A", "ﬁbrosis", "don", "t", "10µg"]


@given(st.lists(st.text(max_size=40), max_size=6))
def test_spans_and_blocks_count_the_same_words(texts):
    words = block_words(text_array(texts), stems=True)
    assert words.lengths.tolist() == [len(word_spans(text)) for text in texts]
    assert len(words.stems) == len(words.hashes) == len(words.numeric)
    alone = [number for text in texts for number in hashes(text)]
    assert words.hashes.tolist() == alone


def test_endings_go_and_short_words_stay():
    assert {stem(word) for word in ("infection", "infections", "infected", "infecting")} == {"infect"}
    assert {stem(word) for word in ("therapy", "therapies")} == {"therap"}
    assert [stem(word) for word in ("sclerosis", "virus", "gas", "red", "sing", "bleed")] == [
        "sclerosis", "virus", "gas", "red", "sing", "bleed"]


NUMBERS = st.integers(0, 2 ** 64 - 1)


@given(st.lists(NUMBERS, unique=True, max_size=300), st.lists(NUMBERS, max_size=50))
def test_a_lookup_finds_every_key_and_nothing_else(keys, others):
    lookup = Lookup(np.array(keys, np.uint64))
    asked = [*others, *keys[::2]]
    places, numbers = lookup.find(np.array(asked, np.uint64))
    found = dict(zip(places.tolist(), numbers.tolist(), strict=True))
    assert found == {place: keys.index(value) for place, value in enumerate(asked) if value in keys}
