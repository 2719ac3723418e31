"""What a reason means and where its rule comes from: the policy's note, or the module whose rule gives the reason.

A rule has a file of its own that names its reason and, in its docstring, its source; so the file is looked up rather
than written down a second time. Belongs here: the look-up. Does not belong here: any rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from itd_pipeline.policy import load_policy
from itd_pipeline.settings import Settings

_PACKAGE = Path(__file__).resolve().parent.parent


def rules_of(settings: Settings, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(stage, reason) -> what the rule says and where it comes from; nothing where no rule can be named."""
    from itd_pipeline.pipeline.graph import STAGES

    notes: dict[str, list[str]] = {}
    for rule in load_policy(settings.resolve(settings.policy)).rules:
        notes.setdefault(rule.reason, []).append(
            f"{rule.name}: {rule.signal}, {rule.threshold}. {rule.note}".strip())
    found: dict[tuple[str, str], str] = {}
    for stage, reason in wanted:
        if stage == "filtered_set" and reason in notes:
            found[stage, reason] = " ".join(notes[reason])
        elif said := _of_module(STAGES[stage].rooms, reason):
            found[stage, reason] = said
    return found


@cache
def _of_module(rooms: tuple[str, ...], reason: str) -> str:
    """Path of the smallest module that writes the reason, and the first paragraph of its docstring."""
    spelled: list[tuple[int, str, str]] = []
    for path, text in _sources(rooms).items():
        if f'"{reason}"' in text:
            said = ast.get_docstring(ast.parse(text)) or ""
            spelled.append((len(text), path, " ".join(said.split("\n\n")[0].split())))
    if not spelled:
        return ""
    _, path, said = min(spelled)
    return f"{said} ({path})"


@cache
def _sources(rooms: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for room in rooms:
        place = _PACKAGE / room
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            found[f"itd_pipeline/{file.relative_to(_PACKAGE).as_posix()}"] = file.read_text(encoding="utf-8")
    return found
