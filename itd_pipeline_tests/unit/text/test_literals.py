"""Fixed strings as whole words: what the pattern would find, without the pattern."""

import re

from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.text.literals import whole_words


def test_a_form_inside_a_word_is_not_found() -> None:
    assert whole_words("Smithson and Smith", ["Smith"]) == [(13, 18)]


def test_the_earlier_form_stands_where_two_begin_together() -> None:
    assert whole_words("Ann Lee", ["Ann Lee", "Ann"]) == [(0, 7)]


@given(st.text("aB. _é-", max_size=30), st.lists(st.text("aB. é-", min_size=1, max_size=4), unique=True, max_size=5))
def test_the_same_as_a_pattern_of_alternatives(text: str, forms: list[str]) -> None:
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    pattern = re.compile(r"(?<!\w)(?:" + ("|".join(map(re.escape, ordered)) or "(?!)") + r")(?!\w)")
    assert whole_words(text, ordered) == [match.span() for match in pattern.finditer(text)]
