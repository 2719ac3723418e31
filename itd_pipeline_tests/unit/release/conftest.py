"""Small release inputs, built in code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from itd_pipeline.ports import reject
from itd_pipeline.release.content import ReleaseContent, ReleaseInputs
from itd_pipeline.settings import Dataset, Licensing, Release, Settings, Source
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.records import DEFAULTS, FILTERED
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import METRICS

Row = dict[str, Any]
MakeInputs = Callable[..., ReleaseInputs]
_MEASURES: list[Row] = [
    {"section": "signals", "metric": "refusals", "group": "", "value": 0.0, "note": "count"},
    {"section": "human", "metric": "kappa", "group": "", "value": None, "note": "score; nobody has rated"},
]


def record(number: int, **more: Any) -> Row:
    """Record r<number> of document d<number> and passage p<number>, group g<number>."""
    return {
        **DEFAULTS, "record_id": f"r{number:03}", "instruction": f"What is finding {number}?",
        "output": f"Finding {number} is a sign — of something.", "task_type": "question_answering",
        "route": "template", "author": "template:definition", "author_role": "program", "source": "terms",
        "document_ids": [f"d{number}"], "passage_ids": [f"p{number}"], "group_id": f"g{number}",
        "licence": "CC-BY-4.0", "prompt_id": "definition", "prompt_hash": "a" * 64,
        "citations": [{"passage_id": f"p{number}", "start": 0, "end": 4, "quote": "Find", "reference": ""}],
        **more,
    }


def passage(number: int, **more: Any) -> Row:
    return {
        "passage_id": f"p{number}", "document_id": f"d{number}", "source": "terms", "group_id": f"g{number}",
        "ordinal": 0, "title": "T", "section": "", "text": f"Finding {number}.", "start": 10, "end": 21,
        "word_count": 2, "language": "en", "specialty": "unspecified", "audience": "unspecified",
        "licence": "CC-BY-4.0", "patient_data": False, "privacy_status": "no_patient_data",
        "identifier_classes": [], "attributes": "{}", **more,
    }


def document(number: int, **more: Any) -> Row:
    return {
        "document_id": f"d{number}", "source": "terms", "external_id": f"HP:{number}", "group_id": f"g{number}",
        "title": "T", "text": f"Heading.  Finding {number}.", "specialty": "unspecified",
        "audience": "unspecified", "url": f"https://example.org/{number}", "licence": "CC-BY-4.0",
        "origin": "terms.obo#1", "retrieved_on": "2026-03-02", "patient_data": False, "attributes": "{}",
        "content_hash": "c" * 64, **more,
    }


def settings(**release: Any) -> Settings:
    return Settings(
        profile="tiny",
        dataset=Dataset(name="tiny-itd", title="Tiny dataset", description="Findings.", publisher="Ward 7"),
        sources={
            "terms": Source(reader="hpo", licence="CC-BY-4.0", attribution="The Term Consortium"),
            "letters": Source(reader="jsonl", licence="LicenseRef-ward", patient_data=True),
        },
        release=Release(**{"validation_share": 0.3, "test_share": 0.3, **release}),
        licensing=Licensing(custom={"LicenseRef-ward": {
            "redistribution": True, "commercial_use": True, "derivatives": True}}),
    )


def inputs_of(
    records: list[Row] | pa.Table | None = None, passages: list[Row] | None = None,
    documents: list[Row] | None = None, review: Mapping[str, Any] | None = None,
    release: Mapping[str, Any] | None = None, **more: Any,
) -> ReleaseInputs:
    """Inputs of given records; passages and documents follow the numbers 0 to 29 unless they are given."""
    if records is None:
        records = [record(n) for n in range(30)]
    made = settings(**(release or {}))
    values: dict[str, Any] = {
        "records": records if isinstance(records, pa.Table) else FILTERED.from_rows(records),
        "passages": PASSAGES.from_rows([passage(n) for n in range(30)] if passages is None else passages),
        "documents": DOCUMENTS.from_rows([document(n) for n in range(30)] if documents is None else documents),
        "settings": made,
        "review": review or {"status": "not reviewed"},
        "funnel": [
            {"stage": "filtered_set", "partition": "", "unit": "record", "units_in": 40, "rows_out": 30,
             "rejected": {"too_short_output": 10}},
            {"stage": "raw_sources", "partition": "terms", "unit": "document", "units_in": 31, "rows_out": 30,
             "rejected": 1},
        ],
        "metrics": METRICS.from_rows(_MEASURES),
        "report_html": b'<p><data value="0.0" data-key="signals|refusals|">0</data></p>',
        "report_json": json.dumps({"metrics": METRICS.from_rows(_MEASURES).to_pylist()}).encode(),
        "policy": "rules:\n  - name: output_length\n    reason: too_short_output\n    at_least: 5\n",
        "prompts": {"definition.j2": "Define {{ term }}."},
        "rejects": REJECTS.from_rows([
            *(reject("filtered_set", "", f"x{n}", "too_short_output", "words=1", {"licence": "CC-BY-4.0"})
              for n in range(10)), reject("raw_sources", "terms", "y", "not recorded", "", {})]),
        "config": yaml.safe_dump(made.model_dump(mode="json", exclude={"root", "lake"})),
        "versions": {"pyarrow": pa.__version__}, "code_version": "0.1.0",
        **more,
    }
    return ReleaseInputs(**values)


@pytest.fixture
def make_inputs() -> MakeInputs:
    """`inputs_of`, for tests."""
    return inputs_of


@pytest.fixture
def write(tmp_path: Path) -> Callable[[ReleaseContent], Path]:
    """Write a release the way the storage layer does, without its care."""

    def to_folder(content: ReleaseContent) -> Path:
        folder = tmp_path / content.version
        for path, raw in content.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(raw)
        return folder

    return to_folder


@pytest.fixture
def rows() -> dict[str, Callable[..., Row]]:
    """The makers of rows by name, for tests that change one."""
    return {"record": record, "passage": passage, "document": document}
