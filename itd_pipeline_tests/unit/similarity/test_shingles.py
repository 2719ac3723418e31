import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itd_pipeline.similarity import shingles as module
from itd_pipeline.similarity.shingles import shingles_of

MEDICAL = ["", "?!", "One", "Émile’s 5.5µg/mL β-blocker naïve x_y", "日本語 テスト", "😀 a b c d e", "a b c d e", None,
           "immunohaematological immunohaematologically a b c d electroencephalographic", "ﬁbrosis ½ ² 3",
           "ÅNGSTRÖM ÇA"]


def expected(text, n):
    words = re.findall(r"\w+", (text or "").lower())
    if len(words) <= n:
        return [tuple(words)] if words else []
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def check(texts, n):
    found = shingles_of(pa.array(texts, pa.string()), n)
    plain = [shingle for text in texts for shingle in expected(text, n)]
    assert found.counts.tolist() == [len(expected(text, n)) for text in texts]
    meaning = dict(zip(found.hashes.tolist(), plain, strict=True))
    assert [meaning[value] for value in found.hashes.tolist()] == plain  # equal hashes: equal shingles
    assert len(meaning) == len(set(plain))  # equal shingles: equal hashes


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8])
def test_shingles_are_runs_of_words_as_pythons_re_sees_them(n):
    check(MEDICAL, n)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="aB9_ .-éßÉ日😀\n", max_size=40), max_size=8), st.integers(1, 6))
def test_any_text_gives_the_shingles_of_its_words(texts, n):
    check(texts, n)


def test_rows_do_not_run_into_each_other_and_blocks_do_not_matter(monkeypatch):
    texts = ["no stop at the end of this", "and none at the start of that", "one"] * 5
    whole = shingles_of(pa.array(texts))
    monkeypatch.setattr(module, "_BLOCK_BYTES", 30)
    check(texts, 5)
    assert np.array_equal(shingles_of(pa.array(texts)).hashes, whole.hashes)


def test_a_slice_has_the_shingles_of_its_rows():
    whole, part = pa.array(MEDICAL), pa.array(MEDICAL).slice(3, 4)
    first, last = shingles_of(whole).offsets[[3, 7]]
    assert shingles_of(part).hashes.tolist() == shingles_of(whole).hashes[first:last].tolist()
