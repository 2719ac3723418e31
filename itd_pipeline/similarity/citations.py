"""The same publication listed twice: bibliographic records compared by title, authors, year, volume, page and DOI.

Belongs here: the comparison of two references and their clusters. Does not belong here: reading reference files.

Databases abbreviate journals and authors, lose diacritics, translate titles and add notes in brackets, so no single
field decides (Rathbone et al. 2015, doi 10.1186/2046-4053-4-6; Forbes et al. 2024, doi 10.1186/s13643-024-02619-9).
Two references are the same publication if

1. both have a DOI, it is the same, and the titles are alike at all (an abstract book has one DOI for many abstracts);
2. or the titles are nearly the same, nothing contradicts (years more than one apart, another first page, other numbers
   in the title), and something else agrees (an author, volume or page);
3. or the titles are alike at all, and year, volume, first page and an author agree: a translated title.

How alike titles are is the normalised Indel similarity of their letters and digits, without case, diacritics, markup
and notes in brackets.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xxhash

from itd_pipeline.similarity.arrays import I64
from itd_pipeline.similarity.clusters import connected
from itd_pipeline.similarity.join import similar_pairs

NEARLY_THE_SAME = 0.9
"""Title similarity from which two references without a contradiction are one publication."""
ALIKE = 0.5
_TRIGRAMS = 0.4
"""Jaccard similarity of title trigrams from which a pair is looked at; 0.9 of the letters in order leaves more."""
_MARKUP = re.compile(r"<[^<>]{1,20}>")
_NOTE = re.compile(r"[\[(](?:erratum|corrigend|(?:see )?comment|retract|abstract|letter).*", re.IGNORECASE | re.DOTALL)
_WORDS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_YEAR = re.compile(r"\d{4}")
_PAGE = re.compile(r"[A-Za-z]*0*(\d+)")
_DATE = re.compile(r"^\s*\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")


@dataclass(frozen=True)
class Citation:
    """A reference as a database exports it; what is not known is empty.

    Args:
        title: as written.
        authors: `Family, Given` or `Given Family`.
        year: text that holds a year of four digits.
        volume, pages: as written.
        doi: with or without an address in front.
    """

    title: str
    authors: Sequence[str] = ()
    year: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""


@dataclass(frozen=True)
class _Folded:
    title: str
    numbers: tuple[str, ...]
    families: tuple[str, ...]
    year: int | None
    volume: str
    page: str
    doi: str


def citation_clusters(citations: Sequence[Citation], threshold: float = NEARLY_THE_SAME) -> I64:
    """Per reference the number of the first reference of the same publication, its own where it stands alone.

    Args:
        citations: references in any order; the clusters do not depend on it.
        threshold: title similarity of rule 2, in [0, 1].
    """
    folded = [_fold(citation) for citation in citations]
    edges = [(a, b) for a, b in _candidates(folded) if _same(folded[a], folded[b], threshold)]
    left, right = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    return connected(np.arange(len(citations)), left, right)


def _candidates(folded: Sequence[_Folded]) -> list[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    keys: dict[tuple[str, ...], list[int]] = {}
    for i, reference in enumerate(folded):
        if reference.doi:
            keys.setdefault((reference.doi,), []).append(i)
        if reference.volume and reference.page and reference.year:
            keys.setdefault((str(reference.year), reference.volume, reference.page), []).append(i)
    for members in keys.values():
        found.update((a, b) for n, a in enumerate(members) for b in members[n + 1:])
    trigrams = [{reference.title[k:k + 3] for k in range(max(1, len(reference.title) - 2))} for reference in folded]
    rows = np.repeat(np.arange(len(folded)), [len(grams) for grams in trigrams])
    hashes = np.array([xxhash.xxh64_intdigest(gram.encode()) for grams in trigrams for gram in sorted(grams)],
                      np.uint64)
    for pairs in similar_pairs(hashes, rows, len(folded), _TRIGRAMS):
        found.update(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    return sorted(found)


def _same(a: _Folded, b: _Folded, threshold: float) -> bool:
    from rapidfuzz.distance import Indel

    similarity = Indel.normalized_similarity(a.title, b.title)
    if similarity < ALIKE:
        return False
    if a.doi and a.doi == b.doi:
        return True
    year_apart = abs(a.year - b.year) if a.year and b.year else 0
    author = bool(set(a.families[:1]) & set(b.families) or set(b.families[:1]) & set(a.families))
    unsigned = not a.families or not b.families
    volume, page = _agree(a.volume, b.volume), _agree(a.page, b.page)
    if similarity >= threshold:
        contradicted = year_apart > 1 or page is False or (volume is False and page is None) or a.numbers != b.numbers
        return not contradicted and (author or bool(volume) or bool(page))
    return year_apart == 0 and a.year is not None and bool(volume) and bool(page) and (author or unsigned)


def _agree(a: str, b: str) -> bool | None:
    """None where one of them is not known."""
    return a == b if a and b else None


def _fold(citation: Citation) -> _Folded:
    title = _letters(_NOTE.sub(" ", html.unescape(citation.title)))
    year = _YEAR.search(citation.year)
    page = None if _DATE.match(citation.pages) else _PAGE.search(citation.pages)  # 8-9 that became a date
    doi = _DOI.search(citation.doi.lower())
    return _Folded(
        title=title, numbers=tuple(_DIGITS.findall(title)),
        families=tuple(family for family in map(_family, citation.authors) if family),
        year=int(year[0]) if year else None, volume=_letters(citation.volume), page=page[1] if page else "",
        doi=doi[0].rstrip(".,;") if doi else "",
    )


def _letters(text: str) -> str:
    """Letters and digits without case, diacritics and markup; words parted by a space."""
    text = unicodedata.normalize("NFKD", _MARKUP.sub(" ", text)).casefold()
    return " ".join(_WORDS.findall("".join(c for c in text if not unicodedata.combining(c))))


def _family(author: str) -> str:
    """Last part of the family name: `von Pawel` and `Pawel` are one."""
    name = author.partition(",")[0] if "," in author else author
    parts = [part for part in _letters(name).split() if part not in ("jr", "sr", "ii", "iii")]
    return max(parts[-2:], key=len) if parts else ""


