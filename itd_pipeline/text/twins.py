"""Passages that say the same: exact twins, and near ones.

Belongs here: marking each passage with a few numbers, and finding twins among millions of marks. Not here: what becomes
of a twin.

Exact twins share text, question and attributes. Near twins share question, attributes, every number, negation and side
in their order, and most of their word 5-shingles; and no word in which they differ is a medical one, so that 5 mg and
50 mg, with and without, left and right, Crohn and coeliac are never twins. Candidates come from MinHash bands (Broder
1997, doi 10.1109/SEQUEN.1997.666900), 10 of 3 values, drawn with fixed multipliers; each is then compared in full.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from itd_pipeline.text.identifiers import lexicon
from itd_pipeline.text.medical_terms import is_medical
from itd_pipeline.text.words import numbers_with_units, shingles, words

U64 = npt.NDArray[np.uint64]
U32 = npt.NDArray[np.uint32]
_BANDS, _VALUES = 10, 3
_SHINGLE_WORDS = 5
_FEWEST_WORDS = 20
_MOST_LEADERS = 4
_CHUNK_PASSAGES = 50_000
_MOST_WORDS, _LONGEST_WORD = 200_000, 40
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SURROGATE = re.compile(r"(?:name|hospital)-\d+")
_GUARDED = frozenset(re.findall(r"\S+", """
    no not nor none never neither without cannot can't don't doesn't didn't isn't aren't wasn't weren't won't shouldn't
    wouldn't couldn't hasn't haven't hadn't denies denied deny absent negative positive excluded except unless fails
    left right bilateral unilateral both either upper lower anterior posterior medial lateral proximal distal
    one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand half
    quarter double once twice first second third
"""))
_WEIGHTY = frozenset(re.findall(r"\S+", """
    and or if only all some most many few any every each more less least greater fewer than above below before after
    during until since between over under within
    increase increases increased increasing decrease decreases decreased decreasing rise fall high higher low lower
    raised reduced reduce reduces improve improves improved worsen worsens worsened better worse start started starts
    stop stopped stops begin continue give given take avoid may must should can could might will would always often
    sometimes rarely rare common commonly usually likely unlikely safe unsafe mild moderate severe acute chronic early
    late old older young younger child children infant infants baby adult adults man men woman women male female boy
    girl pregnant elderly mother father hour hours day days week weeks month months year years minute minutes daily
    weekly morning evening night food water milk normal abnormal present known unknown large small
"""))


@dataclass(frozen=True)
class Marks:
    """Marks of passages, one row each.

    Args:
        exact: two numbers, 128 bits of a hash; equal for exact twins.
        bands: 10 numbers of 32 bits; near twins share one with high probability. 0 where a passage has fewer than 20
            words.
    """

    exact: U64
    bands: U32

    @staticmethod
    def none() -> Marks:
        return Marks(np.zeros((0, 2), np.uint64), np.zeros((0, _BANDS), np.uint32))

    @staticmethod
    def together(parts: Sequence[Marks]) -> Marks:
        if not parts:
            return Marks.none()
        return Marks(np.concatenate([part.exact for part in parts]), np.concatenate([part.bands for part in parts]))


@dataclass(frozen=True)
class Twin:
    """Why a passage is turned away: which one stays, and how similar they are (1 for exact twins)."""

    kept: int
    jaccard: float
    exact: bool


def mark(passages: Sequence[Mapping[str, str | None]], near: bool) -> Marks:
    """Marks of passages with `text`, `question` and `attributes`.

    Args:
        near: whether near twins are to be found as well.
    """
    exact = np.zeros((len(passages), 2), np.uint64)
    bands = np.zeros((len(passages), _BANDS), np.uint32)
    written: list[int] = []
    starts: list[int] = []
    rows: list[int] = []
    guards: list[int] = []
    for i, passage in enumerate(passages):
        about = [passage["question"] or "", str(passage["attributes"])]
        digest = hashlib.blake2b(digest_size=16)
        for part in (str(passage["text"]), *about):
            content = part.encode("utf-8", "surrogatepass")
            digest.update(len(content).to_bytes(8, "little") + content)
        exact[i] = np.frombuffer(digest.digest(), np.uint64)
        if not near:
            continue
        tokens = words(str(passage["text"]))
        if len(tokens) < _FEWEST_WORDS:
            continue
        starts.append(len(written))
        written += map(_CODES.__getitem__, tokens)
        rows.append(i)
        guards.append(_hash64("\n".join([*map(str, about), *_guarded(tokens)])))
    if rows:
        shingled = _shingle_hashes(np.array(written, np.uint64), np.array(starts, np.int64))
        bands[rows] = _bands(*shingled, np.array(guards, np.uint64))
    return Marks(exact, bands)


def find_twins(marks: Marks, threshold: float, texts: Callable[[Sequence[int]], Mapping[int, str]]) -> dict[int, Twin]:
    """Index of each passage that repeats an earlier one -> that one.

    Memory: about 100 bytes for each passage, and the texts of 50,000 candidates at a time.

    Args:
        threshold: Jaccard similarity of near twins; 1 finds exact ones only.
        texts: reads passages by index.
    """
    twins: dict[int, Twin] = {}
    count = len(marks.exact)
    order = np.lexsort((marks.exact[:, 1], marks.exact[:, 0]))  # stable: the first of equal ones stays first
    ordered = marks.exact[order]
    new = np.ones(count, bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    leaders = order[np.flatnonzero(new)][np.cumsum(new) - 1]
    for at in np.flatnonzero(~new).tolist():
        twins[int(order[at])] = Twin(int(leaders[at]), 1.0, True)
    if threshold < 1:
        alive = np.ones(count, bool)
        alive[list(twins)] = False
        _near(_candidates(marks.bands, alive), threshold, texts, twins)
    return twins


def _candidates(bands: U32, alive: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Pairs (earlier, later) that share a band, ordered by the later one."""
    found = []
    for band in range(bands.shape[1]):
        held = np.flatnonzero(alive & (bands[:, band] != 0))
        order = held[np.argsort(bands[held, band], kind="stable")]
        keys = bands[order, band]
        same = np.flatnonzero(keys[1:] == keys[:-1]) + 1
        if not len(same):
            continue
        starts = np.ones(len(keys), bool)
        starts[1:] = keys[1:] != keys[:-1]
        first = order[np.flatnonzero(starts)][np.cumsum(starts) - 1]
        found += [np.stack([first[same], order[same]], 1), np.stack([order[same - 1], order[same]], 1)]
    if not found:
        return np.zeros((0, 2), np.int64)
    pairs = np.unique(np.concatenate(found), axis=0)
    return pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]


def _near(pairs: npt.NDArray[np.int64], threshold: float, texts: Callable[[Sequence[int]], Mapping[int, str]],
          twins: dict[int, Twin]) -> None:
    at = 0
    while at < len(pairs):
        stop = min(len(pairs), at + _CHUNK_PASSAGES // 2)
        chunk = pairs[at:stop]
        wanted = {int(i) for pair in chunk for i in pair}
        wanted |= {twins[i].kept for i in wanted if i in twins}
        held = texts(sorted(wanted))
        tried: dict[int, int] = {}
        for earlier, later in chunk.tolist():
            if later in twins or tried.get(later, 0) >= _MOST_LEADERS:
                continue
            tried[later] = tried.get(later, 0) + 1
            kept = twins[earlier].kept if earlier in twins else earlier
            if kept not in held:
                held = {**held, **texts([kept])}
            similarity = similarity_of_twins(held[kept], held[later])
            if similarity >= threshold:
                twins[later] = Twin(kept, similarity, False)
        at = stop


def similarity_of_twins(one: str, other: str) -> float:
    """Jaccard similarity of the word 5-shingles; 0 where the texts differ in a word that matters."""
    first, second = words(one), words(other)
    if not all(map(_harmless, set(first) ^ set(second))) or _guarded(first) != _guarded(second):
        return 0.0
    if _quantities(one) != _quantities(other):
        return 0.0
    left, right = shingles(first, _SHINGLE_WORDS), shingles(second, _SHINGLE_WORDS)
    return len(left & right) / max(1, len(left | right))


def _quantities(text: str) -> list[tuple[str, str]]:
    return [(quantity.value, quantity.unit) for quantity in numbers_with_units(text)]


def _harmless(word: str) -> bool:
    """Whether two texts may differ in this word and still say the same."""
    if _SURROGATE.fullmatch(word):
        return True
    if word in _WEIGHTY or word in _GUARDED or not word.isalpha():
        return False
    return lexicon.is_word(word) and not is_medical(word)


def _guarded(tokens: Sequence[str]) -> list[str]:
    """Numbers, negations and sides, in order: twins agree in all of them."""
    return list(filter(_GUARDS.__getitem__, tokens))


class _Guards(dict[str, bool]):
    """Whether twins must agree in a word; few words make up most of all texts (Zipf)."""

    def __missing__(self, token: str) -> bool:
        guarded = token in _GUARDED or (not token.isalpha() and any(map(str.isdigit, token))
                                        and not _SURROGATE.fullmatch(token))
        if len(self) >= _MOST_WORDS:
            self.clear()
        if len(token) <= _LONGEST_WORD:
            self[token] = guarded
        return guarded


_GUARDS = _Guards()


def _hash64(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class _Codes(dict[str, int]):
    """64 bits of a hash for each word; few words make up most of all texts (Zipf)."""

    def __missing__(self, token: str) -> int:
        code = _hash64(token)
        if len(self) >= _MOST_WORDS:
            self.clear()
        if len(token) <= _LONGEST_WORD:
            self[token] = code
        return code


_CODES = _Codes()


def _mixed(values: U64) -> U64:
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)


def _shingle_hashes(codes: U64, starts: npt.NDArray[np.int64]) -> tuple[U64, npt.NDArray[np.int64]]:
    """Hashes of the word 5-shingles of many texts, which stand one behind the other, and where those of each begin.

    Args:
        codes: of the words of all texts; each has at least as many as a shingle.
        starts: where each text begins.
    """
    count = len(codes) - _SHINGLE_WORDS + 1
    total = np.zeros(count, np.uint64)
    for k in range(_SHINGLE_WORDS):
        total = _mixed(total * _MIX + codes[k : k + count])
    within = np.ones(len(codes), bool)
    for k in range(1, _SHINGLE_WORDS):  # shingles that would reach into the next text
        within[np.append(starts[1:], len(codes)) - k] = False
    return total[within[:count]], starts - (_SHINGLE_WORDS - 1) * np.arange(len(starts))


def _bands(together: U64, starts: npt.NDArray[np.int64], guards: U64) -> U32:
    """10 bands of 3 MinHash values for each text, from the hashes of its shingles."""
    bands = np.empty((len(starts), _BANDS), np.uint32)
    seeds = _mixed(np.arange(1, _BANDS * _VALUES + 1, dtype=np.uint64) * _MIX)
    for band in range(_BANDS):
        key = guards + seeds[band]
        for value in range(_VALUES):
            least = np.minimum.reduceat(_mixed(together ^ seeds[band * _VALUES + value]), starts)
            key = _mixed(key * _MIX + least)
        bands[:, band] = (key >> np.uint64(32)) | np.uint64(1)  # 0 means none
    return bands
