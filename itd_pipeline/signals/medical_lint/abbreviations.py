"""Abbreviations that are misread, and the harm that each has done.

The facts are those of the Joint Commission's `Do not use` list (2004) and of ISMP's list of error-prone abbreviations
(2024); the words are ours. An abbreviation that the output spells out beside it (`IU (international units)`) passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from itd_pipeline.signals.medical_lint.rule import LintRecord, LintRule, Severity


class _Entry(NamedTuple):
    name: str
    pattern: str
    misread: str
    severity: Severity
    hints: tuple[str, ...]


_ENTRIES = (
    _Entry("u_for_units", r"(?<![\w.])\d+(?:\.\d+)? ?[Uu](?![\w./])", "U is read as 0 or 4; write units", "major",
           ("u",)),
    _Entry("ug", r"(?<=\d) ?(?:µg|μg|ug)\b", "µg is read as mg; write mcg or micrograms", "minor", ("µg", "μg", "ug")),
    _Entry("qd", r"\b(?:Q\.?D\.?|q\.?d\.?)(?=[\s,.;)]|$)(?! \()", "q.d. is read as q.i.d.; write daily", "major",
           ("qd", "q.d")),
    _Entry("qod", r"\b(?:QOD|Q\.O\.D\.|q\.?o\.?d\.?)(?=[\s,;)]|$)", "q.o.d. is read as q.d. or q.i.d.; write every "
                                                                    "other day",
           "major", ("qod", "q.o.d", "qo.d")),
    _Entry("ms_mso4", r"\b(?:MSO4|MgSO4|MS (?=\d+ ?mg))\b", "morphine sulfate and magnesium sulfate are mixed "
                                                            "up", "critical", ("so4", "ms ")),
    _Entry("ear_or_eye", r"\b(?:AD|AS|AU|OD|OS|OU)\b(?= (?:\d+ drops?|twice|once|daily|drops?|every))",
           "letters for ear and eye are mixed up, OD is read as once daily", "major",
           ("ad ", "as ", "au ", "od ", "os ", "ou ")),
    _Entry("sc_sq", r"\b(?:SQ|sub ?q)\b(?! \()", "SQ is read as 5 every; write subcutaneously", "minor", ("sq", "sub "
                                                                                                                "q",
                                                                                                                "subq")),
    _Entry("iu", r"(?<=\d) ?(?:IU|I\.U\.)(?![\w/])", "IU is read as IV or 10; write units", "minor", ("iu", "i.u")),
    _Entry("dc", r"(?<![\w/])[Dd]/[Cc]\b(?=[ :])", "D/C is discharge or discontinue; write it out", "minor", ("d/c",)),
    _Entry("ij", r"\b\d+ ?(?:mg|mcg|units|mL) IJ\b", "IJ is read as IV; write injection", "major", (" ij",)),
    _Entry("qn", r"\b(?:qn|q1d|q\.n\.)(?=[\s,;)]|$)", "read as every hour or q.i.d.; write nightly or daily", "major",
           ("qn", "q1d", "q.n.")),
    _Entry("no_commas", r"(?<![\d.,/-])\d{5,} ?(?:units|IU|mg|mcg)\b", "zeros are miscounted; write commas from 1,000",
           "minor", ("0 units", "0units", "0 iu", "0iu", "0 mg", "0mg", "0 mcg", "0mcg")),
    _Entry("hs_dotted", r"(?<![\w.])h\.s\.(?!\w)", "half strength or bedtime; write it out", "major", ("h.s.",)),
    _Entry("hs", r"\b(?:qhs|q\.h\.s\.|HS)\b(?= (?:\d|dose)|[\s.,;)]*$)", "half strength or bedtime; write it "
                                                                         "out", "major", ("hs", "h.s")),
    _Entry("per_os", r"\bper os\b", "os is read as left eye; write by mouth", "minor", ("per os",)),
    _Entry("cc", r"(?<=\d) ?cc\b", "cc is read as units; write mL", "minor", ("cc",)),
    _Entry("tiw", r"\b(?:TIW|BIW|t\.i\.w\.|b\.i\.w\.)(?!\w)", "read as three times a day; write three times "
                                                              "weekly", "major", ("iw", "i.w")),
    _Entry("dose_and_slash", r"\b\d+ ?(?:mg|units|mcg) ?/ ?\d+ ?(?:mg|units|mcg) ?(?=twice|once|daily|per dose)",
           "a stroke is read as 1; write and", "minor", ("/",)),
    _Entry("drug_letters", r"\b(?:AZT|CPZ|HCTZ|MTX|TNK|DPT|HCT|TAC|ARA ?A|PCA dose)\b(?= \d|\s?\d+ ?mg)",
           "drug names in letters are mixed up; write the name", "major",
           ("azt", "cpz", "hct", "mtx", "tnk", "dpt", "tac", "ara", "pca")),
    _Entry("x3d", r"\bx ?\d+ ?d\b", "for days or for doses; write it out", "minor", ("x",)),
    _Entry("roman", r"\b(?:ii?|iii|iv) (?:tabs?|caps?|gtts?)\b", "Roman numerals are misread; write digits", "minor",
           (" tab", " cap", " gtt")),
    _Entry("million", r"\b\d+ ?(?:MM|M) units\b", "M is a thousand or a million; write it out", "major", ("m units",)),
)
_SOURCES = "Joint Commission, Do Not Use list (2004); ISMP, List of Error-Prone Abbreviations (2024)"


def _finder(pattern: re.Pattern[str]) -> Callable[[LintRecord], Iterator[str]]:
    def find(record: LintRecord) -> Iterator[str]:
        for match in pattern.finditer(record.output):
            line = record.output[max(0, match.start() - 12):match.end() + 12]
            if line not in record.evidence and not record.output[match.end():match.end() + 2].startswith((" (", "(")):
                yield match.group().strip()

    return find


RULES = tuple(LintRule(f"abbreviation.{entry.name}", entry.severity, _SOURCES,
                       f"{entry.misread[:1].upper()}{entry.misread[1:]}.",
                       _finder(re.compile(entry.pattern)), entry.hints) for entry in _ENTRIES)
