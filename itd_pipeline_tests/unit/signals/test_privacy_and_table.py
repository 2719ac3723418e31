import pyarrow as pa
import pytest

from itd_pipeline import settings
from itd_pipeline.errors import ContractError
from itd_pipeline.signals import measure
from itd_pipeline.tables.records import CANDIDATES

CALL = "Call the foundation at 555-867-5309 for help."


def test_identifiers_of_every_field_are_counted_with_their_classes(measured, make):
    row = measured([make("a", "Write to jane.roe@example.org", "Or call 555-867-5309.", input="ok")])[0]
    assert (row["identifier_count"], row["identifier_classes"]) == (2, ["email", "phone"])


def test_what_public_evidence_prints_does_not_count(measured, make):
    passages = {"p": "Ask them. " + CALL}
    rows = measured([
        make("a", "Whom to call?", CALL, passage_ids=["p"]),
        make("b", "Whom to call?", "You may call 555-867-5309 today.", passage_ids=["p"]),
        make("c", "Whom to call?", "You may call 555-867-5300 today.", passage_ids=["p"]),
        make("d", "Whom to call?", CALL, passage_ids=["p"], patient_data=True),
        make("e", "Whom to call?", CALL),
    ], passages)
    assert [row["identifier_count"] for row in rows] == [0, 0, 1, 1, 1]


def test_language_is_und_for_short_outputs(measured, make):
    german = "Das Asthma ist eine Krankheit der Atemwege, und sie macht vielen Menschen das Leben schwer, " * 3
    rows = measured([make("a", "Say", "Asthma bronchiale"), make("b", "Say", german)])
    assert [row["output_language"] for row in rows] == ["und", "de"]


def test_no_candidates_give_an_empty_table(measured):
    assert measured([]) == []


def test_words_are_counted(measured, make):
    row = measured([make("a", "What is 5mg of it?", "Crohn's disease, beta-blocker.")])[0]
    assert (row["instruction_words"], row["output_words"]) == (6, 3)


def test_the_same_id_twice_is_an_error(make):
    table = CANDIDATES.from_rows([make("a", "x", "y"), make("b", "x", "y"), make("a", "x", "y")])
    passages = pa.table({"passage_id": pa.array([], pa.string()), "text": pa.array([], pa.string())})
    with pytest.raises(ContractError, match="1 ids occur more than once, the first is a"):
        measure(table, passages, settings.Signals(), [])


def test_surrogates_and_odd_characters_do_not_stop_it(measured, make):
    rows = measured([make("a", "\u202e\u0000", "🫀 ½ µg ²"), make("b", "é" * 3000, "\n \t.")])
    assert [row["record_id"] for row in rows] == ["a", "b"]
