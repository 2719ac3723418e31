"""Gold sets in the formats that people have: BRAT, Presidio's JSON, inline tags, ASQ-PHI, JSONL.

Belongs here: reading; offsets are characters of the text as it is returned. Does not belong here: what labels mean.
"""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.errors import SourceError

FORMATS = ("brat", "presidio", "inline", "asq-phi", "jsonl")
_QUERY, _TAGS = "===QUERY===", "===PHI_TAGS==="
_INLINE = re.compile(r"<(?P<label>[A-Za-z][\w-]*)(?:\s[^<>]*)?>(?P<value>[^<>]*)</(?P=label)>"
                     r"|\[\[(?P<mark>[A-Za-z][\w -]*):(?P<marked>[^\[\]]*)\]\]")
_BRAT_LINE = re.compile(r"T\d+\t(?P<label>\S+) (?P<offsets>\d+ \d+(?:;\d+ \d+)*)\t")
_LARGEST = 1 << 30


@dataclass(frozen=True)
class GoldSpan:
    """An identifier that people have marked.

    Args:
        start: first character.
        end: one past the last character.
        label: as the set calls it.
    """

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class GoldText:
    """A text with its gold spans.

    Args:
        text_id: file name, or file name and number.
        text: what is de-identified.
        spans: what must be found.
    """

    text_id: str
    text: str
    spans: tuple[GoldSpan, ...]


def read_gold(path: Path, form: str | None = None) -> Iterator[GoldText]:
    """The texts of a gold set in order.

    Args:
        path: a file, a folder, or a .tar.gz of BRAT pairs.
        form: one of `FORMATS`; None looks at the files.

    Raises:
        SourceError: names the file, the row and what to do.
    """
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder.", "Give the path of the gold set.")
    form = form or _form_of(path)
    readers = {"brat": _brat, "presidio": _presidio, "inline": _inline, "asq-phi": _asq_phi, "jsonl": _jsonl}
    if form not in readers:
        raise SourceError(f"{form}: no such format of a gold set.", f"Formats: {', '.join(FORMATS)}.")
    yield from readers[form](path)


def _form_of(path: Path) -> str:
    if path.is_dir():
        return "brat" if any(path.rglob("*.ann")) else "inline"
    if path.name.endswith((".tar.gz", ".tgz")):
        return "brat"
    if path.name.endswith((".jsonl", ".jsonl.gz", ".ndjson")):
        return "jsonl"
    if path.name.endswith((".json", ".json.gz")):
        return "presidio"
    return "asq-phi" if _QUERY in _text_of(path) else "inline"


def _text_of(path: Path) -> str:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_LARGEST)
        return content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SourceError(f"{path.name}: cannot be read as UTF-8 text ({type(error).__name__}).",
                          "Save the file as UTF-8.") from error


def _brat(path: Path) -> Iterator[GoldText]:
    files = dict(_archived(path)) if path.is_file() else {
        str(file.relative_to(path)): _text_of(file) for file in sorted(path.rglob("*"))
        if file.suffix in {".txt", ".ann"} and file.is_file()}
    pairs = sorted(name for name in files if name.endswith(".ann"))
    if not pairs:
        raise SourceError(f"{path.name}: holds no .ann files.", "A BRAT set has NAME.txt beside each NAME.ann.")
    for name in pairs:
        text = files.get(name[:-4] + ".txt")
        if text is None:
            raise SourceError(f"{name}: its text {name[:-4]}.txt is missing.", "Put both files side by side.")
        spans = []
        for row, line in enumerate(files[name].splitlines(), 1):
            if not line.startswith("T"):
                continue
            match = _BRAT_LINE.match(line)
            if match is None:
                raise SourceError(f"{name}, row {row}: no annotation in BRAT's form.",
                                  "Rows are `T1<tab>LABEL START END<tab>text`.")
            for piece in match["offsets"].split(";"):
                start, end = map(int, piece.split())
                spans.append(_span(name, row, text, start, end, match["label"]))
        yield GoldText(name[:-4], text, tuple(spans))


def _archived(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith((".txt", ".ann")):
                stream = archive.extractfile(member)
                if stream is not None:
                    yield member.name, stream.read(_LARGEST).decode("utf-8-sig")


def _span(name: str, row: int, text: str, start: Any, end: Any, label: Any) -> GoldSpan:
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        raise SourceError(f"{name}, row {row}: the span {start} to {end} lies outside of the text of {len(text)} "
                          "characters.", "Offsets are characters, the end is exclusive.")
    return GoldSpan(start, end, str(label))


def _presidio(path: Path) -> Iterator[GoldText]:
    rows = _loaded(path.name, 1, _text_of(path))
    if not isinstance(rows, list):
        raise SourceError(f"{path.name}: is no list.", "Presidio's JSON is a list of {full_text, spans}.")
    for number, row in enumerate(rows, 1):
        yield _record(path.name, number, row)


def _jsonl(path: Path) -> Iterator[GoldText]:
    for number, line in enumerate(_text_of(path).splitlines(), 1):
        if line.strip():
            yield _record(path.name, number, _loaded(path.name, number, line))


def _loaded(name: str, number: int, text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"{name}, row {number}: is no JSON.", "Save it again as JSON.") from error


def _record(name: str, number: int, row: Any) -> GoldText:
    """One record of Presidio's kind, or of the kind {text, spans: [[start, end, label]]}."""
    text = row.get("full_text", row.get("text")) if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise SourceError(f"{name}, row {number}: no text.", "A record has `full_text` or `text`, and `spans`.")
    spans = []
    for span in row.get("spans", row.get("label", [])) or []:
        if isinstance(span, dict):
            found = (span.get("start_position", span.get("start")), span.get("end_position", span.get("end")),
                     span.get("entity_type", span.get("label")))
        elif isinstance(span, list) and len(span) == 3:
            found = (span[0], span[1], span[2])
        else:
            raise SourceError(f"{name}, row {number}: a span is neither an object nor [start, end, label].",
                              "Write spans as [start, end, label].")
        spans.append(_span(name, number, text, *found))
    return GoldText(f"{name}:{number}", text, tuple(spans))


def _inline(path: Path) -> Iterator[GoldText]:
    files = [path] if path.is_file() else sorted(
        file for file in path.rglob("*") if file.suffix in {".txt", ".xml", ".html"} and file.is_file())
    if not files:
        raise SourceError(f"{path.name}: holds no .txt, .xml or .html files.", "Give the folder of the tagged texts.")
    for file in files:
        source, pieces, spans, position, length = _text_of(file), [], [], 0, 0
        for match in _INLINE.finditer(source):
            before = source[position : match.start()]
            value = match["value"] if match["value"] is not None else match["marked"]
            pieces += [before, value]
            start = length + len(before)
            length = start + len(value)
            if value.strip():
                spans.append(GoldSpan(start, length, match["label"] or match["mark"]))
            position = match.end()
        pieces.append(source[position:])
        yield GoldText(file.name, "".join(pieces), tuple(spans))


def _asq_phi(path: Path) -> Iterator[GoldText]:
    """Queries of ASQ-PHI (Asgari et al., 2025): values without offsets, in the order in which they stand."""
    for number, block in enumerate(_text_of(path).split(_QUERY)[1:], 1):
        query, _, tags = block.partition(_TAGS)
        text, spans, taken = query.strip(), [], dict[str, int]()
        for line in tags.splitlines():
            if not line.strip().startswith("{"):
                continue
            tag = _loaded(path.name, number, line)
            value = tag["value"]
            start = text.find(value, taken.get(value, 0))
            start = text.find(value) if start < 0 else start
            if start < 0:
                raise SourceError(f"{path.name}, query {number}: a tagged value does not stand in the query.",
                                  "Values are written exactly as in the text.")
            taken[value] = start + len(value)
            spans.append(GoldSpan(start, start + len(value), tag["identifier_type"]))
        yield GoldText(f"{path.name}:{number}", text, tuple(spans))
