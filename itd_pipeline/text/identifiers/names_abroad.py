"""Given names from other countries than the census of the United States knows: those of package `faker`, 80 locales.

Evidence for two words that stand together, too weak for one word alone. Only Latin script; names of one word.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{4,}(?:-[A-Za-z\u00c0-\u024f]{2,})?")


@cache
def names_abroad() -> frozenset[str]:
    """Given names in lower case, of at least four letters, words among them."""
    import faker.providers.person as persons

    found: set[str] = set()
    for module in sorted(found.name for found in pkgutil.iter_modules(persons.__path__)):
        provider = importlib.import_module(f"{persons.__name__}.{module}").Provider
        for attribute in dir(provider):
            listed = getattr(provider, attribute)
            if attribute.startswith("first_name") and isinstance(listed, (list, tuple, dict)):
                # Some locales give (name, transcription) pairs.
                entries = (entry if isinstance(entry, str) else entry[0] for entry in listed)
                found.update(entry.lower() for entry in entries if _LATIN.fullmatch(entry))
    return frozenset(found)
