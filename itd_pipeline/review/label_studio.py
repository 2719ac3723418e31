"""Label Studio both ways: tasks with a labelling interface out, annotations in.

The format is that of Label Studio's JSON: a task has `data` and `annotations`, an annotation has a `result` list whose
entries name the control (`from_name`), the text they belong to (`to_name`), their `type` and their `value`.
Belongs here: that format. Does not belong here: whose task it is or where answers are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from itd_pipeline.errors import SourceError
from itd_pipeline.review.rubric import Rubric
from itd_pipeline.review.sheet import Answer, answers
from itd_pipeline.review.workbook import Row

ASSIGNMENT = "itd_assignment"
_TEXTS = ("Audience", "Instruction", "Input", "Output", "Rationale", "Evidence")


def interface(rubric: Rubric) -> str:
    """The labelling interface (XML) that asks what the rubric asks."""
    lines = ["<View>"]
    for name in _TEXTS:
        lines += [f"  <Header value={quoteattr(name)}/>",
                  f'  <Text name="{name.lower()}" value="${name.lower()}" granularity="word"/>']
    for answer in answers(rubric):
        label = answer.label + (f" - {answer.help}" if answer.help else "")
        lines.append(f"  <Header value={quoteattr(label)}/>")
        if answer.kind == "text":
            rows = 6 if answer.id == "correction" else 2
            lines.append(f'  <TextArea name="{answer.id}" toName="output" rows="{rows}" maxSubmissions="1" '
                         'editable="true"/>')
        elif answer.kind == "axis":
            lines.append(f'  <Rating name="{answer.id}" toName="output" maxRating="5"/>')
        else:
            needed = ' required="true"' if answer.kind in {"gate", "decision"} else ""
            many = "multiple" if answer.kind == "tags" else "single-radio"
            lines.append(f'  <Choices name="{answer.id}" toName="output" choice="{many}"{needed}>')
            lines += [f"    <Choice value={quoteattr(value)}/>" for value in answer.allowed]
            lines.append("  </Choices>")
    return "\n".join([*lines, "</View>", ""])


def tasks_json(rows: Iterable[Row], rubric: Rubric) -> bytes:
    """Tasks as Label Studio imports them; what is answered already goes along as an annotation."""
    asked = answers(rubric)
    tasks = []
    for row in rows:
        data = {name.lower(): str(row.texts[name]) for name in _TEXTS} | {ASSIGNMENT: row.assignment}
        result = [_result(a, row.answer[a.id]) for a in asked if row.answer.get(a.id)]
        tasks.append({"data": data, "annotations": [{"result": result}] if result else []})
    return (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode()


def read_annotations(raw: bytes, rubric: Rubric) -> list[tuple[str, dict[str, str]]]:
    """(assignment, answer id -> text) of every task with an annotation, in order.

    Of several annotations of a task the latest that was not cancelled counts, by its time of update.

    Raises:
        SourceError: not JSON, or not a list of tasks as Label Studio exports them.
    """
    try:
        tasks = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise SourceError("This is not JSON.", "Export from Label Studio in the format JSON.") from error
    if not isinstance(tasks, list) or not all(isinstance(t, dict) and isinstance(t.get("data"), dict) for t in tasks):
        raise SourceError("This is no list of tasks.", "Export from Label Studio in the format JSON, not JSON-MIN.")
    known = {a.id: a for a in answers(rubric)}
    found = []
    for task in tasks:
        done = [a for a in task.get("annotations") or [] if isinstance(a, dict) and not a.get("was_cancelled")]
        if done:
            latest = max(done, key=lambda a: str(a.get("updated_at") or a.get("created_at") or ""))
            found.append((str(task["data"].get(ASSIGNMENT, "")), _values(latest.get("result") or [], known)))
    return found


def _result(answer: Answer, value: str) -> dict[str, Any]:
    kind = {"text": "textarea", "axis": "rating"}.get(answer.kind, "choices")
    content: dict[str, Any] = {"text": [value]} if kind == "textarea" else {"rating": int(value)} if kind == "rating" \
        else {"choices": value.split(",") if answer.kind == "tags" else [value]}
    return {"from_name": answer.id, "to_name": "output", "type": kind, "value": content}


def _values(results: Sequence[Any], known: Mapping[str, Answer]) -> dict[str, str]:
    values = {}
    for result in results:
        if not isinstance(result, dict) or result.get("from_name") not in known:
            continue
        value = result.get("value") or {}
        if "rating" in value:
            values[result["from_name"]] = str(value["rating"])
        elif "choices" in value:
            values[result["from_name"]] = ",".join(map(str, value["choices"]))
        elif "text" in value:
            text = value["text"]
            values[result["from_name"]] = "\n".join(text) if isinstance(text, list) else str(text)
    return values
