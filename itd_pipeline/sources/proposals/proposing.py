"""From what lies at a path to a reader, its columns and options, and what could not be told.

Belongs here: the decision. Does not belong here: marks of formats (`kinds.py`), names of columns (`columns.py`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError, SourceError
from itd_pipeline.sources.files.found import FileReader
from itd_pipeline.sources.proposals.columns import map_columns
from itd_pipeline.sources.proposals.kinds import PROSE, TABLES, Kind, kind_of
from itd_pipeline.sources.proposals.looking import Looked, Sample, look
from itd_pipeline.sources.proposals.tables import table_of
from itd_pipeline.sources.registry import readers

_CLEAR = 0.9
"""Share of the files that a reader must understand to be proposed without a question."""
_ALWAYS_PATIENTS = frozenset({"fhir", "ccda"})
_NEVER_PATIENTS = frozenset({"hpo", "icd10cm", "medquad", "jats", "pubmed", "citations", "pubtator", "spl", "openfda",
                             "medlineplus", "cnxml"})


@dataclass(frozen=True)
class Proposal:
    """What a source might be.

    Args:
        reader: name of the reader.
        why: by what it was known.
        columns: for tables, document field -> column.
        options: options that the reader needs.
        patient_data: True or False where format or columns say so, None where nothing does.
        notes: what the person should know, in sentences.
    """

    reader: str
    why: str
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    patient_data: bool | None = None
    notes: tuple[str, ...] = ()


def propose(path: Path, reader: str = "", columns: Mapping[str, str] | None = None) -> Proposal:
    """Look at a file, folder or archive and propose how to read it.

    Args:
        reader: the reader where the person has chosen one.
        columns: document field -> column, where the person has said so.

    Raises:
        SourceError: nothing can be opened, or no reader understands it.
        ConfigError: several readers might, or the columns cannot be told.
    """
    if reader and reader not in readers():
        raise SourceError(f"There is no reader {reader!r}.", f"Readers: {', '.join(readers())}.")
    found = look(path)
    kinds = [(sample, kind_of(sample)) for sample in found.samples]
    counts, reasons = _count(found, kinds)
    notes: list[str] = []
    if reader:
        why = "you chose it"
    else:
        reader = _decide(path, counts, reasons)
        why = next(kind.why for _, kind in kinds if _named(kind, kinds) == reader)
        notes += _left_over(counts, reasons, reader)
    if not found.complete:
        notes.append("There are more files than were looked at.")
    mine = [sample for sample, kind in kinds if _named(kind, kinds) == reader] or found.samples
    if found.packed and not isinstance(readers()[reader], FileReader):
        raise ConfigError(f"The reader {reader} does not look into archives.",
                          "Unpack it and give the file or folder inside.")
    if reader in TABLES:
        return _table(reader, why, mine, notes, columns or {})
    patients = True if reader in _ALWAYS_PATIENTS else False if reader in _NEVER_PATIENTS else None
    return Proposal(reader, why, patient_data=patients, notes=tuple(notes))


def _named(kind: Kind, kinds: list[tuple[Sample, Kind]]) -> str:
    """The reader of a kind; for prose `markdown` where any file of it has headings or front matter."""
    if kind.reader != PROSE:
        return kind.reader
    return "markdown" if any(other.headings for _, other in kinds if other.reader == PROSE) else "text"


def _count(found: Looked, kinds: list[tuple[Sample, Kind]]) -> tuple[Counter[str], Counter[str]]:
    """Files by reader, and those of no reader by why: what was opened stands for all of its suffix."""
    by_suffix: dict[str, list[Kind]] = defaultdict(list)
    for sample, kind in kinds:
        by_suffix[sample.suffix].append(kind)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for suffix, total in found.suffixes.items():
        opened = by_suffix.get(suffix) or [Kind("", f"no reader for {suffix or 'files without suffix'}")]
        for kind in opened:
            share = round(1000 * total / len(opened))
            if kind.reader:
                counts[_named(kind, kinds)] += share
            else:
                reasons[kind.why] += share
    thousandth: tuple[Counter[str], Counter[str]] = tuple(  # type: ignore[assignment]
        Counter({key: max(1, round(value / 1000)) for key, value in counter.items()}) for counter in (counts, reasons))
    return thousandth


def _decide(path: Path, counts: Counter[str], reasons: Counter[str]) -> str:
    if not counts:
        said = "; ".join(f"{why} ({number:,})" for why, number in reasons.most_common(5))
        raise SourceError(f"No reader understands {path}: {said}.", "`itd sources --readers` lists what is read.")
    reader, most = counts.most_common(1)[0]
    if most >= _CLEAR * counts.total():
        return reader
    listed = ", ".join(f"{name} ({number:,} files)" for name, number in counts.most_common())
    raise ConfigError(f"{path} holds files for several readers: {listed}.",
                      f"Choose one with --reader, such as --reader {reader}, or add one folder after the other.")


def _left_over(counts: Counter[str], reasons: Counter[str], reader: str) -> list[str]:
    others = [f"{number:,} for {name}" for name, number in counts.most_common() if name != reader]
    others += [f"{number:,} without a reader ({why})" for why, number in reasons.most_common(3)]
    return [f"Other files are there, about: {'; '.join(others)}."] if others else []


def _table(reader: str, why: str, samples: list[Sample], notes: list[str], given: Mapping[str, str]) -> Proposal:
    tables = [table for sample in samples if (table := table_of(reader, sample)) is not None]
    if not tables:
        raise SourceError("No table could be opened.", f"The reader {reader} needs a header row and rows below it.")
    first = tables[0]
    mapped = map_columns(first.header, [row for table in tables if table.header == first.header for row in table.rows])
    columns = {**{key: name for key, name in mapped.columns.items() if name not in given.values()}, **given}
    if "text" not in columns:
        raise ConfigError(f"Which column holds the text cannot be told. Columns: {', '.join(first.header[:40])}.",
                          "Name it with --column text=NAME.")
    if any(set(columns.values()) - set(table.header) for table in tables):
        notes.append("Not all tables have the same columns: add them one by one.")
    if mapped.guessed and "text" not in given:
        notes.append(f"The text is a guess: {mapped.guessed}.")
    if mapped.patients:
        notes.append(f"Columns that speak of patients: {', '.join(mapped.patients)}.")
    return Proposal(reader, why, columns, first.options, True if mapped.patients else None, tuple(notes))
