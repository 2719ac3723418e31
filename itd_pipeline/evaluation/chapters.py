"""Chapters of ICD-10-CM by the range of their codes, as the tabular list has them.

Belongs here: which chapter a code stands in. Does not belong here: what a code means.
"""

from __future__ import annotations

import re

CHAPTERS: tuple[tuple[str, str, str], ...] = (
    ("A00", "B99", "1 Infectious and parasitic diseases"),
    ("C00", "D49", "2 Neoplasms"),
    ("D50", "D89", "3 Blood and immune mechanism"),
    ("E00", "E89", "4 Endocrine, nutritional and metabolic diseases"),
    ("F01", "F99", "5 Mental and behavioural disorders"),
    ("G00", "G99", "6 Nervous system"),
    ("H00", "H59", "7 Eye and adnexa"),
    ("H60", "H95", "8 Ear and mastoid process"),
    ("I00", "I99", "9 Circulatory system"),
    ("J00", "J99", "10 Respiratory system"),
    ("K00", "K95", "11 Digestive system"),
    ("L00", "L99", "12 Skin and subcutaneous tissue"),
    ("M00", "M99", "13 Musculoskeletal system and connective tissue"),
    ("N00", "N99", "14 Genitourinary system"),
    ("O00", "O9A", "15 Pregnancy, childbirth and the puerperium"),
    ("P00", "P96", "16 Perinatal period"),
    ("Q00", "Q99", "17 Congenital malformations"),
    ("R00", "R99", "18 Symptoms and abnormal findings"),
    ("S00", "T88", "19 Injury and poisoning"),
    ("V00", "Y99", "20 External causes"),
    ("Z00", "Z99", "21 Factors influencing health status"),
    ("U00", "U85", "22 Special purposes"),
)
_CODE = re.compile(r"ICD-10(?:-CM)?:([A-Z][0-9][0-9A-Z])")


def chapter_of(code: str) -> str | None:
    """Chapter of `ICD-10-CM:E11.9`; None for a code of another system or outside of every chapter."""
    match = _CODE.match(code)
    if match is None:
        return None
    return next((name for first, last, name in CHAPTERS if first <= match[1] <= last), None)
