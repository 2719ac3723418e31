"""One item -> one row of `tables.records.SEEDS`, or everything that is wrong with it at once.

Reasons: `wrong_cell` where any cell holds what it may not, else `missing_cell`, else `unknown_column`. A filled
cell under an unknown name turns the seed away: read without it, a seed whose `imput` went missing would teach a
model to answer about nothing. An empty one does no harm.

References in words become citations with an empty passage id and no span.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline.ports import canonical_json, content_id
from itd_pipeline.seeds.cells import WrongCell
from itd_pipeline.seeds.columns import COLUMNS, REQUIRED
from itd_pipeline.tables.records import DEFAULTS

SOURCE = "expert_seeds"
_COPIED = (
    "instruction", "input", "output", "rationale", "options", "answer_key", "task_type", "question_type", "specialty",
    "level_of_care", "severity", "age_group", "sex", "audience", "difficulty", "jurisdiction", "codes", "language",
    "author", "licence", "evidence_date", "review_due", "illustrative",
)


@dataclass(frozen=True)
class Problems:
    """Why an item is no seed: the reason code, and every problem as `cell: words`, free of the cell's text."""

    reason: str
    detail: str
    each: tuple[str, ...] = ()


def cell_problems(cells: Mapping[str, Any]) -> dict[str, str]:
    """Name of the cell -> what is wrong with it or that it is missing; empty for a good seed."""
    row = seed_row(cells)
    if not isinstance(row, Problems):
        return {}
    found: dict[str, str] = {}
    for problem in row.each:
        name, _, says = problem.partition(": ")
        found[name] = f"{found[name]}; {says}" if name in found else says
    return found


def seed_row(cells: Mapping[str, Any]) -> dict[str, Any] | Problems:
    """Check every cell of an item, then the cells against each other; make its row."""
    written = {name: value for name, value in cells.items() if not _is_empty(value)}
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name, read in COLUMNS.items():
        if name in written:
            try:
                values[name] = read(written[name])
            except WrongCell as error:
                wrong.append(f"{name}: {error}")
    missing = [f"{name}: empty or not there" for name in REQUIRED if name not in written]
    _check_choice(values, written, wrong, missing)
    unknown = [_unknown(name) for name in written if name not in COLUMNS]
    if wrong or missing or unknown:
        reason = "wrong_cell" if wrong else "missing_cell" if missing else "unknown_column"
        every = (*wrong, *missing, *unknown)
        return Problems(reason, "; ".join(every), every)
    return _row(values)


def same_content(row: Mapping[str, Any]) -> str:
    """Hash of what makes two seeds the same one: instruction, input, output and options with their key."""
    return content_id("content", *_content(row))


def _content(row: Mapping[str, Any]) -> tuple[str, ...]:
    parts = (row["instruction"], row.get("input"), row["output"], row["options"], row.get("answer_key"))
    return tuple(canonical_json(part) for part in parts)


def _row(values: dict[str, Any]) -> dict[str, Any]:
    row = {**DEFAULTS, **{name: values[name] for name in _COPIED if name in values}}
    # Questions about one vignette must fall into one split, so the material decides before the question does.
    group = ("named", values["group"].casefold()) if "group" in values else (
        "content", values.get("input") or values["instruction"])
    references = values.get("citation", [])
    return row | {
        "record_id": content_id("seed", *_content(row), canonical_json(row.get("rationale"))),
        "group_id": content_id("group", SOURCE, *group),
        "route": "manual",
        "source": SOURCE,
        "author_role": values.get("author_role", "unspecified"),
        "citations": [
            {"passage_id": "", "start": None, "end": None, "quote": None, "reference": reference}
            for reference in references
        ],
    }


def _check_choice(values: dict[str, Any], written: Mapping[str, Any], wrong: list[str], missing: list[str]) -> None:
    """Options and answer key belong together, and a multiple-choice record has both."""
    chooses = values.get("task_type") == "multiple_choice"
    for name, other in (("options", "answer_key"), ("answer_key", "options")):
        if name not in written and (chooses or other in written):
            missing.append(f"{name}: empty or not there, but {'the task' if chooses else other} needs it")
    if "options" not in values:
        return
    options = values["options"] = _without_letters(values["options"])
    if not 2 <= len(options) <= 26:
        wrong.append(f"options: {len(options)}; allowed: 2 to 26")
    elif len({option.casefold() for option in options}) < len(options):
        wrong.append("options: two are the same")
    elif "answer_key" in values:
        key = values["answer_key"] = values["answer_key"].upper()
        last = _letter(len(options) - 1)
        if key > last:
            wrong.append(f"answer_key: {key} is no option; allowed: A to {last}")


def _without_letters(options: list[str]) -> list[str]:
    """Options without the letters `A.` or `A)`, where every one carries its own."""
    bare = [re.sub(rf"^{_letter(i)}[.)]\s+", "", option) for i, option in enumerate(options[:26])]
    return bare if all(new != old for new, old in zip(bare, options, strict=False)) else options


def _letter(index: int) -> str:
    return chr(ord("A") + index)


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, COLUMNS, n=1)
    meant = f" (nearest: {near[0]})" if near else f"; allowed: {', '.join(COLUMNS)}"
    return f"{shown_name(name)}: no column of a seed{meant}"


def shown_name(name: str) -> str:
    """Name of an unknown column, or only its length where it reads like prose that slipped into a header or key."""
    plain = re.fullmatch(r"[a-z0-9]{1,20}(_[a-z0-9]{1,12}){0,2}|column [A-Z]{1,3}", name)
    return name if plain else f"a name of {len(name)} characters"
