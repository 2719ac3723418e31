"""What a reviewer sees of a record: its text and evidence, blind to how it was made.

Belongs here: words for one record. Does not belong here: cells and colours (`workbook.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

LONGEST_PASSAGE = 2_000
"""Characters shown of a passage that is named as a whole, without a span."""


def passage_ids(records: Iterable[Mapping[str, Any]]) -> set[str]:
    """Every passage that these records cite or were made from."""
    found: set[str] = set()
    for record in records:
        found.update(record["passage_ids"] or [])
        found.update(c["passage_id"] for c in record["citations"] or [] if c["passage_id"])
    return found


def shown_texts(record: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Heading of the spreadsheet -> text of the record under it."""
    given = [record["input"] or ""]
    given += [f"{chr(ord('A') + i)}. {option}" for i, option in enumerate(record["options"] or [])]
    answer = f"Answer: {record['answer_key']}\n" if record["answer_key"] else ""
    return {
        "Audience": record["audience"].replace("_", " "),
        "Instruction": record["instruction"],
        "Input": "\n".join(part for part in given if part),
        "Output": answer + record["output"],
        "Rationale": record["rationale"] or "",
        "Evidence": _evidence(record, passages),
    }


def _evidence(record: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> str:
    parts = [_cited(citation, passages) for citation in record["citations"] or []]
    if not parts:
        parts = [_whole(passages[p]) for p in record["passage_ids"] or [] if p in passages]
    if not parts:
        return "No evidence is cited."
    dated = f"\nEvidence dated {record['evidence_date']}." if record["evidence_date"] else ""
    return "\n".join(f"[{i}] {part}" for i, part in enumerate(parts, start=1)) + dated


def _cited(citation: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> str:
    passage = passages.get(citation["passage_id"] or "")
    quote = citation["quote"] or ""
    if not quote and passage:
        quote = passage["text"][citation["start"] or 0: citation["end"]]
    where = ", ".join(part for part in (passage["title"], passage["section"]) if part) if passage else ""
    words = ". ".join(part for part in (where, citation["reference"] or "") if part)
    return f"{quote} ({words})" if quote and words else quote or words or "A citation without text."


def _whole(passage: Mapping[str, Any]) -> str:
    text = passage["text"]
    cut = text if len(text) <= LONGEST_PASSAGE else text[:LONGEST_PASSAGE] + " [...]"
    return f"{cut} ({passage['title']})" if passage["title"] else cut
