"""Whom records speak of: words for sex, age and ancestry, against reference shares, with the caveat.

A mention is counted by word lists, once per record and group. Records that name no group are left out of the shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, PageSection, word

ID = "mentions"
PATTERNS: Mapping[str, Mapping[str, str]] = {
    "sex": {
        "female": r"(?i)\b(?:wom[ae]n|females?|girls?|she|her|hers|mother|daughter|lady|pregnant)\b",
        "male": r"(?i)\b(?:m[ae]n|males?|boys?|he|him|his|father|son|gentleman)\b"},
    "age": {
        "child": r"(?i)\b(?:child(?:ren)?|infants?|neonates?|newborns?|bab(?:y|ies)|toddlers?|adolescents?|teenagers?|"
                 r"paediatric|pediatric|(?:1[0-7]|[1-9])[ -]years?[ -]old)\b",
        "adult": r"(?i)\b(?:adults?|(?:1[89]|[2-5][0-9]|6[0-4])[ -]years?[ -]old)\b",
        "older_adult": r"(?i)\b(?:elderly|older (?:adults?|people|persons?)|geriatric|"
                       r"(?:6[5-9]|[7-9][0-9]|1[01][0-9])[ -]years?[ -]old)\b"},
    "ancestry": {
        "african": r"(?i)\b(?:african|black (?:people|patients?|m[ae]n|wom[ae]n|persons?))\b",
        "american_indigenous": r"(?i)\b(?:native americans?|american indians?|first nations?|indigenous)\b",
        "east_asian": r"(?i)\b(?:east asians?|chinese|japanese|korean|vietnamese)\b",
        "european": r"(?i)\b(?:european|caucasians?|white (?:people|patients?|m[ae]n|wom[ae]n|persons?))\b",
        "latin_american": r"(?i)\b(?:hispanics?|latin[oa]s?|latin americans?)\b",
        "middle_eastern": r"(?i)\b(?:middle eastern|arabs?|persians?|turkish)\b",
        "south_asian": r"(?i)\b(?:south asians?|pakistani|bangladeshi|sri lankan)\b"},
}
CAVEAT = ("Words are counted, not patients. A word can stand for something else (her cohort, European guideline), most "
          "records rightly name no group, and a disease may be commoner in one group: a gap shows where to look, it "
          "does "
          "not prove bias, and a match does not prove fairness. The reference shares are those of the profile "
          "(`evaluation.reference`).")


def mentions(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Records that mention each group, and their shares beside the reference."""
    blocks: list[Block] = []
    filtered = inputs.filtered
    text = pc.binary_join_element_wise(filtered.column("instruction"), pc.fill_null(filtered.column("input"), ""),
                                       filtered.column("output"), " ")
    for kind, groups in PATTERNS.items():
        counts = {group: true_count(pc.match_substring_regex(text, pattern)) for group, pattern in groups.items()}
        blocks.append(_grid(kind, counts, inputs.reference.get(kind, {}), ledger))
    blocks.append(Lines([CAVEAT]))
    return PageSection(ID, "Whom records speak of", "Mentions of sex, age and ancestry in kept records. " + CAVEAT
                       .split(". ")[0] + ".", blocks)


def _grid(kind: str, counts: Mapping[str, int], reference: Mapping[str, Any], ledger: Ledger) -> Grid:
    whole = sum(counts.values())
    rows: list[list[Cell]] = []
    for group, count in counts.items():
        key = f"{kind} / {group}"
        wanted = reference.get(group)
        share = count / whole if whole else None
        rows.append([
            word(group), ledger.add(ID, "records", count, group=key),
            ledger.add(ID, "share", share, "share", group=key, note="" if whole else "no record names a group"),
            ledger.add(ID, "reference", wanted, "share", group=key,
                       note="" if wanted is not None else "none is given")])
    return Grid(kind.capitalize(), ("", "Records", "Share of mentions", "Reference"), rows)
