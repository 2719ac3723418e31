"""The longest run of words that a record takes from patient data."""

import random

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.signals import measure
from itd_pipeline.signals.patient_overlap import longest_overlaps
from itd_pipeline.tables.records import CANDIDATES

rng = random.Random(2)
WORDS = ["".join(rng.choice("abdeiklmnorstu") for _ in range(6)) for _ in range(400)]


def words(start, end):
    return " ".join(WORDS[start:end])


def test_runs_of_eight_words_and_more_are_found_at_every_place():
    passages = pa.array([words(0, 60), words(60, 100)])
    for length in (8, 9, 10, 25):
        copied = [f"So {words(start, start + length)} it is" for start in range(60 - length)]
        longest, passage = longest_overlaps(pa.array(copied), passages)
        assert longest.tolist() == [length] * len(copied)
        assert passage.tolist() == [0] * len(copied)


def test_seven_words_are_none():
    longest, passage = longest_overlaps(pa.array([words(3, 10)]), pa.array([words(0, 60)]))
    assert (longest.tolist(), passage.tolist()) == ([0], [-1])


def test_case_and_signs_do_not_hide_a_copy_and_a_changed_word_ends_it():
    copied = words(0, 12).upper().replace(" ", ", ") + " other " + words(13, 30)
    longest, _ = longest_overlaps(pa.array([copied]), pa.array([words(0, 60)]))
    assert longest.tolist() == [17]


def test_what_more_than_twenty_passages_say_is_no_ones():
    phrase = words(100, 112)
    many = pa.array([f"{words(4 * n, 4 * n + 4)} {phrase}" for n in range(21)])
    assert longest_overlaps(pa.array([phrase]), many)[0].tolist() == [0]
    assert longest_overlaps(pa.array([phrase]), many.slice(1))[0].tolist() == [12]


def test_of_equal_runs_the_first_passage_is_named_and_nulls_share_nothing():
    texts = pa.array([words(0, 10), None, ""])
    longest, passage = longest_overlaps(texts, pa.array([words(50, 60), words(0, 20), words(0, 30)]))
    assert longest.tolist() == [10, 0, 0]
    assert passage.tolist() == [1, -1, -1]
    assert longest_overlaps(texts, pa.array([], pa.string()))[0].tolist() == [0, 0, 0]


def test_instruction_output_and_rationale_count_and_input_does_not(make):
    records = [make("a", words(0, 9), "x"), make("b", "Tell me", words(10, 30)), make("c", "Tell me", "x",
               rationale=words(40, 52)), make("d", "Tell me", "x", input=words(0, 60)), make("e", "Tell me", "x")]
    passages = pa.table({"passage_id": pa.array([], pa.string()), "text": pa.array([], pa.string())})
    notes = pa.table({"passage_id": ["n1"], "text": [words(0, 60)]})
    table = CANDIDATES.from_rows(records)
    rows = measure(table, passages, settings.Signals(), patient_passages=notes).rows.to_pylist()
    assert [(row["patient_overlap_words"], row["patient_overlap_passage"]) for row in rows] == [
        (9, "n1"), (20, "n1"), (12, "n1"), (0, None), (0, None)]
    unmeasured = measure(table, passages, settings.Signals()).rows.to_pylist()
    assert {(row["patient_overlap_words"], row["patient_overlap_passage"]) for row in unmeasured} == {(None, None)}
