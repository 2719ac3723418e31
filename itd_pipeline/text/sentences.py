"""Where sentences end. Belongs here: sentence boundaries in English medical prose. Not here: how passages are packed.

A full stop ends a sentence only where white space and something that can open a sentence follow, so it never
parts a decimal (2.5). Titles and Latin abbreviations (Dr., e.g., vs.) never end one; units and dose
abbreviations (mg., b.i.d., i.v.) end one only before a capital letter.
"""

from __future__ import annotations

import re

_STOP = re.compile(r"(?P<stop>[.!?…]+)[\"')\]”\u2019]*(?P<space>\s+)|(?P<blank>\n[ \t]*\n\s*)|(?P<item>\n[ \t]*"
    r"(?=[-*•\u2013] |\d{1,2}[.)] ))")
_MARK = re.compile(r"[.!?…\n]")
"""What every match of it begins with; `re` runs over everything else several times faster."""
_TOKEN = re.compile(r"[^\s(\[\"“]+$")
_OPENS = re.compile(r"[\"'(\[“\u2018]*[^\W_a-z]|[\"'(\[“\u2018]+[a-z]|[-*•\u2013#] |[≥≤<>±~+]")

_NEVER = frozenset(re.findall(r"\S+", """
    dr mr mrs ms mx prof st rev hon sr jr gen col capt lt sgt messrs drs e.g i.e eg ie viz cf vs v approx ca al
    fig figs eq ref refs no nos vol pp sec ch tab suppl spp sp subsp var resp incl esp dept univ inc
"""))
_BEFORE_CAPITAL = frozenset(re.findall(r"\S+", """
    mg mcg ug g kg ml dl l cm mm m hr hrs min mins sec secs wk wks mo mos yr yrs oz lb lbs in ft tbsp tsp tab
    tabs cap caps gtt u iu i.v i.m s.c s.q p.o p.r p.v s.l n.p.o b.i.d t.i.d q.i.d q.d q.h.s h.s a.c p.c p.r.n
    o.d o.s o.u a.m p.m u.s u.k d.c m.d r.n ph.d d.o pt pts hx dx rx tx sx wt ht temp etc
"""))
_STARTERS = frozenset(re.findall(r"\S+", """
    the this these those it its in on at if a an and but he she they we you there however for when while
    patients most some many no not other symptoms treatment people as although after before because both each to
"""))
_WORD = re.compile(r"[^\W\d_]+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence in `text`, in order, without surrounding white space."""
    spans: list[tuple[int, int]] = []
    start = 0
    done = 0
    for mark in _MARK.finditer(text):
        match = _STOP.match(text, mark.start()) if mark.start() >= done else None
        if match is None:
            continue
        done = match.end()
        if match["stop"] is not None and not _ends_sentence(text, start, match):
            continue
        end = match.start("space") if match["stop"] is not None else match.start()
        _append(spans, text, start, end)
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    after = match.end()
    if text.count("\n", match.start("space"), after) > 1:
        return True
    if after < len(text) and not _OPENS.match(text, after):
        return False
    if match["stop"] != ".":
        return True
    token_match = _TOKEN.search(text, max(start, match.start() - 24), match.start())
    if token_match is None:
        return True
    token = token_match.group().lower().rstrip(".")
    if token in _NEVER:
        return False
    following = text[after : after + 1]
    if token in _BEFORE_CAPITAL:
        return following.isupper() or not following
    if len(token) == 1 and token.isalpha():
        # An initial (J. Smith), unless a common word opens the next sentence (vitamin C. The ...).
        word = _WORD.match(text, after)
        return word is None or word.group().lower() in _STARTERS
    # A list number that opens its line: "1. Take ..."
    opens_line = token_match.start() == start or text[token_match.start() - 1] == "\n"
    return not (token.isdigit() and len(token) <= 2 and opens_line)
