"""What pages add to a text: broken words, bullets, page numbers, drawn tables, lists of references.

Belongs here: flattening one text, and telling a list of references. Not here: Unicode (`normalise`) or boilerplate
that documents share (`boilerplate`).
"""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers import lexicon

_BROKEN_WORD = re.compile(r"(?<![\w-])([^\W\d_]{2,})-\n[ \t]*([a-zß-ÿ]{2,})")
_BULLET = re.compile(r"(?m)^([ \t]*)[•▪◦‣●○■□➢➤✓►∙⁃·§][ \t]*(?=\S)")
_PAGE = re.compile(r"(?mi)^[ \t]*(?:page \d{1,4}(?: ?(?:of|/) ?\d{1,4})?|"
                   r"[-\u2013\u2014] ?\d{1,4} ?[-\u2013\u2014])[ \t]*(?:\n|$)")
_RULE = re.compile(r"(?m)^[ \t]*(?:-{4,}|_{4,}|={4,}|\*{4,}|~{4,}|[\u2500-\u257f ]{4,})[ \t]*(?:\n|$)")
# What a line begins with that these patterns match. Such a search is many times faster than one for `^`, because it
# begins with a fixed character.
_BULLET_LINE = re.compile(r"\n[ \t]*[•▪◦‣●○■□➢➤✓►∙⁃·§]")
_PAGE_LINE = re.compile(r"\n[ \t]*(?:[pP][aA][gG][eE] \d|[-\u2013\u2014] ?\d)")
_RULE_LINE = re.compile(r"\n[ \t]*(?:-{4}|_{4}|={4}|\*{4}|~{4}|[\u2500-\u257f])")
_TABLE = re.compile(r"(?m)(?:^[ \t]*\|[^\n]*\|[ \t]*(?:\n|$)){2,}")
_SEPARATOR = re.compile(r"[ \t]*\|(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t]*")
_REFERENCES = re.compile(
    r"(?i)(?:\d{1,2}\.?\d?\s+)?(?:references?(?: and notes| cited| list)?|bibliograph(?:y|ies)|literature cited|"
    r"works cited|further reading|citations|literatur(?:verzeichnis)?|bibliograf[ií]a|"
    r"referencias(?: bibliogr[aá]ficas)?|"
    r"r[eé]f[eé]rences(?: bibliographiques)?)")
_CITATION = re.compile(
    r"\bet al\b|\bdoi\b|10\.\d{4,9}/|\bPMID\b|\(?(?:19|20)\d\d\)?[;:,.]\s*\d+\s*(?:\(\d+\))?\s*[:,]\s*[eE]?\d+|"
    r"(?:19|20)\d\d;\s*\d|\bpp?\. ?\d+[-\u2013]\d+|[A-Z][a-z]+ [A-Z]{1,2}, [A-Z][a-z]+ [A-Z]{1,2}[,.]")
_CITATION_SHARE = 0.6
_FEWEST_LINES = 4


def flatten(text: str) -> str:
    """`text` with words that line ends broke joined, bullets as `- `, tables as one line per row, and without page
    numbers and drawn lines. Numbers, units and signs of a row stay as they are; a text without such marks comes back
    unchanged."""
    if "-\n" in text:
        text = _BROKEN_WORD.sub(_joined, text)
    if not text.isascii() and _BULLET_LINE.search("\n" + text):
        text = _BULLET.sub(r"\1- ", text)
    if "|\n" in text or text.endswith("|"):
        text = _TABLE.sub(_rows, text)
    if "\n" in text:
        if _PAGE_LINE.search("\n" + text):
            text = _PAGE.sub("", text)
        if _RULE_LINE.search("\n" + text):
            text = _RULE.sub("", text)
    return text


def _joined(match: re.Match[str]) -> str:
    """hyper-/tension becomes hypertension; beta-/blocker keeps its hyphen, because betablocker is no word."""
    whole = match[1] + match[2]
    if lexicon.is_word(whole.lower()):
        return whole
    # Without a dictionary's word: a part that is none (hyponatr-/aemia) shows that the line end broke it.
    parts = lexicon.is_word(match[1].lower()) and lexicon.is_word(match[2])
    return f"{match[1]}-{match[2]}" if parts or match[1].isupper() or match[1][0].isupper() else whole


def _rows(match: re.Match[str]) -> str:
    """A table drawn with bars, as `head: cell; head: cell` per row where it has a head."""
    lines = [line.strip() for line in match.group().strip().split("\n")]
    drawn = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not _SEPARATOR.fullmatch(line)]
    if not drawn:
        return ""
    headed = len(lines) > 1 and _SEPARATOR.fullmatch(lines[1]) is not None and len(drawn) > 1
    if not headed:
        return "\n".join("; ".join(cell for cell in row if cell) for row in drawn) + "\n"
    head, *body = drawn
    written = []
    for row in body:
        cells = [f"{name}: {cell}" if name else cell
                 for name, cell in zip([*head, *[""] * len(row)], row, strict=False) if cell]
        written.append("; ".join(cells))
    return "\n".join(written) + "\n"


def is_reference_list(section: str, text: str) -> bool:
    """Whether a passage lists literature: its heading says so, or most of its lines are citations."""
    last = section.rpartition(" > ")[2].strip(" .:#*")
    if last and _REFERENCES.fullmatch(last):
        return True
    if text.count("\n") < _FEWEST_LINES - 1:
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    dated = [line for line in lines if "19" in line or "20" in line or "doi" in line]
    if len(lines) < _FEWEST_LINES or len(dated) < _CITATION_SHARE * len(lines):
        return False
    return sum(_CITATION.search(line) is not None for line in dated) >= _CITATION_SHARE * len(lines)
