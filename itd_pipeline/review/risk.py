"""Where an error would harm more, so that more of those records are judged.

Belongs here: which record is of higher risk, from its own fields. Does not belong here: how many of them are drawn
(`sampling.py`).

Higher risk: severe or life-threatening conditions; a dose (a number with a unit of dosing) in the answer; children;
pregnancy. Doses and children are where prescribing errors harm most (Kaushal et al. 2001, JAMA 285:2114).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

READS = ("severity", "age_group", "specialty", "codes", "instruction", "output")
"""Columns that the judgement needs."""
_DOSE = re.compile(r"(?i)\b\d[\d.,]*\s?(?:mg|mcg|µg|μg|microgram\w*|milligram\w*|g|units?|iu|ml|mmol)\b"
                   r"(?:\s?/\s?(?:kg|day|d|h|dose|m2)|\s+(?:per|a|once|twice|daily|every|orally|by mouth|im|iv)\b)")
_PREGNANCY = re.compile(r"(?i)\b(?:pregnan|antenatal|breastfe|lactat|trimester)")
_PREGNANCY_CODE = re.compile(r"ICD-10-CM:(?:O|Z3[3-7])")
_CHILD = {"neonate", "infant", "child", "adolescent"}
_SEVERE = {"severe", "life_threatening"}


def higher_risk(record: Mapping[str, Any]) -> str:
    """Why a record is of higher risk: `severity`, `child`, `pregnancy` or `dose`; empty where it is not.

    Args:
        record: the columns of `READS`; a missing one says nothing.
    """
    text = f"{record.get('instruction') or ''}\n{record.get('output') or ''}"
    if record.get("severity") in _SEVERE:
        return "severity"
    if record.get("age_group") in _CHILD or record.get("specialty") == "paediatrics":
        return "child"
    if _PREGNANCY.search(text) or any(_PREGNANCY_CODE.match(code) for code in record.get("codes") or ()):
        return "pregnancy"
    return "dose" if _DOSE.search(record.get("output") or "") else ""
