"""Every number that a release tells is the answer of a query over its own files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from itd_pipeline.expand.draft import record_id
from itd_pipeline.release.build import build_release
from itd_pipeline.release.documents import documents
from itd_pipeline.release.numbers import leaves, number_rows
from itd_pipeline.release.printing import measured, number, percent
from itd_pipeline.release.record_ids import id_of
from itd_pipeline.release.verify_numbers import connect, rooted
from itd_pipeline.seeds.record import seed_row
from itd_pipeline.tables.review import METRICS

REVIEW = {
    "status": "reviewed", "ready": True, "assignments": 120, "assignments_answered": 118, "reviewers": 2,
    "defect": {"records": 60, "defective": 1, "upper_bound": 0.0766, "confidence": 0.95},
    "agreement": {"gwet_ac1": {"value": 0.8125, "low": 0.71, "high": 0.9}, "raw": {"value": 0.9}},
    "gate": [{"condition": "agreement", "holds": True, "missing": ""}],
}


def _rich(make_inputs: Any, rows: Any) -> Any:
    """Inputs in which nearly every kind of number is there."""
    words = {"passage_id": "", "start": None, "end": None, "quote": "", "reference": "Guideline 12"}
    records = [rows["record"](n, task_type="coding" if n % 3 else "consultation", difficulty=1 + n % 4)
               for n in range(20)]
    records += [
        rows["record"](20, route="hybrid", model="m", request_id="q", seed_ids=["r021"], prompt_hash="b" * 64),
        rows["record"](21, route="manual", source="expert_seeds", document_ids=[], passage_ids=[], citations=[words]),
        rows["record"](22, licence="CC0-1.0", illustrative=True), rows["record"](23, licence="unknown"),
        rows["record"](24, source="letters", patient_data=True, privacy_status="de_identified"),
        rows["record"](25, output="Finding 0 is a sign — of something.", instruction="What is finding 0?"),
    ]
    passages = [rows["passage"](n) for n in range(30) if n != 24] + [
        rows["passage"](24, source="letters", patient_data=True, privacy_status="de_identified")]
    documents = [rows["document"](n) for n in range(30) if n != 24] + [
        rows["document"](24, source="letters", patient_data=True)]
    return make_inputs(records, passages=passages, documents=documents, review=REVIEW,
                       release={"allow_patient_data": True},
                       strong={f"r{n:03}": {"rank": n + 1, "complexity": 0.5, "quality": 0.25} for n in range(6)})


def test_every_number_is_what_its_query_gives(make_inputs: Any, rows: Any, write: Any) -> None:
    content = build_release(_rich(make_inputs, rows))
    folder: Path = write(content)
    facts = json.loads(content.files["RELEASE.json"])
    metrics = _rich(make_inputs, rows).metrics
    asked = {row["name"]: row for row in number_rows(facts, metrics)}
    assert {"/".join(path) for path, _ in leaves(facts)} <= asked.keys()
    assert len(asked) > 100
    with connect(folder, content.files) as connection:
        for name, row in asked.items():
            answer = connection.execute(rooted(row["query"], folder)).fetchone()
            found = None if answer is None else answer[0]
            assert (found is None) == (row["value"] is None), name
            assert found is None or math.isclose(float(found), row["value"]), (name, found, row["value"])


def _renumbered(value: Any, numbers: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _renumbered(part, numbers) for key, part in value.items()}
    if isinstance(value, list):
        return [_renumbered(part, numbers) for part in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return next(numbers) / 10_000_000_000 if isinstance(value, float) else next(numbers)


def test_papers_print_no_number_from_elsewhere(make_inputs: Any, rows: Any) -> None:
    """With every number of the facts exchanged for one that stands nowhere else, no old one is left in the papers."""
    inputs = _rich(make_inputs, rows)
    facts = json.loads(build_release(inputs).files["RELEASE.json"])
    numbers = iter(range(7_700_000_001, 7_700_010_000))
    other = _renumbered(facts, numbers)
    metrics = METRICS.from_rows([{**row, "value": None if row["value"] is None else float(next(numbers))}
                                 for row in inputs.metrics.to_pylist()])
    made = {value for _, value in leaves(other)} | {v for v in metrics.column("value").to_pylist() if v is not None}
    printed = {shape(value) for value in made for shape in (number, measured, str)}
    printed |= {shape(int(v)) for v in made if v >= 1 for shape in (number, str)} | {percent(v) for v in made}
    printed |= {f"{round(100 * v)} %" for v in made}
    wordings = _words(facts) | _policy_words(inputs.policy)
    for path, raw in documents(inputs.settings.dataset, other, inputs.policy, metrics).items():
        body = raw.decode().replace(facts["version"], "").replace("definition.j2", "")
        for told in sorted(printed, key=len, reverse=True):
            body = body.replace(told, "")
        for wording in sorted((w for w in wordings if re.search(r"\d", w)), key=len, reverse=True):
            body = re.sub(rf"(?<![\w.,/-]){re.escape(wording)}(?![\w/-]|[.,]\d)", "", body)
        body = re.sub(r"-\d{5}-of-\d{5}\.parquet|n>10M|[\w<]*<n<\d+[KM]", "", body)
        left = set(re.findall(r"\d[\d.,]*\d|\d", body)) - _in_templates()
        assert not left, (path, left)


def _words(value: Any) -> set[str]:
    """Every word of the facts: hashes, dates, names, licences, and keys."""
    if isinstance(value, Mapping):
        return {w for key, part in value.items() for w in (str(key), *_words(part))}
    if isinstance(value, list):
        return {w for part in value for w in _words(part)}
    if not isinstance(value, str):
        return set()
    return {value, value[:12], value.replace("|", "\\|")}


def _policy_words(policy: str) -> set[str]:
    return {f"at_least {n}" for n in re.findall(r"at_least: (\d+)", policy)}


def _in_templates() -> set[str]:
    """Digits that stand in the templates themselves, and in the descriptions of columns: names and citations."""
    from itd_pipeline.release import card
    from itd_pipeline.tables.records import RECORD_COLUMNS

    here = Path(card.__file__).parent
    fixed = "".join(re.sub(r"\{[{%].*?[%}]\}", "", path.read_text()) for path in here.glob("*.md.j2"))
    fixed += " ".join(column.description for column in RECORD_COLUMNS)
    return set(re.findall(r"\d[\d.,]*\d|\d", fixed))


def test_templates_hold_no_counts_of_their_own() -> None:
    """What stands in the templates is known: names of standards, citations, and how things are measured."""
    assert len(_in_templates()) < 60


def test_ids_are_those_of_their_makers(rows: Any) -> None:
    row = {"input": None, **rows["record"](1)}
    assert id_of({**row, "record_id": record_id(row)}) == record_id(row)
    seed = seed_row({"instruction": "What is asthma?", "output": "A disease of the airways.", "author": "dr_1",
                     "task_type": "question_answering", "licence": "CC0-1.0", "specialty": "respiratory_medicine",
                     "author_role": "clinician", "citation": "Guideline 12", "audience": "patient",
                     "language": "en", "difficulty": "1"})
    assert isinstance(seed, dict), seed
    whole = {"input": None, "rationale": None, "answer_key": None, **seed}
    assert id_of(whole) == seed["record_id"]  # as it is released, with null where a cell was empty
    assert id_of({**whole, "output": "Another."}) != seed["record_id"]


@pytest.mark.parametrize("value", [True, False, None, "7"])
def test_what_is_no_number_has_no_query(value: Any) -> None:
    assert list(leaves({"a": value})) == []


def test_rejected_rows_show_no_text_that_may_not_be_shown(make_inputs: Any, rows: Any, write: Any) -> None:
    from itd_pipeline.ports import reject
    from itd_pipeline.release.rejected import rejected_table
    from itd_pipeline.tables.rejects import REJECTS

    settings = make_inputs().settings
    given = [
        ("expert_seeds", "", "a", "wrong_cell", {"licence": "CC-BY-4.0", "output": "Fine."}),
        ("raw_sources", "terms", "b", "licence_forbids", {"licence": "CC-BY-NC-ND-4.0", "text": "Not ours."}),
        ("raw_sources", "terms", "c", "empty", {"text": "The source's own licence holds."}),
        ("filtered_set", "", "d", "residual_identifiers", {"licence": "CC0-1.0", "output": "Call 212-555-0199."}),
        ("filtered_set", "", "e", "benchmark_contamination", {"licence": "CC0-1.0", "output": "An item."}),
        ("cleaned_text", "letters", "MRN-7", "boilerplate", {"licence": "CC0-1.0", "text": "A patient's."}),
        ("human_evaluation", "", "f", "unreadable", {"licence": "CC0-1.0", "comment": "Mine."}),
        ("expert_seeds", "", "g", "recalled", {"licence": "CC0-1.0"}),
        ("filtered_set", "", "h", "x", {"output": "No licence."}),
    ]
    table = rejected_table(REJECTS.from_rows([reject(s, p, i, r, "detail", row, parent_id="up")
                                              for s, p, i, r, row in given]), settings)
    found = {row["row_id"]: (row["withheld"], row["row"] is not None) for row in table.to_pylist()}
    assert found == {
        "a": (None, True), "b": ("licence", False), "c": (None, True), "d": ("identifiers", False),
        "e": ("benchmark", False), "g": ("recalled", False), "h": ("licence", False),
        "withheld-000001": ("patient data", False), "withheld-000002": ("patient data", False)}
    closed = [row for row in table.to_pylist() if row["row_id"].startswith("withheld")]
    assert {(row["parent_id"], row["detail"]) for row in closed} == {(None, None)}
    assert isinstance(table, pa.Table)
