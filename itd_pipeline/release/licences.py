"""Licences as the Hugging Face Hub and Croissant want them named. No licence is invented.

The identifiers below are those of the Hub that stand for licences of data and text; they are SPDX identifiers in
small letters. Anything else is `other` on the Hub and its plain name in Croissant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNDECLARED = frozenset({
    "", "unknown", "unspecified", "undeclared", "none", "null", "n/a", "noassertion", "other", "tbd",
    "licenseref-unknown", "licenseref-unspecified",
})

_SPDX = {
    licence.casefold(): licence
    for licence in (
        "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0",
        "CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-2.0",
        "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0",
        "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "etalab-2.0", "EUPL-1.2", "ISC", "MIT",
        "MPL-2.0", "Unlicense",
    )
}


def parts(expression: str) -> list[str]:
    """Licences that all apply: `A AND B` -> [A, B]. Alternatives (`OR`) stay one licence: choosing is for people."""
    return [part.strip("() ") for part in expression.split(" AND ")] if " OR " not in expression else [expression]


def is_declared(licence: str) -> bool:
    """Whether somebody has said what the licence is."""
    return licence.strip().casefold() not in _UNDECLARED


def for_hub(counts: Mapping[str, int]) -> dict[str, Any]:
    """Front matter of the card: `license`, and what explains it where the Hub has no word for it.

    Args:
        counts: licence -> records.
    """
    if not counts:
        return {}
    if len(counts) == 1:
        licence = next(iter(counts))
        if licence.casefold() in _SPDX:
            return {"license": licence.casefold()}
        return {"license": "other", "license_name": licence.casefold()}
    listed = ", ".join(f"{licence} ({counts[licence]:,})" for licence in sorted(counts))
    return {"license": "other", "license_name": "several-licences", "license_details": listed}


def for_croissant(licence: str) -> str:
    """Address of the licence at spdx.org where it is one of the identifiers above; otherwise its name."""
    known = _SPDX.get(licence.casefold())
    return f"https://spdx.org/licenses/{known}.html" if known else licence
