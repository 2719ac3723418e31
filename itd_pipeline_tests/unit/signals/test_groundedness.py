import pytest

from itd_pipeline.signals.numbers import claims_in, numbers_in, unsupported

TEXT = "Give 500 mg of paracetamol every 6 hours; two of 1,000 adults (5 percent) need 1 g."


def missing(output, *sources):
    return unsupported(claims_in(output), [numbers_in(source) for source in sources])


@pytest.mark.parametrize(("output", "expected"), [
    ("500 mg every 6 h", 0),
    ("500 mg every 8 h", 1),
    ("500 g every 6 hours", 1),       # right number, wrong unit
    ("500 of it", 0),                 # no unit written: any unit supports
    ("1000 adults, 2 of them", 0),    # separator and spelled-out number
    ("5% of adults", 0),
    ("5 mg", 1),                      # 5 percent does not support 5 mg
    ("1. Rest\n2. Drink\n3. Wait", 0),   # numbering of a list
    ("One of them", 0),               # a pronoun
    ("three of them", 1),
    ("7 and 7 and 7", 1),             # distinct numbers count once
    ("Take B12", 1),
    ("", 0),
])
def test_numbers_of_the_output_need_support(output, expected):
    assert missing(output, TEXT) == expected


def test_codes_are_claims_as_whole_words_and_hyphens_do_not_matter():
    assert missing("E11.9 and B12", "code E11.9, vitamin B-12") == 0
    assert missing("type-2 diabetes", "type 2 diabetes") == 0
    assert missing("E11.8", "code E11.9") == 1


def test_the_input_supports_too():
    assert missing("aged 47", TEXT, "A 47 year old") == 0


def signals(measured, make, output, passages, **more):
    row = measured([make("a", "Explain it", output, **more)], passages)[0]
    return row["citations_verbatim"], row["unsupported_number_count"], row["evidence_coverage"]


def test_citations_must_stand_at_their_offsets(measured, make, citation):
    text = {"p": "Asthma narrows airways."}
    good, moved = citation("p", 7, "narrows"), citation("p", 8, "narrows")
    in_words = {"passage_id": "", "start": 0, "end": 0, "quote": "", "reference": "A textbook"}
    assert signals(measured, make, "x", text, citations=[good, in_words])[0]
    assert not signals(measured, make, "x", text, citations=[good, moved])[0]
    assert not signals(measured, make, "x", text, citations=[citation("other", 0, "Asthma")])[0]
    assert not signals(measured, make, "x", text, citations=[citation("p", 0, "")])[0]


def test_coverage_counts_distinct_content_words(measured, make):
    passages = {"p": "Asthma narrows the airways."}
    named = {"passage_ids": ["p"]}
    assert signals(measured, make, "The airways and asthma", passages, **named)[2] == 1.0
    assert signals(measured, make, "asthma asthma asthma magnesium", passages, **named)[2] == 0.5
    assert signals(measured, make, "asthma magnesium", passages, input="Magnesium?", **named)[2] == 1.0
    assert signals(measured, make, "It is.", passages, **named)[2] == 1.0
    assert signals(measured, make, "asthma", passages)[2] is None


def test_a_cited_passage_is_evidence_even_where_the_record_does_not_name_it(measured, make, citation):
    passages = {"p": "Give 500 mg."}
    found = signals(measured, make, "Give 500 mg or 2 g.", passages, citations=[citation("p", 0, "Give")])
    assert found == (True, 1, pytest.approx(3 / 5))
