"""Citations with abstracts as reference managers keep them: NBIB (MEDLINE), RIS and PubTator text.

Belongs here: one reader per line-tagged format, one document per record with an abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.streams import FileProblem, decode
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import fold
from itd_pipeline.sources.readers.jats import notice_in_title

_NBIB = re.compile(r"^([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)$")
_RIS = re.compile(r"^([A-Z][A-Z0-9])  - ?(.*)$")
_PUBTATOR = re.compile(r"^(\d+)\|([ta])\|(.*)$")
_NOTICE_TYPES = {"retracted publication": "retracted", "retraction of publication": "retraction",
                 "published erratum": "correction", "expression of concern": "expression_of_concern"}
Fields = dict[str, list[str]]


class CitationsReader(FileReader):
    """See the module."""

    name = "citations"
    description = "Citations in NBIB (MEDLINE) or RIS, .nbib, .ris or .txt: one document per record with an abstract."
    suffixes = (".nbib", ".ris", ".txt", ".medline")

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        text = decode(file.data)
        first = next((line for line in text.splitlines() if line.strip()), "")
        ris = first.startswith("TY  -")
        if not ris and not re.match(r"[A-Z]{2,4} *- ", first):
            raise FileProblem("other_layout", "neither NBIB nor RIS")
        for number, fields in enumerate(ris_entries(text) if ris else nbib_entries(text), start=1):
            yield _document(fields, f"{file.origin}#{number}", ris)


class PubtatorReader(FileReader):
    """Titles and abstracts in PubTator's `id|t|title`, `id|a|abstract`; annotations go to the attributes."""

    name = "pubtator"
    description = "PubTator text, .txt or .pubtator: one document per abstract; annotations become attributes."
    suffixes = (".txt", ".pubtator")

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        entries = [block for block in re.split(r"(?:\r?\n[ \t]*){2,}", decode(file.data).strip()) if block.strip()]
        if not entries or not _PUBTATOR.match(entries[0].splitlines()[0]):
            raise FileProblem("other_layout", "no id|t|title line at its start")
        for number, block in enumerate(entries, start=1):
            parts: dict[str, str] = {}
            pmid, annotations = "", []
            for line in block.splitlines():
                if found := _PUBTATOR.match(line):
                    pmid, parts[found[2]] = found[1], found[3]
                elif line.count("\t") >= 4:
                    cells = line.split("\t")
                    annotations.append({"start": cells[1], "end": cells[2], "text": cells[3], "type": cells[4],
                                        "id": cells[5] if len(cells) > 5 else ""})
            origin = f"{file.origin}#{number}"
            title, abstract = parts.get("t", "").strip(), parts.get("a", "").strip()
            if not abstract:
                yield TurnedAway(origin, "no_abstract", f"pmid={pmid or 'none'}", {"pmid": pmid, "title": title})
                continue
            yield Draft(external_id=pmid or origin, text=abstract, origin=origin, title=title,
                        attributes={"annotations": annotations} if annotations else {})


def nbib_entries(text: str) -> Iterator[Fields]:
    """Tag -> values of each entry of a NBIB file."""
    fields: Fields = {}
    last: list[str] | None = None
    for line in text.splitlines():
        found = _NBIB.match(line)
        if found:
            if found[1] == "PMID" and fields:
                yield fields
                fields = {}
            last = fields.setdefault(found[1], [])
            last.append(found[2].strip())
        elif line.startswith(" ") and last:
            last[-1] += " " + line.strip()
    if fields:
        yield fields


def ris_entries(text: str) -> Iterator[Fields]:
    """Tag -> values of each entry of a RIS file."""
    fields: Fields = {}
    last: list[str] | None = None
    for line in text.splitlines():
        found = _RIS.match(line.rstrip() + " " if len(line.rstrip()) == 5 else line)
        if found and found[1] == "ER":
            yield fields
            fields, last = {}, None
        elif found:
            last = fields.setdefault(found[1], [])
            last.append(found[2].strip())
        elif last and line.strip():
            last[-1] += " " + line.strip()
    if fields:
        yield fields


def _document(fields: Mapping[str, list[str]], origin: str, ris: bool) -> Draft | TurnedAway:
    def one(*names: str) -> str:
        return next((fold(" ".join(fields[name])) for name in names if fields.get(name)), "")

    title = one("TI", "T1", "CT", "BTI")
    abstract = one("AB", "N2", "OAB")
    identity = one("PMID") if not ris else one("AN", "ID", "DO")
    doi = next((value.split(" ")[0] for name in ("LID", "AID", "DO") for value in fields.get(name, ())
                if "[doi]" in value or name == "DO"), "")
    kinds = fields.get("PT", []) if not ris else []
    reason = next((found for kind in kinds if (found := _NOTICE_TYPES.get(kind.lower()))), notice_in_title(title))
    row: dict[str, Any] = {key: list(values) for key, values in fields.items()}
    if reason or not abstract:
        return TurnedAway(origin, reason or "no_abstract", f"id={identity or 'none'}", row)
    year = re.match(r"\d{4}", one("DP", "PY", "Y1", "DA"))
    attributes = {"journal": one("JT", "TA", "JO", "T2", "JF"), "mesh_terms": list(fields.get("MH", ())),
                  "publication_types": list(kinds), "keywords": list(fields.get("OT", fields.get("KW", ()))),
                  "authors": list(fields.get("FAU", fields.get("AU", ()))), "doi": doi}
    return Draft(
        external_id=identity or origin, text=abstract, origin=origin, title=title,
        url=f"https://doi.org/{doi}" if doi else one("UR") or None, evidence_date=year[0] if year else None,
        language={"eng": "en"}.get(one("LA"), one("LA")[:2] or None),
        attributes={key: value for key, value in attributes.items() if value},
    )
