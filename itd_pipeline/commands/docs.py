"""`itd docs`: the settings reference and the data dictionary, written from the definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from itd_pipeline.commands.console import FAILED, err, out, reported
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.release.contamination import PRINTS
from itd_pipeline.release.lineage import LINEAGE
from itd_pipeline.release.numbers import FUNNEL, NUMBERS, REVIEW_FACTS
from itd_pipeline.release.rejected import REJECTED
from itd_pipeline.settings import SECTIONS
from itd_pipeline.tables.contract import Table
from itd_pipeline.tables.probe import PROBE
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.validation import schemas


def docs(
    folder: Annotated[Path, typer.Option(help="Where the pages are written.")] = Path("docs"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a page is out of date.")] = False,
) -> None:
    """Write docs/settings.md, docs/data-dictionary.md and docs/schemas/ from the definitions.

    Example:

      itd docs --check
    """
    with reported():
        stale = [name for name, text in pages().items()
                 if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text]
        if check and stale:
            err.print(f"Out of date: {', '.join(stale)}. Run `itd docs`.", markup=False)
            raise typer.Exit(FAILED)
        for name in stale:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(pages()[name], encoding="utf-8")
        out.print(f"{len(pages())} pages, {0 if check else len(stale)} written.")


def pages() -> dict[str, str]:
    """File name -> text."""
    written = {f"schemas/{name}": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
               for name, schema in schemas().items()}
    return {"settings.md": _settings(), "data-dictionary.md": _dictionary(), **written}


def _settings() -> str:
    lines = ["# Settings", "", "Written from `itd_pipeline/settings/` by `itd docs`; do not edit.", ""]
    for place, section in SECTIONS.items():
        title = ".".join(place) or "profile"
        lines += [f"## {title}", "", (section.__doc__ or "").strip().splitlines()[0], "",
                  "| key | default | meaning |", "|---|---|---|"]
        for name, field in section.model_fields.items():
            if name == "root":
                continue
            default = "required" if field.is_required() else _default(field.get_default(call_default_factory=True))
            meaning = field.description or f"See [{name}](#{name})."
            lines.append(f"| `{name}` | {default} | {meaning.replace('|', '/')} |")
        lines.append("")
    return "\n".join(lines)


def _default(value: object) -> str:
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, Path):
        return f"`{value.as_posix()}`"
    if value is None:
        return "none"
    if value in ((), {}, ""):
        return "empty"
    if isinstance(value, tuple):
        return f"`[{', '.join(str(v) for v in value)}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _dictionary() -> str:
    lines = ["# Data dictionary", "", "Written from `itd_pipeline/tables/` by `itd docs`; do not edit.", "",
             "Sensitivity: `open` may be logged; `text` is text of a document or record and never is; `identifying` "
             "may point at a person and never leaves the lake.", ""]
    sides = [side for stage in STAGES.values() for side in stage.sides]
    in_release = [LINEAGE, REJECTED, FUNNEL, NUMBERS, REVIEW_FACTS, PRINTS]
    for table in [*(stage.table for stage in STAGES.values()), *sides, PROBE, REJECTS, *in_release]:
        lines += _table(table)
    return "\n".join(lines)


def _table(table: Table) -> list[str]:
    lines = [f"## {table.name}", "", table.description, "", f"Key: {', '.join(f'`{k}`' for k in table.key)}.", "",
             "| column | type | null | sensitivity | meaning |", "|---|---|---|---|---|"]
    for column in table.columns:
        allowed = f" One of: {', '.join(column.vocabulary)}." if column.vocabulary else ""
        kind = str(column.type).replace("|", "/")
        lines.append(f"| `{column.name}` | {kind} | {'yes' if column.nullable else 'no'} | {column.sensitivity} | "
                     f"{column.description}{allowed} |")
    for name, target in (table.references or {}).items():
        lines.append(f"| | | | | `{name}` is found in `{target}`. |")
    return [*lines, ""]
