"""Drug labels in HL7's Structured Product Labeling (DailyMed, openFDA): one document per label.

Belongs here: the label's header and its sections by LOINC code. Does not belong here: the narrative (`markup.py`).
Format: HL7 SPL, as the FDA publishes it; DailyMed's downloads hold one zip per label inside a zip, which is read too.

The text of a label is the work of its labeler, published by a US agency; the licence is the profile's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import Outline, fold
from itd_pipeline.sources.readers.markup import flow, words

_LOINC = "2.16.840.1.113883.6.1"
_UNCLASSIFIED = "42229-5"
_NO_TEXT = frozenset({"48780-1"})
"""SPL product data elements: a list of codes, repeated in words elsewhere."""


class SplReader(FileReader):
    """See the module."""

    name = "spl"
    description = "Drug labels in SPL (DailyMed, openFDA), .xml or zips of them: one document per label."
    suffixes = (".xml",)

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        root = parse_xml(file.data)
        body = root.find("{*}component/{*}structuredBody")
        if local_name(root) != "document" or body is None:
            raise FileProblem("other_layout", f"no drug label; the root is {local_name(root)}")
        yield _label(root, body, file.origin)


def _label(root: Any, body: Any, origin: str) -> Draft | TurnedAway:
    outline = Outline()
    codes: list[str] = []
    for component in body.iterchildren("{*}component"):
        _section(component.find("{*}section"), outline, 1, codes)
    products = _products(root)
    title = words(root.find("{*}title")) or (products[0]["name"] if products else "") or "Drug label"
    set_id = _attribute(root.find("{*}setId"), "root")
    version = _attribute(root.find("{*}versionNumber"), "value")
    kind = root.find("{*}code")
    maker = root.find("{*}author/{*}assignedEntity/{*}representedOrganization/{*}name")
    attributes: dict[str, Any] = {
        "set_id": set_id, "version": version, "label_id": _attribute(root.find("{*}id"), "root"),
        "document_type": _attribute(kind, "displayName"), "document_code": _attribute(kind, "code"),
        "labeler": words(maker), "products": products, "section_codes": sorted(set(codes)),
    }
    attributes = {key: value for key, value in attributes.items() if value}
    external_id = f"{set_id}:{version}" if set_id else origin
    if not outline.text:
        return TurnedAway(origin, "no_text", "no section with text", {"external_id": external_id, "title": title,
                                                                      "attributes": attributes})
    date = _attribute(root.find("{*}effectiveTime"), "value")[:8]
    return Draft(
        external_id=external_id, text=outline.text, origin=origin, title=title, group=set_id or None,
        url=f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={set_id}" if set_id else None,
        evidence_date=f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdigit() else None,
        attributes=attributes, sections=outline.sections,
    )


def _section(section: Any, outline: Outline, level: int, codes: list[str]) -> None:
    if section is None:
        return
    code = section.find("{*}code")
    loinc = _attribute(code, "code") if _attribute(code, "codeSystem") == _LOINC else ""
    if loinc in _NO_TEXT:
        return
    if loinc:
        codes.append(loinc)
    named = "" if loinc == _UNCLASSIFIED else _attribute(code, "displayName").capitalize()
    outline.heading(words(section.find("{*}title")) or named, level, loinc)
    text = section.find("{*}text")
    if text is not None:
        flow(text, outline, level + 1)
    for component in section.iterchildren("{*}component"):
        _section(component.find("{*}section"), outline, level + 1, codes)
    outline.close(level)


def _products(root: Any) -> list[dict[str, Any]]:
    found = []
    for product in root.iter("{*}manufacturedProduct", "{*}manufacturedMedicine"):
        name = product.find("{*}name")
        if name is None:
            continue
        entry = {
            "name": words(name), "ndc": _attribute(product.find("{*}code"), "code"),
            "generic": fold(words(product.find(".//{*}genericMedicine/{*}name"))),
            "form": _attribute(product.find("{*}formCode"), "displayName"),
            "ingredients": sorted({words(e) for e in product.iterfind(
                "{*}ingredient/{*}ingredientSubstance/{*}name")} | {words(e) for e in product.iterfind(
                    "{*}activeIngredient/{*}activeIngredientSubstance/{*}name")}),
        }
        found.append({key: value for key, value in entry.items() if value})
    return found


def _attribute(element: Any, name: str) -> str:
    return "" if element is None else (element.get(name) or "")
