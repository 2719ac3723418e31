"""Corrected records: what experts wrote in place of an output becomes a record of its own, in place of the original.

The corrected record is the original with the corrected output. Its id is that of its new content; `parent_ids` names
the original, so does `corrects` in `lineage.parquet`. Task, evidence, licence, group and provenance stay, for they say
where the record comes from; `review_status` is `corrected`, and `corrections.parquet` says who wrote the words, when
and by which rubric. A rationale is left out: it argues for the output that was wrong. Of a multiple choice the key
follows the corrected output: the letter that it begins with, or the one option that it names.

Belongs here: making the corrected record, and the table of both. Does not belong here: whose words stand
(`evaluation/corrections.py`), whether the record may leave (`gate.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itd_pipeline.ports import content_id
from itd_pipeline.release.evidence import Row
from itd_pipeline.release.local_names import LocalNames
from itd_pipeline.release.record_ids import id_of
from itd_pipeline.tables.review import CORRECTIONS

CORRECTED = "corrected"
REPLACED, NOT_APPLIED = "replaced_by_correction", "correction_not_applied"
WAITING: Mapping[str, str] = {
    "no_text": "no reviewer wrote how the output should read; write it as a correction, or decide otherwise",
    "texts_differ": "reviewers wrote different corrections; a third person decides (role adjudicator)",
    "not_agreed": "one correction is written, and not by more than half of the reviewers; have the others answer, or a "
                  "third person decide (role adjudicator)",
}
"""Why a correction does not stand -> what to do about it."""
_UNTOLD = "experts asked for a correction, and its words are not known"
_SAME = "the correction says what the output says; correct it again, or accept the record"
_NO_OPTION = "the correction names none or several of the options; begin it with the letter of the right one"


@dataclass(frozen=True)
class Correction:
    """What experts wrote in place of an output.

    Args:
        output: the whole output as it should read; empty where no text stands.
        basis: `third opinion` or `reviewers`.
        decided_by: pseudonyms of who wrote it.
        rubric_versions: versions of the rubric that they judged by.
        decided_on: ISO date; None where it is not known.
        waits: why no text stands, a key of `WAITING`; empty where one does.
    """

    output: str
    basis: str = "reviewers"
    decided_by: tuple[str, ...] = ()
    rubric_versions: tuple[str, ...] = ()
    decided_on: str | None = None
    waits: str = ""


def corrected(original: Row, correction: Correction | None) -> tuple[dict[str, Any] | None, str]:
    """The corrected record, or None and why there is none, with the remedy.

    Args:
        original: a row of the contract of records.
    """
    if correction is None:
        return None, _UNTOLD
    if not correction.output:
        return None, WAITING.get(correction.waits, _UNTOLD)
    made = {**original, "output": correction.output, "rationale": None, "review_status": CORRECTED,
            "parent_ids": [*original["parent_ids"], original["record_id"]]}
    if correction.output.strip() == original["output"].strip():
        return None, _SAME
    if original["options"]:
        made["answer_key"] = option_named(correction.output, original["options"])
        if made["answer_key"] is None:
            return None, _NO_OPTION
    made["record_id"] = id_of(made) or content_id("cor", original["record_id"], correction.output)
    return made, ""


def option_named(output: str, options: Iterable[str]) -> str | None:
    """Letter of the option that an output begins with or, by its words, is the only one to name; None otherwise."""
    letters = {chr(ord("A") + place): option for place, option in enumerate(options)}
    first = re.match(r"\(?([A-Z])(?:[.):]|\s*$)", output)
    if first and first[1] in letters:
        return first[1]
    said = output.casefold()
    named = [(letter, option.casefold()) for letter, option in letters.items()
             if re.search(rf"(?<!\w){re.escape(option.casefold())}(?!\w)", said)]
    # "Type 2 diabetes" names "diabetes", too: an option inside another that is named says nothing.
    whole = [letter for letter, option in named if not any(option != other and option in other for _, other in named)]
    return whole[0] if len(whole) == 1 else None


def corrections_table(pairs: Iterable[tuple[Row, Row, Correction]]) -> pa.Table:
    """The table of (original, corrected, correction), in the schema CORRECTIONS, sorted by the corrected record."""
    return CORRECTIONS.from_rows(sorted(({
        "record_id": new["record_id"], "corrects": old["record_id"], "original_output": old["output"],
        "corrected_output": new["output"], "basis": correction.basis, "decided_by": sorted(correction.decided_by),
        "rubric_versions": sorted(correction.rubric_versions), "decided_on": correction.decided_on,
    } for old, new, correction in pairs), key=lambda row: row["record_id"]))


def released_corrections(table: pa.Table, withheld: Mapping[str, str | None], names: LocalNames) -> pa.Table:
    """The table as it may leave, under the names of the release.

    Args:
        table: of `corrections_table`.
        withheld: id of the original -> why its output may not be shown; None where it may.
    """
    rows = []
    for row in table.to_pylist():
        why = "patient data" if row["record_id"] in names.records else withheld.get(row["corrects"])
        rows.append({**row, "record_id": names.records.get(row["record_id"], row["record_id"]), "withheld": why,
                     "corrects": None if why == "patient data" else row["corrects"],
                     "original_output": None if why else row["original_output"]})
    return CORRECTIONS.from_rows(sorted(rows, key=lambda row: row["record_id"]))
