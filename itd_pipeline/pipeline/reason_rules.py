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
_LONGEST = 600


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
    """What the rule's own module says, with its path: the module that bears the reason's name; else, of those that
    write the reason, the one whose docstring speaks of it most, the shortest of several."""
    words = {word for word in reason.split("_") if len(word) > 3}
    spelled: list[tuple[bool, int, int, str, str]] = []
    for path, text in _sources(rooms).items():
        named = Path(path).stem in (reason, f"{reason}s")
        if named or f'"{reason}"' in text:
            said = _said_in(ast.parse(text), reason)
            speaks = sum(word in said.lower() for word in words)
            spelled.append((not named, -speaks, len(text), path, said))
    if not spelled:
        return ""
    *_, path, said = min(spelled)
    short = said if len(said) <= _LONGEST else said[:_LONGEST].rsplit(" ", 1)[0] + "\u2026"
    return f"{short} ({path})"


def _said_in(module: ast.Module, reason: str) -> str:
    """What the function that gives the reason says of itself, then what its module says."""
    inner = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) and
             any(isinstance(part, ast.Constant) and part.value == reason for part in ast.walk(node))]
    least = min(inner, key=lambda node: len(list(ast.walk(node))), default=None)
    parts = [] if least is None else [(ast.get_docstring(least) or "").split("\n\n")[0]]
    parts.append((ast.get_docstring(module) or "").split("Belongs here")[0])
    return " ".join(" ".join(parts).split())


@cache
def _sources(rooms: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for room in rooms:
        place = _PACKAGE / room
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            found[f"itd_pipeline/{file.relative_to(_PACKAGE).as_posix()}"] = file.read_text(encoding="utf-8")
    return found
