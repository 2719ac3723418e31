"""Writing seeds and signing them off: the form, what is near and what is missing while typing, the coverage grid."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from itd_pipeline.review.changes import changes
from itd_pipeline.review_server.requests import Asked, go
from itd_pipeline.review_store import seeds as kept
from itd_pipeline.review_store.answers import draft, drop_draft, save_draft
from itd_pipeline.review_store.database import Conflict
from itd_pipeline.seeds.columns import REQUIRED
from itd_pipeline.seeds.coverage import LEVELS, Cell, combination
from itd_pipeline.seeds.coverage import coverage as grid
from itd_pipeline.seeds.guidance import CHOICES, GUIDANCE, LONG, SHOWN
from itd_pipeline.seeds.nearness import Near
from itd_pipeline.seeds.record import Problems, cell_problems, seed_row
from itd_pipeline.tables.vocabularies import UNSPECIFIED

_PAGE_CELLS = tuple(name for name in SHOWN if name not in {"id", "author", "author_role"})
_FIRST = ("instruction", "input", "output", "rationale", "citation")
_NEEDED = (*REQUIRED, "citation")
ROLES = ("author", "adjudicator", "lead")
"""Who reads seeds and signs them off. Who only judges does not see them: they would tell where a record is from."""


def listed(asked: Asked) -> Response:
    """All seeds that were written here, those that wait for this person first."""
    every = sorted(kept.seeds(asked.store), key=lambda s: (
        not (s.state == kept.SUBMITTED and s.author != asked.who), s.author != asked.who, s.seed_id))
    return asked.show("seeds.html", seeds=every, in_files=len(asked.near.rows))


def new(asked: Asked) -> Response:
    """An empty form."""
    return _form(asked, None, draft(asked.store, asked.who, "seed new") or {"licence": "CC-BY-4.0", "language": "en"})


def one(asked: Asked) -> Response:
    """A seed: its author edits it, everybody else reads it and may sign it off."""
    found = kept.seed(asked.store, asked.path["seed_id"])
    if found is None:
        return asked.show("message.html", 404, title="There is no such seed", text="It is not in this review.")
    if found.author == asked.who and found.state != kept.RECALLED:
        return _form(asked, found, draft(asked.store, asked.who, f"seed {found.seed_id}") or dict(found.cells))
    since, changed = _changed(found)
    return asked.show("seed_read.html", seed=found, guidance=GUIDANCE, shown=_PAGE_CELLS, since=since, changed=changed,
                      near=_near(asked, found.cells, found.seed_id), may_sign=_may_sign(asked))


def _changed(seed: kept.Seed) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """The latest earlier version that a second expert looked at, and what each cell changed since; 0 where none."""
    judged = next((one for one in seed.history[1:] if one["state"] in {kept.RETURNED, kept.SIGNED_OFF}), None)
    if judged is None:
        return 0, {}
    before: dict[str, str] = json.loads(judged["cells"])
    return judged["version"], {name: changes(before.get(name, ""), seed.cells.get(name, "")) for name in _PAGE_CELLS
                               if before.get(name, "") != seed.cells.get(name, "")}


def change(asked: Asked) -> Response:
    """Save, submit, sign off or return a seed."""
    assert asked.person is not None
    seed_id, what, at = asked.path["seed_id"], asked.form.get("what", ""), _version(asked)
    if what in {"sign_off", "return"}:
        comment = asked.form.get("comment_on", "")
        if not _may_sign(asked):
            raise Conflict("Seeds are signed off by an author, an adjudicator or the lead.")
        if what == "return" and not comment:
            raise Conflict("Say in the comment what should change, then return the seed.")
        kept.judge_seed(asked.store, asked.person, seed_id, at, what == "sign_off", comment)
        return go("/seeds")
    if not asked.person.may("author"):
        raise Conflict("Writing seeds is for authors. The lead of the review can change roles.")
    found = kept.seed(asked.store, seed_id) if seed_id != "new" else None
    cells = _cells(asked)
    submit = what == "submit"
    if submit and (problems := _problems(cells)):
        return _form(asked, found, cells, problems)
    if seed_id == "new":
        seed_id, at = kept.begin_seed(asked.store, asked.person, cells, asked.form.get("form") or _form_name()), 1
        drop_draft(asked.store, asked.who, "seed new")
        if not submit:
            return go(f"/seeds/{seed_id}?kept=1")
    kept.write_seed(asked.store, asked.person, seed_id, at, cells, submit)
    drop_draft(asked.store, asked.who, f"seed {seed_id}")
    return go("/seeds" if submit else f"/seeds/{seed_id}?kept=1")


def typed(asked: Asked) -> Response:
    """Keep what has been typed so far; it is no version of the seed and nobody else sees it."""
    seed_id = asked.path["seed_id"]
    if seed_id == "new":
        save_draft(asked.store, asked.who, "seed new", _cells(asked))
    elif not kept.draft_of_seed(asked.store, asked.who, seed_id, _version(asked), _cells(asked)):
        return Response(status_code=409)
    return Response(status_code=204)


def look(asked: Asked) -> Response:
    """What is near to the text at hand, and how many seeds of its kind there are; for the page while typing."""
    cells = _cells(asked)
    if not set(cells) - {"author", "author_role", "licence", "language"}:
        return JSONResponse({"lines": [{"kind": "hint", "text": "Near-duplicates and what is missing show here."}]})
    lines = [{"kind": "hint", "text": "Nothing like this has been written yet."}]
    near = _near(asked, cells, asked.form.get("seed_id", ""))
    if near:
        lines = [{"kind": "problem", "text": f"{round(found.share * 100)} % the same as: {found.instruction[:160]}"}
                 for found in near]
    specialty, task, audience, difficulty = combination(cells)
    named = [part.replace("_", " ") for part in (specialty, task, audience) if part != UNSPECIFIED]
    if not named:
        lines.append({"kind": "hint", "text": "Choose specialty, task and audience to see what is missing."})
        return JSONResponse({"lines": lines})
    have = Counter(level for *kind, level in map(combination, _all(asked)) if kind == [specialty, task, audience])
    said = "" if difficulty == UNSPECIFIED else f", of difficulty {difficulty}: {have[difficulty]}"
    lines.append({"kind": "hint", "text": f"Seeds on {', '.join(named)}: {have.total()}{said}."})
    return JSONResponse({"lines": lines, "levels": [[level, have[level]] for level in LEVELS], "at": difficulty})


def coverage(asked: Asked) -> Response:
    """The coverage grid."""
    cells = grid(_all(asked))
    rows: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.specialty, cell.task_type, cell.audience), {})[cell.difficulty] = cell
    return asked.show("coverage.html", rows=rows, missing=sum(cell.missing for cell in cells))


def _all(asked: Asked) -> list[Mapping[str, Any]]:
    written: list[Mapping[str, Any]] = [seed.cells for seed in kept.seeds(asked.store) if seed.state != kept.RECALLED]
    return [*asked.near.rows, *written]


def _near(asked: Asked, cells: Any, seed_id: str) -> Any:
    own = Near({"seed_id": s.seed_id, **s.cells} for s in kept.seeds(asked.store) if s.state != kept.RECALLED)
    found = [*asked.near.index.nearest(cells), *own.nearest(cells, without=seed_id)]
    return sorted(found, key=lambda f: -f.share)[:3]


def _form_name() -> str:
    return secrets.token_urlsafe(12)


def _version(asked: Asked) -> int:
    version = asked.form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1


def _may_sign(asked: Asked) -> bool:
    return asked.person is not None and any(asked.person.may(role) for role in ROLES)


def _cells(asked: Asked) -> dict[str, str]:
    assert asked.person is not None
    written = {name: asked.form[name] for name in _PAGE_CELLS if asked.form.get(name)}
    return {**written, "author": asked.person.pseudonym, "author_role": asked.person.role}


def _problems(cells: dict[str, str]) -> dict[str, str]:
    """Cell -> what is wrong with it."""
    row = seed_row(cells)
    found = cell_problems(cells) if isinstance(row, Problems) else {}
    if "citation" not in cells:
        found["citation"] = "needed: a second expert signs off against it"
    return found


def _form(asked: Asked, found: kept.Seed | None, values: dict[str, str],
          problems: dict[str, str] | None = None) -> Response:
    return asked.show(
        "seed_write.html", 422 if problems else 200, seed=found, values=values, problems=problems or {},
        guidance=GUIDANCE, choices=CHOICES, long=LONG, first=_FIRST, just_kept="kept" in asked.query,
        form=asked.form.get("form") or _form_name(), needed=_NEEDED,
        rest=tuple(name for name in _PAGE_CELLS if name not in _FIRST))
