"""Quality, medical relevance, boilerplate, reference lists and overlap, through `clean`."""

from __future__ import annotations

from itertools import pairwise

from itd_pipeline.settings import Cleaning, Quality
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import survey
from itd_pipeline.text.boilerplate import without_boilerplate
from itd_pipeline.text.medical_terms import count_medical
from itd_pipeline.text.words import words
from itd_pipeline_tests.unit.text.test_cleaning import document, rejects, rows, run

PROSE = "Asthma narrows the airways. People with asthma cough and wheeze, and the inhaler is used every day."
GOPHER = Quality(min_words=50, min_mean_word_length=3, max_mean_word_length=10, max_bullet_share=0.9,
                 min_lettered_share=0.8, min_stop_words=2)


def reason(text: str, quality: Quality, **more: object) -> str:
    turned_away = rejects(run(document(1, text, **more), cleaning=Cleaning(quality=quality, max_words=1000)))
    return turned_away[0]["reason"] + " " + turned_away[0]["detail"] if turned_away else ""


def test_each_rule_names_its_value_and_its_limit() -> None:
    long = (PROSE + " ") * 5
    assert reason(long, GOPHER) == ""
    assert reason(PROSE, GOPHER) == "low_quality quality_words=17, min_words=50"
    assert "symbol_share" in reason(long.replace("the ", "# # the "), GOPHER)
    assert "bullet_share" in reason("\n".join("- " + PROSE for _ in range(5)), GOPHER)
    assert "ellipsis_share" in reason("\n".join(PROSE + " and so on..." for _ in range(5)).replace("...", "\u2026"),
                                      GOPHER.model_copy(update={"max_symbol_share": 1}))
    short = GOPHER.model_copy(update={"min_mean_word_length": 0})
    assert "lettered_share" in reason("12.5 13.1 99 the of " * 20, short)
    assert "stop_words" in reason("asthma cough wheeze inhaler " * 20, GOPHER)


def test_the_default_limits_keep_lists_of_results() -> None:
    assert reason("Sodium 140 mmol/L\nPotassium 4.1 mmol/L\nUrea 5.0 mmol/L", Quality()) == ""


def test_answers_and_notes_about_patients_are_not_judged_by_shape() -> None:
    assert reason("Na 140, K 4.1.", GOPHER, question="What are the results?") == ""
    assert reason("Na 140, K 4.1, no fever.", GOPHER, patient_data=True) == ""


def test_relevance_counts_words_of_terminologies() -> None:
    parking = "Visitors park in the garage behind the main building, and tickets are sold near the door all week long."
    gate = Cleaning(min_medical_terms=2, min_medical_density=0.02)
    assert [r["reason"] for r in rejects(run(document(1, parking), cleaning=gate))] == ["not_medical"]
    assert not rejects(run(document(1, PROSE), cleaning=gate))
    assert not rejects(run(document(1, parking)))
    assert count_medical(words("asthma and metformin, accident")) == 2


def test_boilerplate_goes_and_medicine_stays() -> None:
    footer = "Copyright 2024 Example Press. All rights reserved."
    warning = "Do not take this medicine with warfarin."
    topics = ("asthma", "gout", "angina", "migraine", "psoriasis", "eczema", "sciatica", "anaemia", "scabies",
              "measles", "mumps", "rubella")
    made = [document(i, f"A page about {topic}, written for patients.\n{warning}\n{footer}")
            for i, topic in enumerate(topics)]
    lines = survey([DOCUMENTS.from_rows(made)], Cleaning())
    assert lines == {"copyright 0 example press. all rights reserved."}
    assert without_boilerplate(str(made[0]["text"]), lines) == f"A page about asthma, written for patients.\n{warning}"
    assert survey([DOCUMENTS.from_rows(made[:9])], Cleaning()) == frozenset()
    assert survey([DOCUMENTS.from_rows(made)], Cleaning(boilerplate_share=0)) == frozenset()


def test_a_list_of_references_is_turned_away_by_name() -> None:
    text = f"# Asthma\n{PROSE}\n\n# References\n1. Smith J. Asthma. Lancet 2019;393:100.\n"
    batches = run(document(1, text))
    assert [r["section"] for r in rows(batches)] == ["Asthma"]
    assert [r["reason"] for r in rejects(batches)] == ["reference_list"]


def test_the_next_passage_repeats_the_last_sentences() -> None:
    sentences = [f"Sentence number {i} speaks of asthma and of the {i} puffs that were taken." for i in range(12)]
    text = " ".join(sentences)
    with_overlap = rows(run(document(1, text), cleaning=Cleaning(max_words=45, overlap_words=20)))
    without = rows(run(document(1, text), cleaning=Cleaning(max_words=45, overlap_words=0)))
    assert all(row["word_count"] <= 45 for row in with_overlap)
    for earlier, later in pairwise(with_overlap):
        assert later["start"] < earlier["end"]
        assert text[later["start"] : later["end"]] == later["text"]
        assert later["text"].startswith("Sentence number")
    assert all(later["start"] >= earlier["end"] for earlier, later in pairwise(without))
