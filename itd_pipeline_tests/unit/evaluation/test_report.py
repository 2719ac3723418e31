from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

from itd_pipeline.errors import ContractError
from itd_pipeline.evaluation import ReportInputs, build_report, evaluate_ratings
from itd_pipeline.evaluation.page import Ledger, Metric
from itd_pipeline.evaluation.sections.lengths import histogram
from itd_pipeline.settings import Dataset

Make = Callable[..., pa.Table]

MATCH = {"benchmark": "medqa", "item": "7", "part": "prompt", "field": "output", "kind": "overlap", "share": 0.25,
         "words": 9, "start": 3, "end": 60}


@pytest.fixture
def inputs(records: Make, signals: Make, ratings: Make, sample: Make, dataset: Dataset) -> ReportInputs:
    filtered = records({"route": "hybrid", "specialty": "cardiology", "difficulty": 3}, {"audience": "patient"})
    given = ratings((0, 1, "accept", "yes", 4), (0, 2, "accept", "yes", 5))
    facts = evaluate_ratings(given, sample(1.0, 1.0), filtered)
    return ReportInputs(
        dataset=dataset, profile="demo", filtered=filtered, human=facts,
        signals=signals({"contamination_share": 0.25, "contamination_matches": [MATCH]}, {"contamination_share": 0.0},
                        {"near_duplicate_cluster": "rec-0", "near_duplicate_of": "rec-0", "contamination_share": 0.9,
                         "identifier_classes": ["phone"], "identifier_count": 1}),
        funnel=[{"stage": "cleaned_text", "partition": "hpo", "unit": "passages", "units_in": 5, "rows_out": 3,
                 "rejected": {"too_short": 2}},
                {"stage": "filtered_set", "partition": "", "unit": "candidates", "units_in": 3, "rows_out": 2,
                 "rejected": {"near_duplicate": 1}}],
        cost={"requests": 2, "prompt_tokens": 10, "completion_tokens": 5, "cost_usd": 0.5,
              "by_model": {"m": {"requests": 2, "prompt_tokens": 10, "completion_tokens": 5, "cost_usd": 0.5}}},
        sources=[{"name": "hpo", "reader": "hpo", "licence": "CC0-1.0", "patient_data": False, "documents": 4}],
        policy_rules=["Reject what is too short."])


class _Numbers(HTMLParser):
    """The numbers of a page: key -> value."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, float] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "data":
            self.found[str(given["data-key"])] = float(str(given["value"]))


def values(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {f"{r['section']}|{r['metric']}|{r['group']}": r["value"] for r in rows if r["value"] is not None}


def test_page_json_and_table_hold_the_same_numbers(inputs: ReportInputs) -> None:
    batch = build_report(inputs)
    table = values(batch.rows.to_pylist())
    shown = _Numbers(batch.files["report.html"].decode()).found
    assert batch.units_in == batch.rows.num_rows
    assert table == values(json.loads(batch.files["report.json"])["metrics"])
    assert shown == table


def test_numbers_are_right(inputs: ReportInputs) -> None:
    found = values(build_report(inputs).rows.to_pylist())
    for key, value in {
        "at_a_glance|records_kept|": 2, "at_a_glance|candidates|": 3, "at_a_glance|kept_with_overlap|": 1,
        "at_a_glance|kept_with_identifiers|": 0, "at_a_glance|cost_per_accepted_record|": 0.5,
        "funnel|rejected|cleaned_text / hpo": 2, "rejections|rejected|filtered_set / near_duplicate": 1,
        "coverage|records_by_specialty_and_task|cardiology / coding": 1, "coverage|records_by_difficulty|3": 1,
        "duplicates|near_duplicates|candidates": 1, "duplicates|near_duplicates|kept": 0,
        "contamination|greatest_share|candidates": 0.9, "contamination|greatest_share|kept": 0.25,
        "privacy|with_identifier_class|candidates / phone": 1, "privacy|with_identifier_class|kept / phone": 0,
        "lengths|instruction_words_median|": 4, "human|defective_records|": 0, "sources|documents|hpo": 4,
    }.items():
        assert found[key] == value, key


def test_the_same_inputs_give_the_same_bytes(inputs: ReportInputs) -> None:
    assert build_report(inputs).files == build_report(inputs).files


def test_the_page_stands_alone_and_shows_no_record_text(inputs: ReportInputs) -> None:
    html = build_report(inputs).files["report.html"].decode()
    assert "secretword" not in html.lower()
    assert "A &lt;b&gt;bold&lt;/b&gt; title" in html
    assert "<b>bold" not in html
    links = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert all(link.startswith("#") for link in links)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert html.count('role="img" aria-label="') == html.count("<svg ") == 3


def test_what_nobody_reviewed_and_nothing_compared_is_said(inputs: ReportInputs, signals: Make, ratings: Make,
                                                           sample: Make) -> None:
    bare = replace(inputs, signals=signals({}, {}), cost={}, funnel=[], sources=[], policy_rules=[],
                   human=evaluate_ratings(ratings(), sample(1.0), inputs.filtered))
    batch = build_report(bare)
    html = batch.files["report.html"].decode()
    rows = {(r["section"], r["metric"]): r for r in batch.rows.to_pylist() if not r["group"]}
    assert rows["at_a_glance", "defect_upper_bound"]["value"] is None
    assert rows["at_a_glance", "defect_upper_bound"]["note"] == "share; not reviewed"
    assert rows["at_a_glance", "kept_with_overlap"]["value"] is None
    for sentence in ("not reviewed", ">draft<", "No expert has judged any record", "the profile names no benchmark",
                     "No model was asked.", "No stage turned anything away."):
        assert sentence in html
    assert ("limits", "no_ratings") in rows


def test_an_empty_set_still_makes_a_report(inputs: ReportInputs, records: Make, signals: Make, ratings: Make,
                                           sample: Make) -> None:
    empty = replace(inputs, filtered=records(), signals=signals(),
                    human=evaluate_ratings(ratings(), sample(), records()))
    html = build_report(empty).files["report.html"].decode()
    assert "No record was kept" in html


def test_a_number_cannot_stand_twice() -> None:
    ledger = Ledger()
    ledger.add("s", "m", float("nan"))
    assert ledger.rows()[0]["value"] is None
    with pytest.raises(ContractError, match="twice"):
        ledger.add("s", "m", 1)


@pytest.mark.parametrize(("value", "unit", "words"), [
    (None, "count", "not measured"), (1234, "count", "1,234"), (0.051, "share", "5.1 %"), (0, "usd", "$0.00"),
    (0.00003, "usd", "$0.000030"), (12.345, "usd", "$12.35"), (-0.5, "score", "\u22120.50"), (2.5, "words", "2.5"),
])
def test_numbers_in_words(value: float | None, unit: Any, words: str) -> None:
    assert Metric("s", "m", "", value, "", unit).words == words


def test_bins_hold_their_lower_edge() -> None:
    counted = histogram(pa.chunked_array([[4, 5, 399, 400, 9_999]]))
    assert (counted[0], counted[1], counted[-2], counted[-1]) == (1, 1, 1, 2)


def test_matches_are_counted_by_benchmark_and_pairs_are_named(inputs: ReportInputs) -> None:
    written = build_report(inputs)
    found = {row["metric"]: row["value"] for row in written.rows.to_pylist() if row["group"] == "medqa"}
    assert found == {"items": None, "items_matched": 1, "items_matched_by_kept": 1, "matches_exact": 0,
                     "matches_cut": 0, "matches_paraphrase": 0, "matches_meaning": 0, "matches_overlap": 1}
    page = written.files["report.html"].decode()
    assert "medqa:7" in page
    assert "3 to 60" in page
