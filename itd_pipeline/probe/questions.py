"""What the models are asked besides held-out records: multiple-choice items and general text.

Belongs here: reading both. Does not belong here: answering.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.errors import SourceError
from itd_pipeline.settings import ProbeBenchmark

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Question:
    """One item: the question, its options in order, and the place of the right one."""

    text: str
    options: tuple[str, ...]
    right: int


def read_questions(name: str, benchmark: ProbeBenchmark, path: Path, most: int) -> list[Question]:
    """The first `most` items of a benchmark that have two options or more and a right one.

    Raises:
        SourceError: the file is missing, of another kind or without a column that is named, or an answer is none of the
            options; the message names benchmark, file and row.
    """
    where = f"Benchmark {name!r} of the probe, file {str(path)!r}"
    if not path.is_file():
        raise SourceError(f"{where}: there is no such file.", f"Correct probe.benchmarks.{name} in the profile.")
    found: list[Question] = []
    for number, row in enumerate(_rows(where, path), start=1):
        if len(found) == most:
            break
        found.append(_question(f"{where}, row {number}", row, benchmark))
    if not found:
        raise SourceError(f"{where}: it holds no item.", "Replace the file.")
    return found


def passages_of(path: Path) -> list[str]:
    """Passages of a text file, parted by blank lines. Raises SourceError where there is none."""
    if not path.is_file():
        raise SourceError(f"General text for the probe: there is no file {str(path)!r}.",
                          "Correct probe.general_text in the profile.")
    found = [" ".join(part.split()) for part in path.read_text(encoding="utf-8").split("\n\n") if part.strip()]
    if len(found) < 2:
        raise SourceError(f"General text for the probe: {str(path)!r} holds fewer than two passages.",
                          "Part passages by blank lines.")
    return found


def _rows(where: str, path: Path) -> Sequence[Mapping[str, Any]]:
    packed = path.suffix.lower() == ".gz"
    suffix = Path(path.stem).suffix.lower() if packed else path.suffix.lower()
    try:
        if suffix in (".jsonl", ".csv"):
            raw = path.read_bytes()
            said = (gzip.decompress(raw) if packed else raw).decode("utf-8-sig")
            if suffix == ".csv":
                return list(csv.DictReader(io.StringIO(said, newline="")))
            return [json.loads(line) for line in said.splitlines() if line.strip()]
        if suffix == ".parquet":
            import pyarrow.parquet as pq

            rows: list[Mapping[str, Any]] = pq.ParquetFile(path).read().to_pylist()
            return rows
    except (ValueError, OSError) as error:
        raise SourceError(f"{where}: not readable ({type(error).__name__}).", "Mend or replace the file.") from error
    raise SourceError(f"{where}: cannot read {suffix or 'a file without suffix'!r}.",
                      "Readable are .jsonl, .csv (both also with .gz) and .parquet.")


def _question(where: str, row: Mapping[str, Any], benchmark: ProbeBenchmark) -> Question:
    columns = [benchmark.options] if isinstance(benchmark.options, str) else list(benchmark.options)
    for column in (benchmark.question, *columns, benchmark.answer):
        if column not in row:
            raise SourceError(f"{where}: there is no column {column!r}.", f"Its columns are: {', '.join(row)}.")
    given: Any = row[columns[0]] if isinstance(benchmark.options, str) else [row[column] for column in columns]
    if isinstance(given, str):
        given = json.loads(given) if given.lstrip().startswith(("[", "{")) else [given]
    letters = list(given) if isinstance(given, Mapping) else list(_LETTERS[:len(given)])
    options = tuple(str(o) for o in (given.values() if isinstance(given, Mapping) else given))
    if len(options) < 2:
        raise SourceError(f"{where}: it has fewer than two options.", "Name the columns of the options.")
    return Question(str(row[benchmark.question]), options, _right(where, row[benchmark.answer], letters, options))


def _right(where: str, answer: Any, letters: Sequence[str], options: Sequence[str]) -> int:
    said = str(answer).strip()
    if said in letters:
        return letters.index(said)
    if said in options:
        return options.index(said)
    if said.isdigit() and int(said) < len(options):
        return int(said)
    raise SourceError(f"{where}: the answer is none of the {len(options)} options.",
                      "It is a letter, a place from 0, or the text of an option.")
