"""Quantities of a text: value, unit, and both brought to one unit of their dimension.

Mass is counted in mg, volume in ml, time up to weeks in minutes, months and years in months, length in mm; compound
units such as mg/kg/d or g/l follow from their parts. What has no dimension here (IU, mmol, mmHg, tablets, times) keeps
its own. A unit that follows the last number of a range or a list belongs to all of it: 5 to 10 mg, 5, 10 or 20 mg,
120/80 mmHg.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from itd_pipeline.text.words import numbers_with_units

_BASE: dict[str, tuple[str, float]] = {
    "kg": ("mass", 1e6), "g": ("mass", 1e3), "mg": ("mass", 1.0), "μg": ("mass", 1e-3), "ng": ("mass", 1e-6),
    "pg": ("mass", 1e-9), "l": ("volume", 1e3), "dl": ("volume", 100.0), "cl": ("volume", 10.0), "ml": ("volume", 1.0),
    "μl": ("volume", 1e-3), "mm3": ("volume", 1e-3), "wk": ("time", 10_080.0), "d": ("time", 1_440.0),
    "h": ("time", 60.0), "min": ("time", 1.0), "s": ("time", 1 / 60), "y": ("months", 12.0), "mo": ("months", 1.0),
    "m": ("length", 1e3), "cm": ("length", 10.0), "mm": ("length", 1.0), "μm": ("length", 1e-3), "km": ("length", 1e6),
    "mol": ("amount", 1e3), "mmol": ("amount", 1.0), "μmol": ("amount", 1e-3), "nmol": ("amount", 1e-6),
    "pmol": ("amount", 1e-9), "iu": ("units", 1.0), "units": ("units", 1.0), "miu": ("units", 1e-3),
}
_SAME = {"day": "d", "hour": "h", "hr": "h", "minute": "min", "week": "wk", "month": "mo", "year": "y", "yr": "y"}
_JOINED = re.compile(r"(?:\s?[-–—/]\s?|\s(?:to|or|and|through)\s|,\s(?:or|and)\s)(?:(?:up to|about)\s)?$")
_LISTED = re.compile(r",\s?$")  # 5, 10 or 20 mg: only before a number that has its unit from the next one
COUNTS = frozenset(("times", "tablet", "capsule", "drop", "puff", "dose", "months", "time", ""))
"""Dimensions that a bare number may support: `aged 5 to 12` holds 5 years."""


@dataclass(frozen=True)
class Amount:
    """A number with its unit.

    Args:
        written: canonical decimal as it stands in the text.
        unit: canonical unit, empty where none follows.
        dimension: such as `mass`, `mass/volume`, `%`, `mmhg`; empty where there is no unit.
        value: in the base unit of the dimension.
        start: place in the text, for the sentence around it.
    """

    written: str
    unit: str
    dimension: str
    value: float
    start: int

    @property
    def key(self) -> tuple[str, float]:
        return self.dimension, significant(self.value)


def significant(value: float) -> float:
    """Rounded to six significant digits, so that 0.5 g and 500 mg are one."""
    return float(f"{value:.6g}")


def dimension_of(unit: str) -> tuple[str, float]:
    """(dimension, factor to its base unit)."""
    parts = [_SAME.get(part, part) for part in unit.split("/")]
    names, factor = [], 1.0
    for place, part in enumerate(parts):
        name, size = _BASE.get(part, (part, 1.0))
        names.append(name)
        factor = factor * size if place == 0 else factor / size
    return "/".join(names), factor


def amounts_in(text: str) -> list[Amount]:
    """Every quantity of a text whose numbers are digits (`spelled.with_digits`)."""
    found = numbers_with_units(text)
    units = [q.unit for q in found]
    for i in range(len(found) - 2, -1, -1):
        gap = text[found[i].end:found[i + 1].start]
        if units[i] or not units[i + 1] or len(gap) > 12:
            continue
        if _JOINED.search(gap) or (not found[i + 1].unit and _LISTED.search(gap)):
            units[i] = units[i + 1]
    amounts = []
    for quantity, unit in zip(found, units, strict=True):
        dimension, factor = dimension_of(unit)
        amounts.append(Amount(quantity.value, unit, dimension, float(quantity.value) * factor, quantity.start))
    return amounts
