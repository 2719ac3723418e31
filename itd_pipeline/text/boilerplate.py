"""Lines that a source repeats from document to document: copyright, navigation, the same disclaimer everywhere.

Belongs here: which lines these are, and leaving them out of a text. A line that speaks of medicine or gives a
quantity is content however often it is repeated: every leaflet may say "do not take with warfarin".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pyarrow as pa

from itd_pipeline.text.medical_terms import is_medical
from itd_pipeline.text.words import numbers_with_units, words

_LEAST_DOCUMENTS = 10
_FEWEST_WORDS, _MOST_WORDS = 3, 60
_MOST_CHARACTERS = 400
_ERROR_SHARE = 0.1
_PRUNE_EVERY = 10_000
_DIGITS = re.compile(r"\d+")
_OF_HEALTH_CARE = frozenset(re.findall(r"\S+", """
    medical medicine medicines health healthcare doctor doctors physician physicians nurse hospital clinic clinical care
    treatment treatments diagnosis disease diseases disorder disorders symptoms pharmacist professional professionals
    patient patients medication medications therapy provider providers specialist leaflet advice
"""))


def boilerplate_lines(documents: Iterable[pa.Table], share: float) -> frozenset[str]:
    """Keys of the lines that stand in at least `share` of the documents, and in ten of them.

    Lossy counting (Manku and Motwani 2002, doi 10.1016/B978-155860869-6/50038-X) keeps memory bounded: a line can be
    undercounted by a tenth of the share where its documents all stand at one end of a source of more than ten
    thousand. Answers to questions, structured entries and patients' documents are not looked at.

    Args:
        documents: tables with the columns `text`, `question`, `attributes`, `patient_data`.
        share: above 0; with 0 there is no boilerplate.
    """
    counts: dict[str, int] = {}
    seen = 0
    if share <= 0:
        return frozenset()
    for table in documents:
        for text, question, patient_data in zip(*(table.column(name).to_pylist() for name in (
                "text", "question", "patient_data")), strict=True):
            seen += 1
            if patient_data or question is not None:
                continue
            for key in {key for line in text.split("\n") if (key := _key(line))}:
                counts[key] = counts.get(key, 0) + 1
            if seen % _PRUNE_EVERY == 0:
                least = _ERROR_SHARE * share * seen
                counts = {key: count for key, count in counts.items() if count >= least}
    least = max(_LEAST_DOCUMENTS, share * seen)
    return frozenset(key for key, count in counts.items() if count >= least and not _is_content(key))


def without_boilerplate(text: str, lines: frozenset[str]) -> str:
    """`text` without those lines."""
    if not lines:
        return text
    return "\n".join(_kept(text, lines))


def _kept(text: str, lines: frozenset[str]) -> Iterator[str]:
    for line in text.split("\n"):
        if _key(line) not in lines:
            yield line


def _key(line: str) -> str:
    """What two copies of a line have in common; empty for lines that are too short or too long to be boilerplate."""
    if not 10 <= len(line) <= _MOST_CHARACTERS:
        return ""
    pieces = line.lower().split()
    if not _FEWEST_WORDS <= len(pieces) <= _MOST_WORDS:
        return ""
    return _DIGITS.sub("0", " ".join(pieces))


def _is_content(key: str) -> bool:
    tokens = [token for token in words(key) if token not in _OF_HEALTH_CARE]
    return key.startswith("#") or any(map(is_medical, tokens)) or any(
        quantity.unit for quantity in numbers_with_units(key))
