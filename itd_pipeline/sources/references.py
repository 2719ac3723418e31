"""Files of references as databases and reference managers export them: what names a publication, of each entry.

Belongs here: RIS, NBIB (MEDLINE), EndNote XML and tables, read into the fields that tell publications apart. Does not
belong here: abstracts as documents (`readers/citations.py`), or which entries are one publication
(`similarity/citations.py`).

An entry without an abstract is an entry all the same, so that counts are those of the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.errors import SourceError
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem, decode, read_unpacked, read_whole
from itd_pipeline.sources.outline import fold
from itd_pipeline.sources.readers.citations import Fields, nbib_entries, ris_entries

_MOST_BYTES = 1 << 30
_RIS_NAMES = {"title": ("TI", "T1", "CT"), "year": ("PY", "Y1", "DA"), "volume": ("VL",), "doi": ("DO",),
              "identity": ("AN", "ID"), "label": ("C1", "LB")}
_NBIB_NAMES = {"title": ("TI", "BTI"), "year": ("DP",), "volume": ("VI",), "pages": ("PG",), "identity": ("PMID",)}
_XML_NAMES = {"title": "titles/title", "year": "dates/year", "volume": "volume", "pages": "pages",
              "doi": "electronic-resource-num", "identity": "accession-num", "label": "caption"}
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "article title", "ti"), "authors": ("authors", "author", "au"),
    "year": ("year", "publication year", "date", "py"), "volume": ("volume", "vl"), "pages": ("pages", "page", "pg"),
    "doi": ("doi", "do"), "identity": ("id", "pmid", "accession number", "identity"), "label": ("label", "caption"),
}
_AUTHORS_APART = re.compile(r"\s*;\s*|\s+and\s+|\n")


@dataclass(frozen=True)
class Reference:
    """An entry of a file; what it does not say is empty.

    Args:
        number: its place in the file, from 1.
        identity: the database's own number.
        title, authors, year, volume, pages, doi: as written.
        label: EndNote's caption, the column `label`, or RIS's field LB or C1: what people marked it with.
    """

    number: int
    identity: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    year: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    label: str = ""

    @property
    def fields_known(self) -> int:
        """How many of the fields that name a publication are there."""
        return sum(map(bool, (self.title, self.authors, self.year, self.volume, self.pages, self.doi)))


def read_references(path: Path) -> list[Reference]:
    """Every entry of a file in its order: RIS, NBIB, EndNote XML, CSV or TSV, plain or gzip.

    Raises:
        SourceError: the file cannot be read, or is none of these.
    """
    try:
        packed = path.suffix.lower() == ".gz"
        data = read_unpacked(path, _MOST_BYTES) if packed else read_whole(path, _MOST_BYTES)
        name = path.stem if packed else path.name
        if name.lower().endswith((".csv", ".tsv")):
            entries = _of_table(decode(data), "\t" if name.lower().endswith(".tsv") else ",")
        elif data.lstrip()[:1] == b"<":
            entries = _of_endnote(data)
        else:
            entries = _of_lines(decode(data))
        return [Reference(number, **entry) for number, entry in enumerate(entries, start=1)]
    except FileProblem as problem:
        raise SourceError(f"{path.name}: {problem.reason} ({problem.detail}).",
                          "Export it as RIS, NBIB, EndNote XML, or CSV with a column title.") from problem


def _of_lines(text: str) -> Iterator[dict[str, Any]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.startswith("TY  -"):
        for fields in ris_entries(text):
            entry = _named(fields, _RIS_NAMES)
            pages = "-".join(value for name in ("SP", "EP") for value in fields.get(name, ())[:1] if value)
            yield {**entry, "authors": _authors(fields, "AU", "A1"), "pages": pages}
    elif re.match(r"[A-Z]{2,4} *- ", first):
        for fields in nbib_entries(text):
            doi = next((value.split(" ")[0] for name in ("LID", "AID") for value in fields.get(name, ())
                        if "[doi]" in value), "")
            yield {**_named(fields, _NBIB_NAMES), "authors": _authors(fields, "FAU", "AU"), "doi": doi}
    else:
        raise FileProblem("other_layout", "neither RIS nor NBIB")


def _named(fields: Fields, names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {role: next((fold(fields[tag][0]) for tag in tags if fields.get(tag)), "") for role, tags in names.items()}


def _authors(fields: Fields, *tags: str) -> tuple[str, ...]:
    return next((tuple(filter(None, map(fold, fields[tag]))) for tag in tags if fields.get(tag)), ())


def _of_endnote(data: bytes) -> Iterator[dict[str, Any]]:
    root = parse_xml(data)
    records = [element for element in root.iter() if local_name(element) == "record"]
    if not records:
        raise FileProblem("other_layout", "no element `record`, as EndNote writes them")
    for record in records:
        entry: dict[str, Any] = {role: _said(record, path) for role, path in _XML_NAMES.items()}
        authors = record.findall("contributors/authors/author")
        yield {**entry, "authors": tuple(filter(None, (fold("".join(a.itertext())) for a in authors)))}


def _said(record: Any, path: str) -> str:
    return fold(" ".join("".join(element.itertext()) for element in record.findall(path)))


def _of_table(text: str, delimiter: str) -> Iterator[dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    at = _columns(rows.fieldnames or ())
    if "title" not in at:
        raise FileProblem("other_layout", f"no column title; there are {', '.join(rows.fieldnames or ()) or 'none'}")
    for row in rows:
        entry: dict[str, Any] = {role: fold(row.get(column) or "") for role, column in at.items()}
        yield {**entry, "authors": tuple(filter(None, _AUTHORS_APART.split(entry.get("authors", ""))))}


def _columns(names: Iterable[str]) -> dict[str, str]:
    """Role -> column, by the names that databases give them, whatever the case."""
    by_name = {name.strip().lower(): name for name in names if name}
    return {role: by_name[found] for role, known in _COLUMNS.items()
            if (found := next((name for name in known if name in by_name), None))}
