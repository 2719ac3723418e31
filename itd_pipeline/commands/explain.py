"""`itd explain`: where a record came from and why it was kept or turned away."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.pipeline.lineage import Lineage, lineage_of
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake


def explain(
    record: Annotated[str, typer.Argument(help="Id of a record, released or rejected; its first characters do.")],
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Follow a record back: release, filter decisions, prompt, model, seeds, passages, offsets, document, file.

    Example:

      itd explain rec-0123456789abcdef0123
    """
    with reported(as_json):
        settings = load_settings(profile)
        lineage = lineage_of(settings, Lake(settings.lake_path), record)
        if as_json:
            print_json(lineage.as_dict())
        else:
            _print(lineage)


def _print(lineage: Lineage) -> None:
    record = lineage.record
    out.print(f"{record['record_id']}: {lineage.fate}", style="bold", markup=False)
    if lineage.note:
        out.print(lineage.note, style="yellow", markup=False)
    for name in ("instruction", "input", "output"):
        if record.get(name):
            out.print(f"[bold]{name}[/bold]")
            out.print(str(record[name]), markup=False)
    made = ("route", "author", "author_role", "source", "licence", "model", "prompt_id", "prompt_hash", "parameters",
            "request_id", "prompt_tokens", "completion_tokens", "cost_usd", "task_type", "specialty", "review_status")
    print_rows("Made", ("what", "value"), [(n, record.get(n)) for n in made if record.get(n) not in (None, "")])
    if lineage.correction:
        said = lineage.correction
        print_rows("Corrected by experts", ("what", "value"), [
            ("corrected record", said["record_id"]), ("in place of", said["corrects"]),
            ("words of", f"{', '.join(said['decided_by'])} ({said['basis']})"),
            ("rubric", ", ".join(said["rubric_versions"])), ("decided on", said["decided_on"] or "not recorded"),
            ("output before", said["original_output"]), ("output now", said["corrected_output"])])
    if "row" in record:  # it never became a record
        out.print(f"parent_id: {record['parent_id'] or 'none'}", markup=False)
        print_rows("The row", ("what", "value"), [
            (n, v) for n, v in record["row"].items() if v not in (None, "") and not isinstance(v, (list, dict))])
    if lineage.requests:
        shown = ("role", "model", "model_version", "answered_at", "seconds", "attempts", "prompt_tokens",
                 "completion_tokens", "cost_usd", "error")
        print_rows("Requests", shown, [[request[name] for name in shown] for request in lineage.requests])
    for evidence in lineage.evidence:
        print_rows("Evidence", ("what", "value"), _in_words(evidence))
    references = [c["reference"] for c in record.get("citations", ()) if c["reference"]]
    if references:
        print_rows("References", ("in the author's words",), [[reference] for reference in references])
    if lineage.seeds:
        print_rows("Seeds in the prompt", tuple(lineage.seeds[0]), [list(s.values()) for s in lineage.seeds])
    if lineage.leaks:
        columns = ("benchmark", "item", "part", "field", "kind", "share", "words", "start", "end")
        print_rows("Items of benchmarks found", columns, [
            [f"{leak[name]:.2f}" if name == "share" else leak[name] for name in columns] for leak in lineage.leaks])
    if lineage.decisions:
        print_rows("Filter decisions", ("rule", "value", "threshold", "outcome"), lineage.decisions)


def _in_words(evidence: dict[str, Any]) -> list[tuple[str, Any]]:
    """A passage with its document, and the offsets as sentences."""
    start, end = evidence["passage_start"], evidence["passage_end"]
    lines = [(n, v) for n, v in evidence.items() if n not in {"passage_start", "passage_end", "cited"}]
    lines.append(("passage", f"characters {start:,} to {end:,} of the document"))
    for cited in evidence.get("cited", ()):
        lines.append(("cited", f"characters {cited['start']:,} to {cited['end']:,} of the passage; "
                               f"the passage is {start:,} to {end:,} of the document"))
        lines.append(("quote", cited["quote"] if cited["quote"] is not None else "not shown: patient data"))
    return lines
