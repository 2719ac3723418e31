"""Seeds written in the browser: drafts, versions, sign-off by a second expert. Every version is kept for good.

States: `draft` (its author writes), `submitted` (waits for a second expert), `returned` (with a comment, back to its
author), `signed_off` (part of the dataset from the next build on), `recalled` (taken out again). Belongs here: who
did what to a seed. Does not belong here: what its cells may hold (`seeds/`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.ports import canonical_json, content_id
from itd_pipeline.review_store.answers import put_draft
from itd_pipeline.review_store.database import Conflict, Store, note, now
from itd_pipeline.review_store.people import Person
from itd_pipeline.seeds.find import SIGNED_OFF_FILE
from itd_pipeline.storage.lake import write_atomically

DRAFT, SUBMITTED, RETURNED, SIGNED_OFF, RECALLED = "draft", "submitted", "returned", "signed_off", "recalled"


@dataclass(frozen=True)
class Seed:
    """A seed in its latest version, and its history."""

    seed_id: str
    author: str
    state: str
    version: int
    cells: Mapping[str, str]
    history: tuple[Mapping[str, Any], ...] = ()


def begin_seed(store: Store, person: Person, cells: Mapping[str, str], form: str) -> str:
    """Keep a first version as a draft and return its id.

    Args:
        form: what tells the form that was sent from every other: sent twice, it makes one seed.

    Raises:
        Conflict: the form was sent before with something else in it.
    """
    mark = content_id("s", person.pseudonym, form)[2:12]
    with store.writing() as connection:
        held = connection.execute("SELECT seed_id, cells FROM seeds s JOIN seed_versions v USING (seed_id) WHERE "
                                  "s.author = ? AND substr(seed_id, -10) = ? AND v.version = 1",
                                  (person.pseudonym, mark)).fetchone()
        if held and held["cells"] == canonical_json(dict(cells)):
            return str(held["seed_id"])
        if held:
            raise Conflict("This form was sent before and has made a seed. Open that seed under Seeds and change it "
                           "there; what you have typed since stands under Write a seed.")
        number = connection.execute("SELECT count(*) FROM seeds").fetchone()[0] + 1
        seed_id = f"{person.pseudonym}-{number}-{mark}"
        connection.execute("INSERT INTO seeds VALUES (?, ?, ?, 0)", (seed_id, person.pseudonym, DRAFT))
        _add_version(connection, seed_id, 0, DRAFT, cells, person, "")
    return seed_id


def write_seed(store: Store, person: Person, seed_id: str, version: int, cells: Mapping[str, str],
               submit: bool) -> None:
    """Keep a new version by its author; the second expert has to look again.

    Raises:
        Conflict: not this person's seed, recalled, or changed meanwhile.
    """
    with store.writing() as connection:
        row = _row(connection, seed_id)
        if row["author"] != person.pseudonym:
            raise Conflict("Only its author edits a seed. Write a comment when you return it instead.")
        if row["state"] == RECALLED:
            raise Conflict("This seed has been recalled.")
        state = SUBMITTED if submit else DRAFT
        content = canonical_json(dict(cells))
        if row["version"] == version + 1 and row["cells"] == content and row["state"] == state:
            return
        _add_version(connection, seed_id, version, state, cells, person, "")


def draft_of_seed(store: Store, author: str, seed_id: str, version: int, cells: Mapping[str, str]) -> bool:
    """Keep what has been typed, unless the seed was kept meanwhile. Returns whether it was."""
    with store.writing() as connection:
        same = connection.execute("SELECT 1 FROM seeds WHERE seed_id = ? AND author = ? AND version = ?",
                                  (seed_id, author, version)).fetchone()
        if same:
            put_draft(connection, author, f"seed {seed_id}", canonical_json(dict(cells)))
        return same is not None


def judge_seed(store: Store, person: Person, seed_id: str, version: int, sign_off: bool, comment: str) -> None:
    """A second expert signs off exactly the version that they have read, or returns it with a comment.

    Raises:
        Conflict: it is their own, was changed meanwhile, or does not wait for sign-off.
    """
    with store.writing() as connection:
        row = _row(connection, seed_id)
        if row["author"] == person.pseudonym:
            raise Conflict("Nobody signs off their own seed. A second expert has to.")
        if row["state"] != SUBMITTED or row["version"] != version:
            raise Conflict("This seed has changed meanwhile, or does not wait for sign-off. Read it again.")
        _add_version(connection, seed_id, version, SIGNED_OFF if sign_off else RETURNED,
                     json.loads(row["cells"]), person, comment)
    write_signed_off(store)


def recall_seed(store: Store, who: str, seed_id: str, why: str) -> bool:
    """Take a seed out; its history stays. Returns whether there was one to take out."""
    with store.writing() as connection:
        row = connection.execute("SELECT * FROM seeds WHERE seed_id = ? AND state != ?", (seed_id, RECALLED)).fetchone()
        if row is None:
            return False
        latest = _row(connection, seed_id)
        _add_version(connection, seed_id, row["version"], RECALLED, json.loads(latest["cells"]), Person(who, ("lead",)),
                     why)
    write_signed_off(store)
    return True


def write_signed_off(store: Store) -> Path:
    """Write the seeds in force as a file of seeds beside the store, where the stage `expert_seeds` reads it.

    The file is replaced in one step, and made anew whenever the server starts, so it cannot stay behind for long.
    """
    path = store.path.with_name(SIGNED_OFF_FILE)
    lines = "".join(canonical_json(cells) + "\n" for cells in signed_off(store))
    if path.is_file() or lines:
        write_atomically(path, lines.encode())
    return path


def seed(store: Store, seed_id: str) -> Seed | None:
    """One seed with its history, latest version first."""
    history = store.rows("SELECT * FROM seed_versions WHERE seed_id = ? ORDER BY version DESC", (seed_id,))
    head = store.row("SELECT * FROM seeds WHERE seed_id = ?", (seed_id,))
    if head is None or not history:
        return None
    return Seed(seed_id, head["author"], head["state"], head["version"], json.loads(history[0]["cells"]),
                tuple(history))


def seeds(store: Store) -> Iterator[Seed]:
    """All seeds in their latest version, by id."""
    for row in store.rows("SELECT s.*, v.cells FROM seeds s JOIN seed_versions v USING (seed_id, version) "
                          "ORDER BY s.seed_id"):
        yield Seed(row["seed_id"], row["author"], row["state"], row["version"], json.loads(row["cells"]))


def signed_off(store: Store) -> list[dict[str, str]]:
    """Cells of the seeds that a second expert has signed off, as a file of seeds holds them. An edit that waits for
    sign-off leaves the version in force that was signed off before."""
    found = store.rows(
        "SELECT v.seed_id, v.cells FROM seed_versions v JOIN seeds s USING (seed_id) WHERE s.state != ? "
        "AND v.state = ? AND v.version = (SELECT max(version) FROM seed_versions w "
        "WHERE w.seed_id = v.seed_id AND w.state = ?) "
        "ORDER BY v.seed_id", (RECALLED, SIGNED_OFF, SIGNED_OFF))
    return [{**json.loads(row["cells"]), "id": row["seed_id"]} for row in found]


def _row(connection: sqlite3.Connection, seed_id: str) -> Any:
    row = connection.execute("SELECT s.*, v.cells FROM seeds s JOIN seed_versions v USING (seed_id, version) "
                             "WHERE seed_id = ?", (seed_id,)).fetchone()
    if row is None:
        raise Conflict("There is no such seed.")
    return row


def _add_version(connection: sqlite3.Connection, seed_id: str, version: int, state: str, cells: Mapping[str, str],
                 person: Person, comment: str) -> None:
    changed = connection.execute("UPDATE seeds SET version = version + 1, state = ? WHERE seed_id = ? AND version = ?",
                                 (state, seed_id, version)).rowcount
    if not changed:
        raise Conflict("This seed has been changed in another tab or by somebody else. Nothing was overwritten.")
    connection.execute("INSERT INTO seed_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       (seed_id, version + 1, state, canonical_json(dict(cells)), person.pseudonym, person.role,
                        person.experience_years, comment, now()))
    note(connection, person.pseudonym, f"seed {state}", seed_id)
