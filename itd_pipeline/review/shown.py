"""A record as a reviewer's page shows it: plain data, text only, blind to how the record was made.

Route, model, author, source and prompt are left out. Where the evidence comes from (title, section, licence, date) is
kept apart, so that the page can fold it away. Belongs here: what is shown. Does not belong here: HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.ports import content_id
from itd_pipeline.review.marks import CITED, Span, pieces, unsupported_spans

LONGEST_PASSAGE = 6_000
"""Characters shown of a passage; a longer one is cut around its cited span."""


def shown_record(record: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Everything that the page of one record needs, JSON-ready.

    Args:
        record: a row of `filtered_set`.
        passages: by id; those that are missing are passed over.

    Returns:
        Texts as lists of (piece, mark) pairs, so that no page ever has to cut or to trust them.
    """
    evidence = _evidence(record, passages)
    given = [record["instruction"], record["input"] or "", *(record["options"] or [])]
    held = [*given, *("".join(text for text, _ in e["pieces"]) for e in evidence), *(e["reference"] for e in evidence)]
    return {
        "key": content_id("key", record["record_id"])[4:12],
        "audience": record["audience"].replace("_", " "),
        "instruction": record["instruction"],
        "input": record["input"] or "",
        "options": [f"{chr(ord('A') + i)}. {option}" for i, option in enumerate(record["options"] or [])],
        "answer_key": record["answer_key"] or "",
        "output": record["output"],
        "output_pieces": pieces(record["output"], unsupported_spans(record["output"], held)),
        "rationale": record["rationale"] or "",
        "evidence": evidence,
        "facts": {
            "Task": record["task_type"].replace("_", " "), "Specialty": record["specialty"].replace("_", " "),
            "Jurisdiction": record["jurisdiction"], "Codes": ", ".join(record["codes"] or []),
            "Evidence dated": record["evidence_date"] or "", "Licence": record["licence"],
        },
    }


def sheet_texts(content: Mapping[str, Any]) -> dict[str, Any]:
    """What `shown_record` gives, as heading of a spreadsheet -> text under it."""
    evidence = []
    for number, one in enumerate(content["evidence"], start=1):
        text = "".join(f"»{piece}«" if mark else piece for piece, mark in one["pieces"]) or one["reference"]
        where = ", ".join(part for part in (one["title"], one["section"]) if part)
        evidence.append(f"[{number}] {text}" + (f" ({where})" if where else ""))
    answer = f"Answer: {content['answer_key']}\n" if content["answer_key"] else ""
    return {
        "Audience": content["audience"], "Instruction": content["instruction"],
        "Input": "\n".join(part for part in (content["input"], *content["options"]) if part),
        "Output": answer + content["output"], "Rationale": content["rationale"],
        "Evidence": "\n".join(evidence) or "No evidence is cited.",
    }


def _evidence(record: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One entry per passage with all its cited spans, then references in words."""
    spans: dict[str, list[Span]] = {p: [] for p in record["passage_ids"] or [] if p in passages}
    words: list[str] = []
    for citation in record["citations"] or []:
        passage_id = citation["passage_id"] or ""
        if passage_id in passages:
            held = spans.setdefault(passage_id, [])
            if citation["start"] is not None and citation["end"] is not None:
                held.append(Span(citation["start"], citation["end"], CITED))
        else:
            words.append(". ".join(p for p in (citation["quote"], citation["reference"]) if p))
    found = []
    for passage_id, cited in spans.items():
        passage = passages[passage_id]
        text, moved = _window(passage["text"], cited)
        found.append({"title": passage["title"], "section": passage["section"], "passage_id": passage_id,
                      "pieces": pieces(text, moved), "reference": ""})
    return found + [{"title": "", "section": "", "passage_id": "", "pieces": [], "reference": w} for w in words if w]


def _window(text: str, cited: list[Span]) -> tuple[str, list[Span]]:
    if len(text) <= LONGEST_PASSAGE:
        return text, cited
    first = min((span.start for span in cited), default=0)
    start = max(0, min(first - LONGEST_PASSAGE // 4, len(text) - LONGEST_PASSAGE))
    lead = "[…] " if start else ""
    cut = lead + text[start:start + LONGEST_PASSAGE] + (" […]" if start + LONGEST_PASSAGE < len(text) else "")
    shift = len(lead) - start
    return cut, [Span(max(0, s.start + shift), max(0, s.end + shift), s.kind) for s in cited]
