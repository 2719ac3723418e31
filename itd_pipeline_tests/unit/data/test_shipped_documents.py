"""The documents in data/documents: enough of them, well labelled, and the planted identifiers where they should be."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from itd_pipeline.tables.vocabularies import AUDIENCE, SPECIALTY, UNSPECIFIED

ROOT = Path(__file__).resolve().parents[3] / "data" / "documents"
KINDS = {"leaflets": "leaflet", "guidelines": "guideline", "monographs": "monograph"}
WORDS = {"leaflet": (350, 600), "guideline": (400, 700), "monograph": (350, 600)}
NOTICE = "*Illustrative text written for itd_pipeline. Not medical advice.*"
CLASSES = {
    "name", "date", "phone", "fax", "email", "ssn", "mrn", "account", "plan", "licence", "address", "hospital",
    "device", "vehicle", "url", "ip", "age_over_89", "other_id",
}  # fmt: skip
NOTES = ROOT / "clinical_notes"
KNOWLEDGE_FILES = sorted(path for folder in KINDS for path in (ROOT / folder).glob("*.md"))
NOTE_FILES = sorted(NOTES.glob("*.md"))


def _read(path: Path) -> tuple[dict[str, Any], str]:
    match = re.fullmatch(r"---\n(.*?)\n---\n\n(.*)", path.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None, "no front matter"
    return yaml.safe_load(match[1]), match[2]


@cache
def _planted() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((NOTES / "planted_identifiers.yaml").read_text(encoding="utf-8"))
    return loaded


def _occurs(part: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def _identify(path: Path) -> str:
    return path.name


def test_there_are_enough_documents_in_enough_specialties() -> None:
    counts = Counter(path.parent.name for path in KNOWLEDGE_FILES)
    assert counts["leaflets"] >= 14
    assert counts["guidelines"] >= 8
    assert counts["monographs"] >= 8
    assert len({_read(path)[0]["specialty"] for path in KNOWLEDGE_FILES}) >= 12


def test_there_are_enough_notes_and_patients_with_two() -> None:
    patients = Counter(_read(path)[0]["patient"] for path in NOTE_FILES)
    assert len(NOTE_FILES) >= 14
    assert sum(count >= 2 for count in patients.values()) >= 3


def test_ids_are_unique() -> None:
    ids = [_read(path)[0]["id"] for path in KNOWLEDGE_FILES + NOTE_FILES]
    assert len(ids) == len(set(ids))


def test_a_sources_folder_holds_documents_only() -> None:
    """A README there would be read as a document."""
    for folder in (*KINDS, "clinical_notes"):
        assert not [path.name for path in (ROOT / folder).rglob("*") if path.stem.lower() == "readme"]


@pytest.mark.parametrize("path", KNOWLEDGE_FILES, ids=_identify)
def test_a_document_is_labelled(path: Path) -> None:
    keys, body = _read(path)
    kind = KINDS[path.parent.name]
    assert keys["id"] == f"{kind}-{path.stem}"
    assert keys["kind"] == kind
    assert keys["title"].strip()
    assert keys["specialty"] in set(SPECIALTY) - {UNSPECIFIED}
    assert keys["audience"] in set(AUDIENCE) - {UNSPECIFIED}
    assert keys["language"] == "en"
    assert keys["licence"] == "CC0-1.0"
    assert re.fullmatch(r"20[12]\d", keys["evidence_date"])
    assert keys["illustrative"] is True
    assert body.startswith(NOTICE + "\n\n## ")


@pytest.mark.parametrize("path", KNOWLEDGE_FILES, ids=_identify)
def test_a_document_has_sections_of_a_readable_length(path: Path) -> None:
    keys, body = _read(path)
    shortest, longest = WORDS[keys["kind"]]
    text = body.removeprefix(NOTICE)
    assert shortest <= len(text.split()) <= longest
    sections = re.split(r"^## .+\n", text, flags=re.MULTILINE)[1:]
    assert len(sections) >= 5
    assert all(len(section.split()) >= 25 for section in sections)


@pytest.mark.parametrize("path", [path for path in KNOWLEDGE_FILES if path.parent.name == "guidelines"], ids=_identify)
def test_recommendations_are_numbered_without_a_gap(path: Path) -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", _read(path)[1], re.MULTILINE)]
    assert len(numbers) >= 10
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", NOTE_FILES, ids=_identify)
def test_a_note_is_labelled_as_invented(path: Path) -> None:
    keys, _ = _read(path)
    assert keys["id"] == f"note-{path.stem}"
    assert keys["kind"] == "note"
    assert keys["specialty"] in set(SPECIALTY) - {UNSPECIFIED}
    assert keys["audience"] in AUDIENCE
    assert re.fullmatch(r"pt-\d{3}", keys["patient"])
    assert keys["language"] == "en"
    assert keys["licence"] == "CC0-1.0"
    assert keys["illustrative"] is True
    assert keys["notice"].startswith("Invented patient.")


def test_every_note_has_its_list_of_planted_identifiers() -> None:
    assert sorted(_planted()) == [path.name for path in NOTE_FILES]


def test_every_class_of_identifier_is_planted() -> None:
    assert {entry["class"] for note in _planted().values() for entry in note["planted"]} == CLASSES


def test_an_age_over_89_is_planted_for_two_patients() -> None:
    old = {
        _read(NOTES / name)[0]["patient"]
        for name, note in _planted().items()
        if any(entry["class"] == "age_over_89" for entry in note["planted"])
    }
    assert len(old) >= 2


@pytest.mark.parametrize("path", NOTE_FILES, ids=_identify)
def test_what_is_listed_stands_in_the_note(path: Path) -> None:
    keys, body = _read(path)
    note = _planted()[path.name]
    texts = [entry["text"] for entry in note["planted"]]
    assert len(texts) >= 15
    assert [text for text in texts if not _occurs(text, body)] == []
    assert [part for part in note["name_parts"] if not _occurs(part, body)] == []
    assert note["must_survive"]
    assert [text for text in note["must_survive"] if text not in body] == []
    assert [text for text in texts if _occurs(text, keys["title"])] == []


@pytest.mark.parametrize("path", NOTE_FILES, ids=_identify)
def test_nothing_that_must_survive_is_itself_planted(path: Path) -> None:
    note = _planted()[path.name]
    hidden = [entry["text"] for entry in note["planted"]] + note["name_parts"]
    assert [kept for kept in note["must_survive"] if any(_occurs(part, kept) for part in hidden)] == []


@pytest.mark.parametrize("path", NOTE_FILES, ids=_identify)
def test_identifiers_are_from_reserved_ranges(path: Path) -> None:
    fiction = re.compile(r"555\D?01\d\d|020 7946 0|01632 960|07700 900|0113 496 0|0191 498 0")
    for entry in _planted()[path.name]["planted"]:
        text, kind = entry["text"], entry["class"]
        if kind in {"phone", "fax"}:
            assert fiction.search(text), kind
        elif kind in {"email", "url"}:
            assert re.search(r"\bexample\.(?:org|com)\b", text), kind
        elif kind == "ssn":
            assert text.startswith("999"), kind
        elif kind == "ip":
            assert text.startswith(("192.0.2.", "198.51.100.", "203.0.113.")), kind
