"""The clinical notes that ship with the project: nothing planted in them survives cleaning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from itd_pipeline.settings import Cleaning
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import clean

NOTES = Path(__file__).resolve().parents[3] / "data" / "documents" / "clinical_notes"
PLANTED = NOTES / "planted_identifiers.yaml"
REQUIRED = {"name", "date", "phone", "email", "ssn", "mrn", "address", "hospital", "fax", "url", "ip", "account",
 "plan",
            "licence", "device", "vehicle", "age_over_89"}

pytestmark = pytest.mark.skipif(not PLANTED.is_file(), reason="the shipped clinical notes are absent")


@pytest.fixture(scope="module")
def cleaned() -> dict[str, str]:
    documents = []
    for path in sorted(NOTES.glob("*.md")):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        meta: dict[str, Any] = yaml.safe_load(front)
        documents.append({
            "document_id": path.name, "source": "clinical_notes", "external_id": path.name,
            "group_id": str(meta.get("patient", path.name)), "title": str(meta.get("title", "")), "text": body,
            "specialty": "unspecified", "audience": "unspecified", "licence": "CC0-1.0", "origin": path.name,
            "patient_data": True, "attributes": "{}", "content_hash": "x",
        })
    texts = {document["document_id"]: "" for document in documents}
    for batch in clean([DOCUMENTS.from_rows(documents)], "clinical_notes", Cleaning()):
        for row in batch.rows.to_pylist():
            texts[row["document_id"]] += "\n".join(("", row["title"], row["section"], row["text"]))
        for row in batch.rejects.to_pylist():
            texts[row["parent_id"]] += "\n" + row["row"]
    return texts


def _stands(text: str, within: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", within) is not None


def test_no_planted_identifier_survives(cleaned: dict[str, str]) -> None:
    planted = yaml.safe_load(PLANTED.read_text(encoding="utf-8"))
    left = [(name, item["class"], item["text"]) for name, entry in planted.items() for item in entry["planted"]
            if item["class"] in REQUIRED and _stands(item["text"], cleaned[name])]
    assert left == []


def test_no_part_of_a_planted_name_survives(cleaned: dict[str, str]) -> None:
    planted = yaml.safe_load(PLANTED.read_text(encoding="utf-8"))
    left = [(name, part) for name, entry in planted.items() for part in entry["name_parts"]
            if _stands(part, cleaned[name])]
    assert left == []


def test_medicine_survives(cleaned: dict[str, str]) -> None:
    planted = yaml.safe_load(PLANTED.read_text(encoding="utf-8"))
    lost = [(name, text) for name, entry in planted.items() for text in entry["must_survive"]
            if text not in " ".join(cleaned[name].split())]
    assert lost == []
