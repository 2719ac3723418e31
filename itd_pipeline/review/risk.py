"""Where an error would harm more or is likelier, so that more of those records are judged.

Belongs here: which record is of higher risk, from its own fields and from what the automatic judge said of it. Does not
belong here: how many of them are drawn (`sampling.py`).

Higher risk: severe or life-threatening conditions; a dose (a number with a unit of dosing) in the answer; children;
pregnancy. Doses and children are where prescribing errors harm most (Kaushal et al. 2001, JAMA 285:2114).

Where a judge was asked, also what it is in doubt about: it contradicts itself between its two orders (`inconsistent`),
scores within half a point of a threshold that decides, or gave no usable verdict. A person's judgement is worth most
where a model's is worth least (uncertainty sampling, Lewis and Gale 1994). A record whose judge was refused, or that
nobody asked about, says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

READS = ("severity", "age_group", "specialty", "codes", "instruction", "output")
"""Columns of a record that the judgement needs."""
JUDGED = ("judge_status", "judge_score")
"""Columns of its signals that it needs besides."""
MIDDLE = 3.0
"""Middle of the judge's scale from 1 to 5: the threshold where no rule of the policy names one."""
UNSURE_WITHIN = 0.5
"""A score this near to a threshold could as well be on its other side: criteria are scored in whole points, and the two
orders of one record often differ by one."""
_DOSE = re.compile(r"(?i)\b\d[\d.,]*\s?(?:mg|mcg|µg|μg|microgram\w*|milligram\w*|g|units?|iu|ml|mmol)\b"
                   r"(?:\s?/\s?(?:kg|day|d|h|dose|m2)|\s+(?:per|a|once|twice|daily|every|orally|by mouth|im|iv)\b)")
_PREGNANCY = re.compile(r"(?i)\b(?:pregnan|antenatal|breastfe|lactat|trimester)")
_PREGNANCY_CODE = re.compile(r"ICD-10-CM:(?:O|Z3[3-7])")
_CHILD = {"neonate", "infant", "child", "adolescent"}
_SEVERE = {"severe", "life_threatening"}


def higher_risk(record: Mapping[str, Any], thresholds: Sequence[float] = (MIDDLE,)) -> str:
    """Why a record is of higher risk, the first that holds: `severity`, `child`, `pregnancy`, `dose`, `judge_disagrees`
    or `judge_unsure`; empty where it is not.

    Args:
        record: the columns of `READS` and `JUDGED`; a missing one says nothing.
        thresholds: scores of the judge at which something is decided.
    """
    text = f"{record.get('instruction') or ''}\n{record.get('output') or ''}"
    if record.get("severity") in _SEVERE:
        return "severity"
    if record.get("age_group") in _CHILD or record.get("specialty") == "paediatrics":
        return "child"
    if _PREGNANCY.search(text) or any(_PREGNANCY_CODE.match(code) for code in record.get("codes") or ()):
        return "pregnancy"
    return "dose" if _DOSE.search(record.get("output") or "") else _doubt(record, thresholds)


def _doubt(record: Mapping[str, Any], thresholds: Sequence[float]) -> str:
    status, score = record.get("judge_status"), record.get("judge_score")
    if status == "inconsistent":
        return "judge_disagrees"
    near = score is not None and any(abs(score - threshold) < UNSURE_WITHIN for threshold in thresholds)
    return "judge_unsure" if status == "failed" or near else ""
