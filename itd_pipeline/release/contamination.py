"""Prints of benchmarks: enough to look for leaks in a release without the benchmarks, too little to read them.

A print is 63 bits of the SHA-256 over thirteen words in a row, the length from which a run counts as a leak (Brown et
al. 2020, arXiv:2005.14165). A record that holds such a run has the same print. Paraphrases leave none: they are looked
for when records are measured, not here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pyarrow as pa

from itd_pipeline.decontamination.byte_words import word_spans
from itd_pipeline.release.evidence import Row
from itd_pipeline.tables.contract import Table, integer, text

RUN_WORDS = 13

PRINTS = Table(
    name="benchmark_prints",
    description="`contamination.parquet` of a release: hashed runs of thirteen words of the benchmarks that the "
    "records were compared with.",
    columns=(
        text("benchmark", "Name of the benchmark in the profile."),
        text("item", "Its item."),
        integer("print", "63 bits of the SHA-256 of thirteen words in a row.", minimum=0),
    ),
    key=(),
)
_FIELDS = ("instruction", "input", "output", "rationale")


def prints_of(words: str) -> Iterator[int]:
    """Prints of one text, in order."""
    folded = [words[start:end].casefold() for start, end in word_spans(words)]
    for first in range(len(folded) - RUN_WORDS + 1):
        digest = hashlib.sha256(" ".join(folded[first : first + RUN_WORDS]).encode("utf-8", "surrogatepass")).digest()
        yield int.from_bytes(digest[:8], "big") >> 1


def prints_table(items: Iterable[tuple[str, str, Iterable[str]]]) -> pa.Table:
    """Prints of (benchmark, item, texts), each once per item, sorted."""
    rows = {(benchmark, item, value) for benchmark, item, texts in items for one in texts for value in prints_of(one)}
    return PRINTS.from_rows([{"benchmark": b, "item": i, "print": v} for b, i, v in sorted(rows)])


def shared_items(record: Row, prints: dict[int, str]) -> list[str]:
    """Items that a record shares a run of thirteen words with, each once, sorted.

    Args:
        prints: print -> benchmark and item.
    """
    return sorted({prints[value] for name in _FIELDS if record.get(name) for value in prints_of(record[name])
                   if value in prints})
