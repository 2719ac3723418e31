"""Rate of the whole text stage on patients' notes, beside Presidio's pattern recognisers alone on the same notes.

    python benchmarks/deidentification.py NOTES [--rounds 5] [--copies 8]

NOTES is a folder of .txt, .md or .csv files; of a CSV the longest field of each row is a note. Each note stands for
several patients (`--copies`), so that the work lasts; no note comes twice in one batch. Rounds are interleaved and the
medians compared, so that the machine's mood falls on both. Presidio runs without a language model: its patterns,
checksums and context words, which is its fastest setting. The text stage runs as a build runs it, with one worker for
each core, and also with one; Presidio has one process, as its library does.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import clean

_SHORTEST, _MOST = 200, 2000
_BATCH = 250


def notes_of(folder: Path) -> list[str]:
    """Texts of at least 200 characters, at most 2,000 of them."""
    found: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".csv":
            with file.open(encoding="utf-8", newline="") as rows:
                found += [max((value or "" for value in row.values() if isinstance(value, str)), key=len)
                          for row in csv.DictReader(rows)]
        elif file.suffix in {".txt", ".md"}:
            found.append(file.read_text(encoding="utf-8", errors="replace"))
    return [text for text in found if len(text) >= _SHORTEST][:_MOST]


def table_of(notes: list[str]) -> pa.Table:
    """The notes as documents of as many patients."""
    rows = []
    for number, text in enumerate(notes):
        row = dict.fromkeys(DOCUMENTS.schema.names)
        row.update(document_id=f"d{number}", source="notes", external_id=f"n{number}", group_id=f"p{number}", title="",
                   text=text, specialty="unspecified", audience="unspecified", licence="CC0-1.0", origin="bench",
                   patient_data=True, attributes="{}", sections=[], identifiers=[], content_hash="x")
        rows.append(row)
    return DOCUMENTS.from_rows(rows)


def presidio() -> Callable[[str], object]:
    """Presidio's analyser with its pattern recognisers and a tokeniser that loads nothing."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    class _NoModel(NlpEngine):
        def load(self) -> None: ...

        def is_loaded(self) -> bool:
            return True

        def process_text(self, text: str, language: str) -> NlpArtifacts:
            return NlpArtifacts([], [], [], [], self, language)

        def process_batch(self, texts, language, **_):  # type: ignore[no-untyped-def]
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word: str, language: str) -> bool:
            return False

        def is_punct(self, word: str, language: str) -> bool:
            return False

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return ["en"]

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    for recogniser in list(registry.recognizers):
        # E-mail and URL recognisers ask a library that fetches a list of suffixes; SpaCy's wants a model.
        if recogniser.name in {"EmailRecognizer", "SpacyRecognizer"}:
            registry.recognizers.remove(recogniser)
    engine = AnalyzerEngine(registry=registry, nlp_engine=_NoModel(), supported_languages=["en"])
    return lambda text: engine.analyze(text, language="en")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=8)
    given = parser.parse_args()
    notes = notes_of(given.notes) * given.copies
    size = sum(map(len, notes)) / 1000
    table = table_of(notes)
    analyse = presidio()
    times: dict[str, list[float]] = {"one worker": [], "a worker for each core": [], "presidio": []}
    tables = [table.slice(at, _BATCH) for at in range(0, table.num_rows, _BATCH)]
    list(clean([table.slice(0, 2)], "notes", settings.Cleaning()))
    analyse(notes[0])
    for _ in range(given.rounds):
        for name, workers in (("one worker", 1), ("a worker for each core", 0)):
            started = time.perf_counter()
            list(clean(tables, "notes", settings.Cleaning(), workers=workers))
            times[name].append(time.perf_counter() - started)
        started = time.perf_counter()
        for note in notes:
            analyse(note)
        times["presidio"].append(time.perf_counter() - started)
    other = statistics.median(times.pop("presidio"))
    print(f"{len(notes):,} notes, {size:,.0f} thousand characters, median of {given.rounds} rounds")
    print(f"Presidio's patterns alone: {size / other:,.0f} thousand characters/s")
    for name, seconds in times.items():
        mine = statistics.median(seconds)
        print(f"whole text stage with de-identification, {name}: {size / mine:,.0f} thousand characters/s, "
              f"ratio {other / mine:.2f}")


if __name__ == "__main__":
    main()
