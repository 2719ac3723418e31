"""Copies as people make them: other characters, options in another order, an item in a longer prompt, short items."""

import unicodedata

import pyarrow as pa
import pytest

from itd_pipeline.decontamination.index import build_index
from itd_pipeline.decontamination.items import BenchmarkItem
from itd_pipeline.decontamination.matching import find_matches

ITEM = BenchmarkItem("exam", "1", "A nurse's 3-year-old niece wheezes after peanut butter; which naïve step is best?",
                     ("Adrenaline into the thigh", "An inhaler", "Rest", "A scratch test"))
SHORT = BenchmarkItem("exam", "2", "what colour is phenytoin syrup")
OTHERS = tuple(BenchmarkItem("exam", str(n), f"what is {word} used for in small children") for n, word in enumerate(
    ("senna", "iron", "zinc", "honey", "ginger"), start=3))


def kinds(**fields):
    row = {"instruction": None, "input": None, "output": None, "rationale": None, "options": None, **fields}
    columns = {name: pa.array([value], pa.list_(pa.string()) if name == "options" else pa.string())
               for name, value in row.items()}
    found = find_matches(pa.table(columns), build_index((ITEM, SHORT, *OTHERS))).matches
    return [(match.item.item_id, match.kind, match.field) for match in found]


@pytest.mark.parametrize("text", [
    ITEM.prompt.upper(),
    unicodedata.normalize("NFD", ITEM.prompt),
    ITEM.prompt.replace("'", "\u2019").replace("-", "\u2011").replace(";", " \u2014 "),
    ITEM.prompt.replace(" ", "\u00a0").replace("wheezes", "whee\u200bzes").replace("butter", "but\u00adter"),
    "".join(chr(ord(c) + 0xFEE0) if 33 <= ord(c) <= 126 else c for c in ITEM.prompt),
    ITEM.prompt.replace("peanut", "**peanut**").replace("which", "\n\n_which_"),
])
def test_case_signs_and_characters_do_not_count(text):
    assert kinds(instruction=text) == [("1", "exact", "instruction")]


def test_an_item_in_a_longer_prompt_or_over_two_fields():
    assert kinds(instruction=f"You are a doctor. Think it over: {ITEM.prompt} Answer briefly.") == [
        ("1", "exact", "instruction")]
    words = ITEM.prompt.split()
    assert kinds(instruction=" ".join(words[:7]), input=" ".join(words[7:])) == [("1", "exact", "prompt")]


def test_options_in_another_order_do_not_hide_the_question():
    turned = list(reversed(ITEM.options))
    assert kinds(instruction=ITEM.prompt, options=turned) == [("1", "exact", "instruction")]
    assert kinds(input="\n".join([*turned, ITEM.prompt])) == [("1", "exact", "input")]


def test_a_short_question_needs_no_question_mark():
    assert kinds(instruction="Please tell me what colour is phenytoin syrup and why") == [("2", "exact", "instruction")]
    assert kinds(output="The colour of phenytoin syrup is orange") == []
