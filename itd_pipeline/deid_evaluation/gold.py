"""Gold sets in the formats that people have: BRAT, Presidio's JSON, inline tags, ASQ-PHI, JSONL.

Belongs here: reading; offsets are characters of the text as it is returned. Does not belong here: what labels mean.
"""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.deid_evaluation.labels import class_of
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
        unplaced: marked values that do not stand in the text; they can neither be found nor missed.
    """

    text_id: str
    text: str
    spans: tuple[GoldSpan, ...]
    unplaced: int = 0


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
        spans: list[tuple[int, int, int, str, str | None]] = []
        for row, line in enumerate(files[name].split("\n"), 1):
            line = line.rstrip("\r")
            if not line.startswith("T"):
                continue
            match = _BRAT_LINE.match(line)
            if match is None:
                raise SourceError(f"{name}, row {row}: no annotation in BRAT's form.",
                                  "Rows are `T1<tab>LABEL START END<tab>text`.")
            pieces = [tuple(map(int, piece.split())) for piece in match["offsets"].split(";")]
            # Of a span in several pieces the row does not tell which words belong to which.
            value = line[match.end():] if len(pieces) == 1 else None
            spans += [(row, start, end, match["label"], value) for start, end in pieces]
        # Offsets of files with line ends of Windows were counted with or without the carriage return.
        plain = text.replace("\r\n", "\n")
        if plain != text and _misplaced(plain, spans) < _misplaced(text, spans):
            text = plain
        yield GoldText(name[:-4], text, tuple(_span(name, row, text, start, end, label, value, sure=True)
                                              for row, start, end, label, value in spans))


def _archived(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith((".txt", ".ann")):
                stream = archive.extractfile(member)
                if stream is not None:
                    yield member.name, stream.read(_LARGEST).decode("utf-8-sig")


def _misplaced(text: str, spans: Sequence[tuple[int, int, int, str, str | None]]) -> int:
    """How many spans do not hold the words that stand beside them."""
    return sum(value is not None and _folded(text[start:end]) != _folded(value) for _, start, end, _, value in spans)


def _span(
    name: str, row: int, text: str, start: Any, end: Any, label: Any, value: Any = None, sure: bool = False
) -> GoldSpan:
    """The span; where the offsets do not hold the value that stands beside them, the place of the value next to them.

    Args:
        sure: whether the format says that the value is copied from the text, so that it must stand there.
    """
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end):
        raise SourceError(f"{name}, row {row}: a span has no offsets, or its end is not behind its start.",
                          "Offsets are characters, the end is exclusive.")
    if isinstance(value, str) and value and _folded(text[start:end]) != _folded(value):
        places = [match.start() for match in re.finditer(re.escape(value), text)]
        if not places and sure:
            raise SourceError(f"{name}, row {row}: the span {start} to {end} does not hold the words beside it, and "
                              f"they stand "
                              "nowhere in the text.", "Export the set again: text and annotations are of different "
                                                      "versions.")
        if places:
            start = min(places, key=lambda place: abs(place - start))
            end = start + len(value)
    if end > len(text):
        raise SourceError(f"{name}, row {row}: the span {start} to {end} lies outside of the text of {len(text)} "
                          "characters.", "Offsets are characters, the end is exclusive.")
    return GoldSpan(start, end, str(label))


def _folded(text: str) -> str:
    return " ".join(text.split())


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
        found: tuple[Any, Any, Any, Any]
        if isinstance(span, dict):
            found = (span.get("start_position", span.get("start")), span.get("end_position", span.get("end")),
                     span.get("entity_type", span.get("label")), span.get("entity_value", span.get("value")))
        elif isinstance(span, list) and len(span) == 3:
            found = (span[0], span[1], span[2], None)
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
        _no_tag_left(file.name, "".join(pieces), {span.label for span in spans})
        yield GoldText(file.name, "".join(pieces), tuple(spans))


def _no_tag_left(name: str, text: str, labels: set[str]) -> None:
    """Raises where a tag of the set has no counterpart: its value would count as text without identifiers."""
    for match in re.finditer(r"</?(?P<label>[A-Za-z][\w-]*)>|\[\[(?P<mark>[A-Za-z][\w -]*):", text):
        label = match["label"] or match["mark"]
        if label in labels or (match["label"] and label.isupper() and class_of(label, {}) is not None):
            row = text.count("\n", 0, match.start()) + 1
            raise SourceError(f"{name}, row {row}: a tag {label} is not closed or not opened.",
                              "Write <NAME>…</NAME> or [[NAME:…]].")


def _asq_phi(path: Path) -> Iterator[GoldText]:
    """Queries of ASQ-PHI (Asgari et al., 2025): values without offsets, in the order in which they stand."""
    for number, block in enumerate(_text_of(path).split(_QUERY)[1:], 1):
        query, _, tags = block.partition(_TAGS)
        text, spans, taken, unplaced = query.strip(), [], dict[str, int](), 0
        for line in tags.splitlines():
            if not line.strip().startswith("{"):
                continue
            tag = _loaded(path.name, number, line)
            value = tag.get("value") if isinstance(tag, dict) else None
            if not isinstance(value, str) or not value or not isinstance(tag.get("identifier_type"), str):
                raise SourceError(f"{path.name}, query {number}: a tag has no `identifier_type` or no `value`.",
                                  "A tag is {\"identifier_type\": …, \"value\": …}.")
            start = text.find(value, taken.get(value, 0))
            start = text.find(value) if start < 0 else start
            if start < 0:  # written otherwise: other quotes, other capitals
                start = _plain(text).find(_plain(value))
            if start < 0:
                unplaced += 1
                continue
            taken[value] = start + len(value)
            spans.append(GoldSpan(start, start + len(value), tag["identifier_type"]))
        yield GoldText(f"{path.name}:{number}", text, tuple(spans), unplaced)


def _plain(text: str) -> str:
    """For a second look: small letters, straight quotes; of the same length."""
    small = "".join(letter if len(letter.lower()) != 1 else letter.lower() for letter in text)
    return small.translate({0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0xA0: " "})
