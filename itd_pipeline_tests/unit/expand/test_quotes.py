"""A quote is found where its characters stand, and what is stored is the passage's own text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.expand.judging.quotes import locate


def test_tolerated_differences() -> None:
    text = "It’s a disease – of\n the “lung”."
    for quote in (text, "it's a disease - of the \"lung\".", "“It's a disease – of the”", "a disease – of ..."):
        found = locate(quote, text)
        assert found is not None
    assert locate("a disorder", text) is None
    assert locate("  ", text) is None


@given(st.text(), st.text(min_size=1), st.text())
def test_what_stands_there_is_found(before: str, quote: str, after: str) -> None:
    found = locate(quote, before + quote + after)
    if quote.strip():
        assert found is not None
        start, end = found
        assert (before + quote + after)[start:end] == quote.strip()
