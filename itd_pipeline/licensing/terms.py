"""Terms of the licences that medical text comes under, by SPDX identifier.

Belongs here: facts from the licences' own texts. A licence that is not here, and that the profile does not describe
(`licensing.custom`), is unknown. Sources: the Creative Commons legal codes, the SPDX licence list, 17 U.S.C. 105 (works
of the US government).
"""

from __future__ import annotations

import re

from itd_pipeline.settings import LicenceTerms

_FREE = LicenceTerms(redistribution=True, commercial_use=True, derivatives=True, attribution=False)
_NAMED = LicenceTerms(redistribution=True, commercial_use=True, derivatives=True)
_SHARE = LicenceTerms(redistribution=True, commercial_use=True, derivatives=True, share_alike=True)

_BY_NAME = {
    "CC0-1.0": _FREE, "PDDL-1.0": _FREE, "Unlicense": _FREE, "0BSD": _FREE, "CC-PDDC": _FREE, "MIT-0": _FREE,
    "LicenseRef-US-public-domain": _FREE, "LicenseRef-public-domain": _FREE,
    "MIT": _NAMED, "Apache-2.0": _NAMED, "BSD-2-Clause": _NAMED, "BSD-3-Clause": _NAMED, "ISC": _NAMED,
    "ODC-By-1.0": _NAMED, "CDLA-Permissive-1.0": _NAMED, "CDLA-Permissive-2.0": _NAMED, "OGL-UK-3.0": _NAMED,
    "OGL-UK-2.0": _NAMED, "OGL-UK-1.0": _NAMED,
    "ODbL-1.0": _SHARE, "CDLA-Sharing-1.0": _SHARE, "GFDL-1.2-only": _SHARE, "GFDL-1.2-or-later": _SHARE,
    "GFDL-1.3-only": _SHARE, "GFDL-1.3-or-later": _SHARE, "GPL-2.0-only": _SHARE, "GPL-2.0-or-later": _SHARE,
    "GPL-3.0-only": _SHARE, "GPL-3.0-or-later": _SHARE, "AGPL-3.0-only": _SHARE, "AGPL-3.0-or-later": _SHARE,
}
_CREATIVE_COMMONS = re.compile(r"CC-BY((?:-(?:NC|SA|ND))*)-[1-4]\.\d(?:-[A-Z]{2,4})?")


def known_terms(identifier: str) -> LicenceTerms | None:
    """Terms of an SPDX identifier; None where they are not known here."""
    if identifier in _BY_NAME:
        return _BY_NAME[identifier]
    found = _CREATIVE_COMMONS.fullmatch(identifier)
    if found is None:
        return None
    parts = found[1]
    return LicenceTerms(redistribution=True, commercial_use="NC" not in parts, derivatives="ND" not in parts,
                        share_alike="SA" in parts)
