"""Licences as articles state them, in an address or in a sentence, as SPDX identifiers where they are clear.

Belongs here: recognising a statement. Does not belong here: what a licence allows (`terms.py`). Where a
statement is not clear the answer is None: a later gate refuses what it does not know.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"creativecommons\.org/(?:licenses|licences)/(by(?:-nc)?(?:-sa|-nd)?)(?:/(\d\.\d))?", re.I)
_ZERO = re.compile(r"creativecommons\.org/publicdomain/zero|\bCC0\b|\bCC[ -]Zero\b|Creative Commons (?:CC0|Zero)", re.I)
_MARK = re.compile(r"creativecommons\.org/publicdomain/mark|\b(?:is|lies|are|be) in the public domain\b|"
                   r"^public[- ]domain$|\bfree of all copyright\b", re.I)
_SHORT = re.compile(r"\bCC[ -]?BY((?:[ -](?:NC|SA|ND))*)(?:[ -]?(\d\.\d))?\b", re.I)
_WORDS = re.compile(r"Creative Commons,?\s+(Attribution(?:[ -/,]{1,3}(?:Non[- ]?Commercial|Share[- ]?Alike|"
                    r"No[- ]?Deriv(?:ative)?s?(?: Works?)?))*)(?:\s+(?:licen[cs]e\s*)?(?:\(CC[^)]*\)\s*)?"
                    r"(?:version\s*)?v?(\d\.\d))?", re.I)


def from_statement(statement: str) -> str | None:
    """SPDX identifier, or None where the statement names no licence clearly.

    A Creative Commons licence without a version is taken as 4.0, the one that its words describe today; whether a use
    is allowed does not depend on it.
    """
    if found := _ADDRESS.search(statement):
        return _spdx(found[1].upper().split("-"), found[2])
    if _ZERO.search(statement):
        return "CC0-1.0"
    if found := _WORDS.search(statement):
        words = re.sub(r"[^a-z]", "", found[1].lower())
        parts = ["BY", *(short for word, short in (("noncommercial", "NC"), ("sharealike", "SA"), ("noderiv", "ND"))
                         if word in words)]
        return _spdx(parts, found[2])
    if found := _SHORT.search(statement):
        return _spdx(["BY", *re.findall(r"NC|SA|ND", found[1].upper())], found[2])
    if _MARK.search(statement):
        return "LicenseRef-public-domain"
    return None


def _spdx(parts: list[str], version: str | None) -> str:
    order = ["BY", "NC", "SA", "ND"]
    named = [part for part in order if part in parts]
    return f"CC-{'-'.join(named)}-{version or '4.0'}"
