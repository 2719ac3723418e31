"""The route `template`: question forms filled with a document's fields, without a model.

Belongs here: which forms are filled for which documents, and turning them into drafts. Does not belong here: the
forms (`hpo.py`, `icd10cm.py`, `labels.py`, `fhir.py`).

The unit is a form that a document can fill; a form whose fields a document lacks is not planned. With a cap, forms
take turns, and each takes the next document in its own order, decided by a hash of seed, form and document, first
among documents that no form has used yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from itd_pipeline.expand.draft import Draft, Turned, from_passage, span, unit_id
from itd_pipeline.expand.forms.families import Family
from itd_pipeline.expand.forms.form import Filled, Form, draw
from itd_pipeline.expand.judging.quotes import locate

VERSION = "1"
_CHUNK = 2_000


def fill_templates(
    passages: pa.Table, family: Family, cap: int | None, seed: int, language: str,
) -> Iterator[Draft | Turned]:
    """One draft per form and document that fit.

    Args:
        passages: the passages table of the source, by document and ordinal.
        family: its question forms.
        cap: at most so many drafts; None for all that fit.
        seed: decides which are drawn under a cap.
        language: language of the source.
    """
    at, items, broken = _items(passages, family)
    for number in broken:
        row = passages.slice(number, 1).to_pylist()[0]
        yield Turned(unit_id("template", family.name, row["passage_id"]), row["passage_id"], "bad_attributes",
                     f"reader={family.name}", row)
    index = family.index(items)
    planned = _all(family, items, index) if cap is None else islice(_drawn(family, items, index, seed), cap)
    version = f"template/{family.name}/{{}}@{VERSION}"
    prompt_hash = family.prompt_hash
    while chunk := list(islice(planned, _CHUNK)):
        needed = sorted({n for _, item, filled in chunk for d in (item.document_id, *filled.related) for n in at[d]})
        rows = dict(zip(needed, passages.take(pa.array(needed, pa.int64())).to_pylist(), strict=True))
        for form, item, filled in chunk:
            pieces = [rows[n] for d in (item.document_id, *filled.related) for n in at[d]]
            template = version.format(form.name)
            yield _draft(form, filled, pieces, template, prompt_hash, family, item, language)


def _items(passages: pa.Table, family: Family) -> tuple[dict[str, list[int]], list[Any], list[int]]:
    """(passage numbers by key, items, numbers of passages whose attributes are unreadable)."""
    at: dict[str, list[int]] = {}
    fields: dict[str, str] = {}
    texts: dict[str, list[str]] = {}
    columns = passages.select(["document_id", "section", "attributes", *(["text"] if family.reads_text else [])])
    number = 0
    for batch in columns.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            key = family.key(row)
            at.setdefault(key, []).append(number)
            fields.setdefault(key, row["attributes"])
            if family.reads_text:
                texts.setdefault(key, []).append(row["text"])
            number += 1
    items: list[Any] = []
    broken: list[int] = []
    for key, raw in fields.items():
        try:
            items.append(family.read(key, json.loads(raw), texts.get(key, ())))
        except (KeyError, TypeError, ValueError, AttributeError):
            broken.append(at[key][0])
    return at, items, broken


def _all(family: Family, items: Sequence[Any], index: Any) -> Iterator[tuple[Form[Any, Any], Any, Filled]]:
    for item in items:
        for form in family.forms:
            filled = form.fill(item, index)
            if filled is not None:
                yield form, item, filled


def _drawn(
    family: Family, items: Sequence[Any], index: Any, seed: int,
) -> Iterator[tuple[Form[Any, Any], Any, Filled]]:
    """Forms in turn, each with its next document; documents come round again only when all have had one."""
    keys = [draw(str(seed), item.document_id) for item in items]
    queues = {form.name: iter(_order(keys, draw("form", form.name) | 1)) for form in family.forms}
    later: dict[str, list[int]] = {form.name: [] for form in family.forms}
    second: set[str] = set()
    used: set[int] = set()
    while queues:
        for form in family.forms:
            queue = queues.get(form.name)
            if queue is None:
                continue
            for number in queue:
                if number in used and form.name not in second:
                    later[form.name].append(number)
                    continue
                filled = form.fill(items[number], index)
                if filled is not None:
                    used.add(number)
                    yield form, items[number], filled
                    break
            else:
                if form.name in second or not later[form.name]:
                    del queues[form.name]
                else:
                    second.add(form.name)
                    queues[form.name] = iter(later[form.name])


def _order(keys: Sequence[int], odd: int) -> list[int]:
    """Numbers of documents in a form's own order: multiplying by an odd number permutes 64-bit keys."""
    mask = (1 << 64) - 1
    return sorted(range(len(keys)), key=lambda number: (((keys[number] * odd) & mask) >> 7, number))


def _draft(
    form: Form[Any, Any], filled: Filled, pieces: Sequence[Mapping[str, Any]], template: str, prompt_hash: str,
    family: Family, item: Any, language: str,
) -> Draft:
    citations, cited = _cite(filled.quotes, pieces)
    first = pieces[0]
    return Draft(unit_id("template", template, first["passage_id"]), first["passage_id"], from_passage(
        first, language,
        instruction=form.wording(item.document_id).format(**filled.values),
        input=filled.input,
        output=filled.output,
        options=list(filled.options),
        answer_key=filled.answer_key,
        citations=citations,
        passage_ids=cited,
        document_ids=list(dict.fromkeys(p["document_id"] for p in pieces)),
        task_type=form.task_type,
        question_type=form.question_type,
        audience=first["audience"] if form.audience == "unspecified" else form.audience,
        difficulty=form.difficulty,
        jurisdiction=family.jurisdiction,
        codes=family.codes(item),
        route="template", author=template, author_role="program", prompt_id=template, prompt_hash=prompt_hash,
    ))


def _cite(
    quotes: Sequence[str], pieces: Sequence[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[str]]:
    """Spans of the quotes found, widest first and none inside another; whole passages where one was not found."""
    spans: dict[tuple[str, int, int], str] = {}
    for quote in quotes:
        for piece in pieces:
            found = locate(quote, piece["text"])
            if found:
                spans[(piece["passage_id"], *found)] = piece["text"]
                break
        else:
            whole = [span(p["passage_id"], p["text"], 0, len(p["text"])) for p in pieces]
            return whole, [p["passage_id"] for p in pieces]
    kept: list[tuple[str, int, int]] = []
    for one in sorted(spans, key=lambda s: (s[1] - s[2], s)):
        if not any(one[0] == k[0] and k[1] <= one[1] and one[2] <= k[2] for k in kept):
            kept.append(one)
    kept.sort(key=lambda s: (s[0], s[1]))
    cited = [p["passage_id"] for p in pieces if any(p["passage_id"] == k[0] for k in kept)]
    return [span(p, spans[(p, start, end)], start, end) for p, start, end in kept], cited
