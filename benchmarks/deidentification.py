"""Rate of the whole text stage on patients' notes, beside Presidio's pattern recognisers alone on the same notes.

    python benchmarks/deidentification.py NOTES [--rounds 5] [--copies 8] [--join 1] [--gold GOLD]

NOTES is a .txt, .md, .csv or .csv.gz file or a folder of them; of a CSV the longest field of each row is a note, of a
text in ASQ-PHI's format each query. `--join 10` makes one long note of ten. With `--gold` the recall of both sides on
a labelled set (see `itd deid evaluate`) stands beside the rates. Each note stands for several patients (`--copies`), so
that the work lasts as it does in a hospital; the copies differ in their last line, because twins would be turned away.
Rounds are interleaved and the medians compared, so that the machine's mood falls on both. Presidio runs without a
language model, its fastest setting: all its patterns, checksums and context words, with the list of domains that it
carries instead of one from the network. The text stage runs as a build runs it, with one worker for each core, and also
with one; Presidio has one process, as its library does.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.deid_evaluation import evaluate, read_gold
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import Finding, clean, deidentify

_SHORTEST, _MOST = 200, 2000
_BATCH = 250
_QUERY = "===QUERY==="
csv.field_size_limit(1 << 30)


def notes_of(folder: Path) -> list[str]:
    """At most 2,000 texts; of tables, those of at least 200 characters."""
    found: list[str] = []
    for file in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if file.name.endswith((".csv", ".csv.gz")):
            with gzip.open(file, "rt", encoding="utf-8", errors="replace", newline="") if file.suffix == ".gz" else (
                    file.open(encoding="utf-8", newline="")) as rows:
                fields = [max(row, key=len) for row in csv.reader(rows) if row]
            found += [text for text in fields if len(text) >= _SHORTEST]
        elif file.suffix in {".txt", ".md"}:
            text = file.read_text(encoding="utf-8", errors="replace")
            found += [gold.text for gold in read_gold(file, "asq-phi")] if _QUERY in text else [text]
    return found[:_MOST]


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


def presidio() -> Callable[[str], Any]:
    """Presidio's analyser with its pattern recognisers and a tokeniser that loads nothing."""
    import tldextract
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
        if recogniser.name == "SpacyRecognizer":  # wants a model
            registry.recognizers.remove(recogniser)
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # for addresses of e-mail
    engine = AnalyzerEngine(registry=registry, nlp_engine=_NoModel(), supported_languages=["en"])
    return lambda text: engine.analyze(text, language="en")


def show_recall(gold: Path, analyse: Callable[[str], Iterable[Any]]) -> None:
    """Recall of both sides on a labelled set: spans of which every letter and digit was found."""
    ours = evaluate(read_gold(gold), lambda text: deidentify(text).findings, {})
    theirs = evaluate(read_gold(gold), lambda text: [
        Finding(found.start, found.end, "id", found.entity_type) for found in analyse(text)], {})
    print(f"recall on {gold.name}, {ours.overall.cases:,} spans: this pipeline {ours.overall.share:.3f}, "
          f"Presidio's patterns {theirs.overall.share:.3f}")
    for kind, count in ours.recall.items():
        print(f"  {kind} ({count.cases:,}): {count.share:.3f}, {theirs.recall[kind].share:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=8)
    parser.add_argument("--join", type=int, default=1)
    parser.add_argument("--gold", type=Path)
    given = parser.parse_args()
    single = notes_of(given.notes)
    joined = ["\n\n".join(single[at : at + given.join]) for at in range(0, len(single), given.join)]
    notes = [f"{note}\n\nVisit {copy + 1}." for copy in range(given.copies) for note in joined]
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
    if given.gold:
        show_recall(given.gold, analyse)


if __name__ == "__main__":
    main()
