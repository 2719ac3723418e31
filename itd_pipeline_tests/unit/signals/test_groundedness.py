import pytest


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
