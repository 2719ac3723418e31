"""Matches: which part of which benchmark item stands in which field of a record, word by word or in other words.

Belongs here: which texts of a record are looked at, what makes a match, its kind and its place. Does not belong here:
how words are compared (`verbatim`, `paraphrase`), or what becomes of the record (the policy). Each record is judged by
itself: records may come in batches of any size, in any order, on any machine.

Looked at are the prompt (instruction, input and options, as one text, so that an item spread over them is found), the
output and the rationale. Kinds:

- `exact`: all words of the part stand in one run;
- `cut`: the aligned share is at least 0.5, or a run of at least 13 words is shared, of which 3 are not boilerplate
  (13-grams: GPT-3, Brown et al. 2020, arXiv:2005.14165, appendix C);
- `paraphrase`: the part is told in other words (`paraphrase`);
- `meaning`: the part is near in meaning (`meaning`), where an embedding model is asked;
- `overlap`: a smaller share, at least 0.2. No leak by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.decontamination.byte_words import Flags, Words, block_words, text_array, word_spans
from itd_pipeline.decontamination.index import Index
from itd_pipeline.decontamination.items import SHORT_WORDS, BenchmarkItem
from itd_pipeline.decontamination.paraphrase import EVIDENCE, overlaps
from itd_pipeline.decontamination.verbatim import Aligned, aligned, kept
from itd_pipeline.similarity.arrays import I64

KINDS = ("exact", "cut", "paraphrase", "meaning", "overlap")
LEAK_SHARE, OVERLAP_SHARE = 0.5, 0.2
RETOLD_SHARE = 0.15
"""What a paraphrase shares beyond the words that stand there in runs: a sentence taken word by word is told in no other
words."""
CUT_WORDS, CUT_OWN_WORDS = SHORT_WORDS, 3
_FIELDS = ("instruction", "input", "options")
_TEXTS = ("prompt", "output", "rationale")
_BLOCK_ROWS = 1024
_PIECE = re.compile(r"\S+")


@dataclass(frozen=True)
class Match:
    """A part of an item in a record.

    Args:
        row: of the records.
        item: the benchmark item.
        part: name of the part.
        field: `instruction`, `input`, `output`, `rationale`, or `prompt`: instruction, input and options, where there
            are any, each on a line of its own.
        kind: one of `KINDS`.
        share: of the part's words that are in the field: aligned share, of a paraphrase the bonded share; of a meaning
            the cosine.
        words: in the longest shared run; 0 for a paraphrase and a meaning.
        evidence: of a paraphrase; else 0.
        start: first character of the match in the field.
        end: one past the last.
    """

    row: int
    item: BenchmarkItem
    part: str
    field: str
    kind: str
    share: float
    words: int
    evidence: float
    start: int
    end: int

    @property
    def order(self) -> tuple[int, float, str, tuple[int, str], str, str, int]:
        """From the gravest to the least, of equal ones by benchmark, item, part and place."""
        return (KINDS.index(self.kind), -self.share, self.item.benchmark, natural(self.item.item_id), self.part,
                self.field, self.start)


@dataclass(frozen=True)
class Found:
    """What is found in a table of records.

    Args:
        matches: by row, each row's from the gravest on.
        share: per record the greatest aligned share of any part, 0 where none.
    """

    matches: list[Match]
    share: np.ndarray[tuple[int], np.dtype[np.float64]]


def find_matches(records: pa.Table, index: Index, threads: int = 2) -> Found:
    """Matches of all records.

    Args:
        records: columns instruction, input, output, rationale (strings) and options (lists of strings).
        index: of the items.
        threads: blocks of records that are worked on at a time.
    """
    def block(start: int) -> Found:
        return _in_block(records.slice(start, _BLOCK_ROWS), start, index)

    with ThreadPoolExecutor(threads) as pool:  # the work is done in numpy, outside of Python's lock
        found = list(pool.map(block, range(0, records.num_rows, _BLOCK_ROWS)))
    shares = np.concatenate([np.zeros(0), *(part.share for part in found)])
    return Found([match for part in found for match in part.matches], shares)


def _in_block(records: pa.Table, first: int, index: Index) -> Found:
    matches: list[Match] = []
    share = np.zeros(records.num_rows)
    for name, texts in texts_of(records):
        if texts.null_count == len(texts):
            continue
        words = block_words(texts, stems=True)
        place = Place(records, name, texts, first)
        pairs = aligned(words, index)
        pairs = kept(pairs, _counts(pairs, index, place))
        np.maximum.at(share, pairs.rows, pairs.share)
        held = _verbatim(pairs, index, place)
        leaks = {pair for pair, match in held.items() if match.kind != "overlap"}
        alike = {pair: match.share for pair, match in held.items()}
        held |= {pair: match for pair, match in _paraphrases(words, index, place)
                 if pair not in leaks and match.share >= alike.get(pair, 0.0) + RETOLD_SHARE}
        matches += held.values()
    return Found(sorted(matches, key=lambda match: (match.row, match.order)), share)


def texts_of(records: pa.Table) -> Iterator[tuple[str, pa.Array]]:
    """Name and texts of what is looked at: the prompt, the output, the rationale. Columns as in `find_matches`."""
    mark = text_array(["\n"] * records.num_rows)  # not a scalar of Arrow, which imports pandas
    options = pc.binary_join(_one(records.column("options")).cast(pa.list_(pa.large_string())), mark)
    fields = [_one(records.column(name)).cast(pa.large_string()) for name in _FIELDS[:2]]
    yield "prompt", pc.binary_join_element_wise(*fields, options, mark, null_handling="skip")
    for name in _TEXTS[1:]:
        yield name, _one(records.column(name))


def _one(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


@dataclass(frozen=True)
class Place:
    """Where a text stands in the fields of a record.

    Args:
        records: the block of records.
        name: of the text, as `texts_of` gives it.
        texts: of the records.
        first: number of the first record of the block.
    """

    records: pa.Table
    name: str
    texts: pa.Array
    first: int

    def is_all(self, row: int, start: int, end: int) -> bool:
        """Whether a field holds no other words than these."""
        field, begin, last = self.of(row, start, end)
        text = (self.texts if field == self.name else self.records.column(field))[row].as_py()
        return not word_spans(text[:begin]) and not word_spans(text[last:])

    def of(self, row: int, start: int, end: int) -> tuple[str, int, int]:
        """(field, first character, one past the last) of words `start` to `end` of the text of a row."""
        spans = word_spans(self.texts[row].as_py())
        return self.at(row, spans[start][0], spans[end - 1][1])

    def at(self, row: int, begin: int, last: int) -> tuple[str, int, int]:
        """(field, first character, one past the last) of characters `begin` to `last` of the text of a row."""
        if self.name != "prompt":
            return self.name, begin, last
        offset = 0
        for field in _FIELDS[:2]:
            text = self.records.column(field)[row].as_py()
            if text is not None:
                if offset <= begin and last <= offset + len(text):
                    return field, begin - offset, last - offset
                offset += len(text) + 1
        return self.name, begin, last


def _counts(pairs: Aligned, index: Index, place: Place) -> Flags:
    """All pairs but those of a part that counts only alone, in a field that holds more."""
    counts = np.ones(len(pairs.rows), bool)
    for at in np.flatnonzero(index.alone[pairs.parts]).tolist():
        counts[at] = place.is_all(int(pairs.rows[at]), int(pairs.start[at]), int(pairs.end[at]))
    return counts


def _verbatim(pairs: Aligned, index: Index, place: Place) -> dict[tuple[int, int], Match]:
    found = {}
    near_cut = (pairs.run_own >= CUT_OWN_WORDS) & (pairs.run_words >= CUT_WORDS - CUT_OWN_WORDS)
    for at in np.flatnonzero(pairs.whole | (pairs.share >= OVERLAP_SHARE) | near_cut).tolist():
        row, part, share = int(pairs.rows[at]), int(pairs.parts[at]), float(pairs.share[at])
        words = int(pairs.run_words[at])
        if near_cut[at] and words < CUT_WORDS:
            words = max(words, _pieces(index.parts[part].text, int(pairs.run_place[at]), words))
        if pairs.whole[at]:
            kind, share = "exact", 1.0
        elif share >= LEAK_SHARE or (near_cut[at] and words >= CUT_WORDS):
            kind = "cut"
        elif share >= OVERLAP_SHARE:
            kind = "overlap"
        else:
            continue
        field, start, end = place.of(row, int(pairs.start[at]), int(pairs.end[at]))
        found[row, part] = Match(place.first + row, index.items[index.parts[part].item], index.parts[part].name, field,
                                 kind, share, words, 0.0, start, end)
    return found


def _paraphrases(words: Words, index: Index, place: Place) -> Iterator[tuple[tuple[int, int], Match]]:
    pairs = overlaps(words, index.paraphrase)
    for at in np.flatnonzero(pairs.evidence >= EVIDENCE).tolist():
        row, part = int(pairs.rows[at]), int(pairs.parts[at])
        field, start, end = place.of(row, int(pairs.start[at]), int(pairs.end[at]))
        yield (row, part), Match(place.first + row, index.items[index.parts[part].item], index.parts[part].name, field,
                                 "paraphrase", float(pairs.share[at]), 0, float(pairs.evidence[at]), start, end)


def _pieces(text: str, first: int, words: int) -> int:
    """How many words a person counts in the run of `words` words of a text: what stands between white space, with the
    pieces beside the run that hold no letter or digit. A cut of 13 such words may have fewer runs of letters."""
    spans = word_spans(text)
    begin, end = spans[first][0], spans[first + words - 1][1]
    before = spans[first - 1][1] if first else 0
    after = spans[first + words][0] if first + words < len(spans) else len(text)
    return sum(1 for piece in _PIECE.finditer(text) if (piece.end() > begin and piece.start() < end)
               or (before <= piece.start() and piece.end() <= begin) or (end <= piece.start() and piece.end() <= after))


def natural(item_id: str) -> tuple[int, str]:
    """Order of ids in which 2 comes before 10."""
    return (int(item_id), "") if item_id.isdigit() else (-1, item_id)


def rows_with(matches: list[Match], kinds: tuple[str, ...]) -> I64:
    """Rows that have a match of one of the kinds, ascending."""
    return np.array(sorted({match.row for match in matches if match.kind in kinds}), np.int64)
