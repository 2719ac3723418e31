"""Words of a block of texts as hashes, straight from the bytes of an Arrow array.

Belongs here: what a word is for decontamination and verbatim overlap, in two forms that agree: whole blocks in numpy
(`block_words`), and one text with the place of every word (`word_spans`). Does not belong here: what is done with
words. `text.words` lists words for people and for thresholds; looking for ten thousand items in millions of words needs
no list, and reading the bytes is ten times faster.

A word is a run of letters and digits. Case, accents, ligatures, soft hyphens and characters without width do not count
(Unicode NFKD, combining marks and format characters dropped), and every sign parts words: `beta-blocker` is two,
`37.5` is two. So a copy with other punctuation has the same words. Equal hashes (`similarity.word_hashes`) are taken
for equal words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.similarity.arrays import I64, U8, U64
from itd_pipeline.similarity.word_hashes import word_edges, word_hashes

Flags = npt.NDArray[np.bool_]

_ASCII_WORD = re.compile("[0-9A-Za-z]+")
_BLOCK_BYTES = 1 << 17
"""With all that is made of it, such a block stays in a core's cache."""


class _Folds(dict[int, str]):
    """Character -> what stands for it: a letter or digit in lower case, nothing, or a space."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = "".join(map(_folded, unicodedata.normalize("NFKD", chr(code)).casefold()))
        return folded


def _folded(character: str) -> str:
    if character.isalnum():
        return character
    return "" if unicodedata.category(character) in ("Mn", "Me", "Cf") else " "


_FOLDS = _Folds()
_CLASSES = bytes(ord(chr(b).lower()) if b < 128 and chr(b).isalnum() else b if b >= 128 else 0 for b in range(256))
"""What a byte counts as: a letter or digit of ASCII in lower case, part of another character, or no part of a word."""


@dataclass(frozen=True)
class Words:
    """Words of rows: those of row i are `hashes[offsets[i]:offsets[i + 1]]`.

    Args:
        hashes: one for each word.
        stems: the same without endings (`stem_ends`), where they were asked for; else empty.
        numeric: which words begin with a digit, where stems were asked for; else empty.
        offsets: of rows, one more than there are rows.
    """

    hashes: U64
    stems: U64
    numeric: Flags
    offsets: I64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> I64:
        return np.diff(self.offsets)


def text_array(texts: Sequence[str]) -> pa.Array:
    """Texts as an Arrow array. Not `pa.array`, which imports pandas where it is installed: a second and more."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in raw])]).astype(np.int64)
    return pa.LargeStringArray.from_buffers(len(raw), pa.py_buffer(offsets), pa.py_buffer(b"".join(raw)))


def block_words(texts: pa.Array, stems: bool = False) -> Words:
    """Words of each text, in order; a null has none.

    Args:
        texts: strings.
        stems: whether hashes of stems, and which words are numbers, are wanted, too.
    """
    if len(texts) == 0:
        return Words(np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0, bool), np.zeros(1, np.int64))
    texts = texts.cast(pa.large_string())
    if texts.null_count:  # not fill_null: any scalar of Arrow imports pandas
        texts = pc.replace_with_mask(texts, pc.is_null(texts), text_array([""] * texts.null_count))
    texts = _plain(texts)
    bounds = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset:texts.offset + len(texts) + 1]
    data = memoryview(texts.buffers()[2] or b"")
    found: list[tuple[U64, U64, Flags]] = []
    counts = []
    start = 0
    while start < len(texts):
        end = int(np.searchsorted(bounds, bounds[start] + _BLOCK_BYTES, side="right")) - 1
        end = max(end, start + 1)
        inner = bounds[start:end + 1] - bounds[start]
        hashed, stem, number, ends = _hashed(bytes(data[bounds[start]:bounds[end]]), inner, stems)
        found.append((hashed, stem, number))
        upto = np.searchsorted(ends, inner[1:], side="right")
        counts.append(np.diff(upto, prepend=0))
        start = end
    return Words(np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found]),
                 np.concatenate([part[2] for part in found]),
                 np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64))


def _plain(texts: pa.Array) -> pa.Array:
    """The texts with those that are not ASCII folded: the bytes tell the words from there on."""
    other = pc.invert(pc.string_is_ascii(texts))
    if not pc.any(other).as_py():
        return texts
    folded = text_array([text.translate(_FOLDS) for text in pc.filter(texts, other).to_pylist()])
    return pc.replace_with_mask(texts, other, folded)


def _hashed(data: bytes, offsets: I64, stems: bool) -> tuple[U64, U64, Flags, I64]:
    """Hash, stem hash, whether it is a number, and end, of each word."""
    if not data:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0, bool), np.zeros(0, np.int64)
    codes = np.frombuffer(data.translate(_CLASSES), np.uint8)
    edges = word_edges((codes != 0).view(np.uint8), offsets)
    starts, ends = edges[::2], edges[1::2]
    hashes = word_hashes(codes, starts, ends - starts)
    if not stems:
        return hashes, np.zeros(0, np.uint64), np.zeros(0, bool), ends
    until = stem_ends(codes, starts, ends)
    cut = np.flatnonzero(until != ends)
    stemmed = hashes.copy()
    stemmed[cut] = word_hashes(codes, starts[cut], (until - starts)[cut])
    return hashes, stemmed, codes[starts] - np.uint8(ord("0")) < 10, ends


_S, _I, _E, _U, _N, _G, _D, _Y, _L, _O = (ord(letter) for letter in "sieungdylo")


def stem_ends(codes: U8, starts: I64, ends: I64) -> I64:
    """Where each word ends without the endings of plural, verb, adverb and noun of action.

    A light stemmer, as a few steps that all words take at once: it is to bring `infections`, `infected` and
    `infection` together, not to find roots. Light stemming serves search as well as heavy (Harman 1991, How effective
    is suffixing?, JASIS 42(1):7-15).
    """
    whole, until = np.flatnonzero(ends - starts > 3), ends.copy()  # no rule touches shorter words, or makes one
    ends = ends[whole]
    lengths = (ends - starts[whole]).astype(np.int32)
    last = [codes[ends - place] for place in (1, 2, 3)]

    def drop(hit: Flags, count: int, longer: int, looked_at: int) -> None:
        rows = np.flatnonzero(hit & (lengths > longer))
        lengths[rows] -= np.int32(count)
        at = ends[rows] - count
        ends[rows] = at
        for place in range(looked_at):
            last[place][rows] = codes[at - place - 1]

    one, two, three = last
    drop((one == _S) & (two != _S) & (two != _U) & (two != _I), 1, 3, 3)
    ing, ed = (one == _G) & (two == _N) & (three == _I), (one == _D) & (two == _E) & (three != _E)
    ly = (one == _Y) & (two == _L)  # of these three a word loses one
    drop(ing, 3, 5, 3)
    drop(ed, 2, 4, 3)
    drop(ly, 2, 5, 3)
    drop((one == _N) & (two == _O) & (three == _I), 3, 6, 2)
    drop((one == _E) & (two == _I), 1, 4, 1)
    drop((one == _E) | (one == _Y) | (one == _I), 1, 3, 0)
    until[whole] = ends
    return until


def word_spans(text: str) -> list[tuple[int, int]]:
    """First character and one past the last of each word of a text, in the order of `block_words`."""
    if text.isascii():
        return [match.span() for match in _ASCII_WORD.finditer(text)]
    spans: list[tuple[int, int]] = []
    start = end = -1
    for place, character in enumerate(text):
        for part in _FOLDS[ord(character)]:
            if part.isalnum():
                start, end = (place if start < 0 else start), place + 1
            elif start >= 0:
                spans.append((start, end))
                start = -1
    return [*spans, (start, end)] if start >= 0 else spans


def changes(*columns: I64 | U64) -> Flags:
    """Which entries of sorted columns differ from the one before."""
    new = np.zeros(len(columns[0]), bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new
