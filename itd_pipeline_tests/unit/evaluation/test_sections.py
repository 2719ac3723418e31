"""Sections of the report that measure more than they count: each on literals that can be checked by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from itd_pipeline.evaluation import ReportInputs, build_report, evaluate_ratings
from itd_pipeline.evaluation.chapters import chapter_of
from itd_pipeline.evaluation.page import Ledger
from itd_pipeline.evaluation.report import with_run
from itd_pipeline.evaluation.sample import drawn, mean_of_draws
from itd_pipeline.evaluation.sections.diversity import distinct, opening, vendi_score
from itd_pipeline.evaluation.sections.drift import distance
from itd_pipeline.evaluation.sections.meanings import clusters_of, labels, two_components
from itd_pipeline.evaluation.sections.readability import grades
from itd_pipeline.evaluation.sections.running import running
from itd_pipeline.settings import Dataset
from itd_pipeline.settings.evaluation import REFERENCE

Make = Callable[..., pa.Table]


@pytest.fixture
def inputs(records: Make, signals: Make, ratings: Make, sample: Make, dataset: Dataset) -> ReportInputs:
    filtered = records(
        {"instruction": "Explain asthma to a woman", "audience": "patient", "codes": ["ICD-10-CM:J45.9", "HP:1"],
         "output": "She is 70 years old. Her son is a boy."},
        {"instruction": "Explain gout", "audience": "physician", "codes": ["ICD-10-CM:M10"],
         "output": "Inflammatory arthropathies characteristically deteriorate."},
        {"instruction": "Explain fever", "codes": []})
    given = ratings((0, 1, "accept", "yes", 4), (0, 2, "reject", "no", 2), (1, 1, "accept", "yes", 5),
                    (1, 2, "accept", "yes", 4), (2, 1, "accept", "yes", 3), (2, 2, "accept", "yes", 5))
    return ReportInputs(
        dataset=dataset, profile="p", filtered=filtered, signals=signals({}, {}, {}, {}), ratings=given,
        human=evaluate_ratings(given, sample(1.0, 1.0, 1.0), filtered), funnel=[
            {"stage": "cleaned_text", "partition": "hpo", "unit": "passages", "units_in": 5, "rows_out": 3,
             "rejected": {"too_short": 2}}],
        hpo_branches={"HP:1": ["Abnormality of the lung"], "HP:2": ["Abnormality of the eye"]}, reference=REFERENCE,
        third_opinions={"rec-0": "accepted"})


def numbers(inputs: ReportInputs) -> dict[str, float | None]:
    return {f"{r['section']}|{r['metric']}|{r['group']}": r["value"] for r in build_report(inputs).rows.to_pylist()}


def test_distinct_counts_pairs_within_texts_only() -> None:
    assert distinct([["a", "b", "a"], ["a", "b"]], 1) == 2 / 5
    assert distinct([["a", "b", "a"], ["a", "b"]], 2) == 2 / 3
    assert distinct([["a"]], 2) == 0


def test_vendi_is_the_number_of_different_texts() -> None:
    assert vendi_score(np.eye(4)) == pytest.approx(4)
    assert vendi_score(np.array([[1.0, 0.0]] * 4)) == pytest.approx(1)


def test_a_mean_over_draws_needs_two_and_has_an_interval() -> None:
    assert mean_of_draws([1, 2, 3], 2, lambda draw: sum(draw))[0] is None
    mean, note = mean_of_draws([1, 1, 3, 3], 2, lambda draw: float(sum(draw)))
    assert mean == 4
    assert note == "95 % interval -21.412 to 29.412"  # 4 +- 12.706 * sqrt(8 / 2)


def test_the_draw_depends_on_ids_alone(records: Make) -> None:
    table = records(*({} for _ in range(20)))
    first = drawn(table, 5).column("record_id").to_pylist()
    assert drawn(table.take(pa.array(range(19, -1, -1))), 5).column("record_id").to_pylist() == first
    assert len(drawn(table, 100)) == 20


def test_openings_skip_function_words() -> None:
    assert opening("Explain to the patient why") == ("explain", "patient")
    assert opening("What is it?") == ("what", "")
    assert opening("12 %") == ("", "")


def test_no_distance_between_equal_spreads_and_a_whole_one_between_foreign_ones() -> None:
    same = distance({"a": 50, "b": 50}, {"a": 500, "b": 500})
    assert same.value == 0
    assert same.low == 0
    assert 0 < same.by_chance < 0.1
    far = distance({"a": 10}, {"b": 10})
    assert (far.value, far.low, far.high) == (1, 1, 1)


def test_the_map_is_the_same_each_time_and_labels_name_what_sets_a_cluster_apart() -> None:
    random = np.random.default_rng(1)
    vectors = np.concatenate([random.normal(at, 0.01, (12, 6)) for at in (np.eye(6)[0], np.eye(6)[3])])
    cluster = clusters_of(vectors, 2)
    assert len(set(cluster[:12])) == len(set(cluster[12:])) == 1
    assert cluster[0] != cluster[12]
    assert labels(["fever in children"] * 12 + ["dose of insulin"] * 12, cluster)[cluster[12]] == "dose, insulin"
    places, share = two_components(vectors)
    assert np.abs(places).max() == 1
    assert share > 0.99
    assert places.tolist() == two_components(vectors.copy())[0].tolist()


@pytest.mark.parametrize(("code", "chapter"), [
    ("ICD-10-CM:A00", "1 Infectious and parasitic diseases"), ("ICD-10-CM:D49.9", "2 Neoplasms"),
    ("ICD-10-CM:D50.0", "3 Blood and immune mechanism"),
    ("ICD-10-CM:O9A.1", "15 Pregnancy, childbirth and the "
                                                                             "puerperium"),
    ("ICD-10-CM:D90", None), ("HP:0001250", None)])
def test_a_code_stands_in_the_chapter_of_its_range(code: str, chapter: str | None) -> None:
    assert chapter_of(code) == chapter


def test_grades_rise_with_long_words_and_sentences() -> None:
    easy, hard, nothing = grades(pa.chunked_array([[
        "The cat sat. The dog ran.", "Inflammatory arthropathies characteristically deteriorate.", "12 "
            "%"]])).to_pylist()
    assert easy == 0
    assert easy < 8 < hard
    assert nothing == 0


def test_codes_cover_chapters_and_branches_and_empty_ones_are_named(inputs: ReportInputs) -> None:
    found = numbers(inputs)
    assert found["coverage|records_by_icd10_chapter|10 Respiratory system"] == 1
    assert found["coverage|icd10_chapter_empty|"] == 20
    assert found["coverage|records_by_hpo_branch|Abnormality of the lung"] == 1
    assert found["coverage|hpo_branch_empty|"] == 1
    page = build_report(inputs).files["report.html"].decode()
    assert "Branches of the Human Phenotype Ontology. Empty: Abnormality of the eye." in page


def test_mentions_are_counted_once_a_record_and_stand_beside_the_reference(inputs: ReportInputs) -> None:
    found = numbers(inputs)
    assert found["mentions|records|sex / female"] == 1
    assert found["mentions|records|sex / male"] == 1
    assert found["mentions|records|age / older_adult"] == 1
    assert found["mentions|reference|sex / female"] == 0.503
    assert found["mentions|reference|ancestry / african"] is None
    assert "Words are counted, not patients" in build_report(inputs).files["report.html"].decode()


def test_reviewers_confusion_and_adjudications(inputs: ReportInputs) -> None:
    found = numbers(inputs)
    assert found["human|confusion|reviewer_1 / reviewer_2 / accept / reject"] == 1
    assert found["human|confusion|reviewer_1 / reviewer_2 / accept / accept"] == 2
    assert found["human|adjudications|"] == 1
    assert found["human|adjudicated_by_third_opinion|"] == 1
    assert found["human|adjudicated_as|accepted"] == 1


def test_what_changed_since_the_last_release(inputs: ReportInputs, records: Make) -> None:
    last = {"version": "demo-1", "records": records({}, {"record_id": "gone"}),
            "metrics": {"at_a_glance|records_kept|": 2, "at_a_glance|cost_per_accepted_record|": None}}
    found = numbers(replace(inputs, last=last))
    assert [found[f"changes|records_{what}|"] for what in ("added", "removed", "in_both")] == [2, 1, 1]
    assert found["at_a_glance|records_changed|"] == 3
    assert found["changes|before|at_a_glance.records_kept"] == 2
    assert found["drift|distance|last_release / audience"] == pytest.approx(2 / 3)
    page = build_report(replace(inputs, last=last)).files["report.html"].decode()
    assert "Against demo-1." in page
    assert page.index('<section id="changes"') < page.index('<section id="funnel"')


def test_examples_stand_below_their_rule(inputs: ReportInputs) -> None:
    shown = replace(inputs, rules={("cleaned_text", "too_short"): "Fewer than five words (Gopher)."}, examples=[
        {"stage": "cleaned_text", "reason": "too_short", "row_id": "row-1", "source": "hpo", "detail": "words=2",
         "text": "Two <words>", "withheld": ""}])
    page = build_report(shown).files["report.html"].decode()
    assert "Fewer than five words (Gopher)." in page
    assert "Two &lt;words&gt;" in page
    assert "all of its rows are from patient data" in build_report(inputs).files["report.html"].decode()


def test_the_judge_stands_beside_experts(inputs: ReportInputs, signals: Make, ratings: Make, sample: Make,
                                         records: Make) -> None:
    judged = signals(*({"judge_score": 1.0 + n % 5, "judge_status": "judged",
                        "judge_scores": json.dumps({"clarity": 1 + n % 5})} for n in range(24)))
    rated = ratings(*((n, r, "accept", "yes", 1 + n % 5) for n in range(24) for r in (1, 2)))
    human = evaluate_ratings(rated, sample(*[1.0] * 24), records(*[{}] * 24), signals=judged)
    found = numbers(replace(inputs, signals=judged, ratings=rated, human=human))
    for axis in ("", "clarity"):
        assert found[f"judge|calibration_records|{axis}"] == 24
        assert found[f"judge|judge_agreement|{axis}"] == pytest.approx(1)
        assert found[f"judge|difference|{axis}"] == pytest.approx(0)
    assert found["judge|score_below_3|candidates"] == 10
    assert found["judge|corrected_score|2.00"] == pytest.approx(2)
    assert found["human|defect_two_stage|"] == pytest.approx(human["defect_two_stage"]["estimate"])


def test_a_worse_judge_is_reported_and_gives_no_defect_rate(inputs: ReportInputs, signals: Make, ratings: Make,
                                                            sample: Make, records: Make) -> None:
    turned = signals(*({"judge_score": 5.0 - n % 5, "judge_status": "judged"} for n in range(24)))
    rated = ratings(*((n, r, "accept", "yes", 1 + n % 5) for n in range(24) for r in (1, 2)))
    human = evaluate_ratings(rated, sample(*[1.0] * 24), records(*[{}] * 24), signals=turned)
    assert not human["judge"]["used"]
    assert "less than an expert does" in human["defect_two_stage"]["why"]
    found = numbers(replace(inputs, signals=turned, ratings=rated, human=human))
    assert found["judge|difference|"] is not None
    assert found["judge|difference|"] < 0
    assert found["human|defect_two_stage|"] is None



def test_time_is_put_in_and_taken_out_without_a_trace(inputs: ReportInputs) -> None:
    page = build_report(inputs).files["report.html"]
    section = running([{"stage": "cleaned_text", "seconds": 1.5, "rows_out": 3, "requests": 4, "requests_cached": 3}],
                      Ledger())
    shown = with_run(page, section)
    assert b'data-key="time|seconds|cleaned_text"' in shown
    assert b'href="#time"' in shown
    assert with_run(shown, None) == page
    assert with_run(shown, section) == shown


def test_axes_are_json(inputs: ReportInputs) -> None:
    content: dict[str, Any] = json.loads(build_report(inputs).files["report.json"])
    assert content["human"]["axes"]["clarity"]["ratings"] == 6
