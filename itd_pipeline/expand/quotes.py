"""Where a quote stands in a passage. Belongs here: the search. Not here: whether a quote supports an answer.

A quote is found where its characters stand in the passage, whatever the white space between them, the case of
letters and the shape of quotation marks, apostrophes and dashes. What is stored is the passage's own text at
the offsets found, so `passage.text[start:end] == quote` always holds.
"""

from __future__ import annotations

import re

_SHAPES = str.maketrans("\u2018\u2019\u02bc\u201c\u201d\u2010\u2011\u2013\u2014", "'''\"\"----")
_SPACE = re.compile(r"\s+")


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """(start, end) of `quote` in `text`, or None where it does not stand there.

    An exact match wins; otherwise white space, case, quotation marks and dashes may differ. Quotation marks or
    dots that a model has put around the quote are left out of the search where it fails with them.
    """
    wanted = quote.strip()
    if not wanted:
        return None
    for attempt in (wanted, wanted.strip(" \t\n\"'\u201c\u201d\u2018\u2019\u2026").removesuffix("...").strip()):
        if not attempt:
            continue
        at = text.find(attempt)
        if at >= 0:
            return at, at + len(attempt)
        pattern = r"\s+".join(re.escape(part) for part in _SPACE.split(attempt.translate(_SHAPES)))
        match = re.search(pattern, text.translate(_SHAPES), re.IGNORECASE)
        if match:
            return match.start(), match.end()
    return None
