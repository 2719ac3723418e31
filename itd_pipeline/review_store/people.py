"""Who takes part: pseudonym, roles, profession, experience, a personal link, sessions.

A link holds a secret of 256 bits; only its hash is kept, so a copy of the file opens nothing. Belongs here: people.
Does not belong here: cookies and pages.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.review_store.database import Store, note, now
from itd_pipeline.tables.vocabularies import AUTHOR_ROLE

ROLES = ("author", "reviewer", "adjudicator", "lead")
"""What a person may do; one person may have several."""
PROFESSIONS = tuple(role for role in AUTHOR_ROLE if role not in {"model", "program"})

SESSION_DAYS = 30
"""So long a browser stays open without the link; a cookie that was copied opens nothing after that."""


@dataclass(frozen=True)
class Person:
    """One participant.

    Args:
        pseudonym: never a name.
        roles: of `ROLES`.
        role: profession, of `PROFESSIONS`.
        experience_years: years of experience, where the person said so.
        active: whether the link works and tasks are given.
    """

    pseudonym: str
    roles: tuple[str, ...]
    role: str = "clinician"
    experience_years: int | None = None
    active: bool = True

    def may(self, role: str) -> bool:
        return role in self.roles


def add_person(store: Store, person: Person) -> str:
    """Add a person and return the secret of their link, which is not kept.

    Raises:
        ConfigError: the pseudonym is taken or of the wrong form, or a role does not exist.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,48}", person.pseudonym):
        raise ConfigError("A pseudonym has small letters, digits, hyphens and underscores, and begins with a letter.",
                          "Choose one such as owl-3; no person's name.")
    unknown = [role for role in person.roles if role not in ROLES]
    if unknown or not person.roles:
        raise ConfigError(f"{unknown[0] if unknown else 'none'}: no such role.", f"Roles: {', '.join(ROLES)}.")
    if person.role not in PROFESSIONS:
        raise ConfigError("No such profession.", f"Professions: {', '.join(PROFESSIONS)}.")
    if person.experience_years is not None and not 0 <= person.experience_years <= 80:
        raise ConfigError("Years of experience are a number from 0 to 80.", "Leave it out where unknown.")
    token = secrets.token_urlsafe(32)
    with store.writing() as connection:
        if connection.execute("SELECT 1 FROM people WHERE pseudonym = ?", (person.pseudonym,)).fetchone():
            raise ConfigError(f"There is a {person.pseudonym} already.", "Choose another pseudonym, or renew the link.")
        connection.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?, 1, ?)", (
            person.pseudonym, ",".join(r for r in ROLES if r in person.roles), person.role, person.experience_years,
            digest(token), now()))
        note(connection, person.pseudonym, "joined", person.pseudonym)
    return token


def renew_link(store: Store, pseudonym: str) -> str:
    """A new secret; the old link and all open sessions of the person end. Raises ConfigError for an unknown one."""
    token = secrets.token_urlsafe(32)
    with store.writing() as connection:
        changed = connection.execute("UPDATE people SET token_hash = ? WHERE pseudonym = ?",
                                     (digest(token), pseudonym)).rowcount
        if not changed:
            raise ConfigError(f"There is no {pseudonym}.", "`itd review people` lists who takes part.")
        connection.execute("DELETE FROM sessions WHERE pseudonym = ?", (pseudonym,))
        note(connection, pseudonym, "link renewed", pseudonym)
    return token


def set_active(store: Store, pseudonym: str, active: bool) -> None:
    """Let a person in, or end their link and sessions. What they have answered stays."""
    with store.writing() as connection:
        if not connection.execute("UPDATE people SET active = ? WHERE pseudonym = ?", (active, pseudonym)).rowcount:
            raise ConfigError(f"There is no {pseudonym}.", "`itd review people` lists who takes part.")
        if not active:
            connection.execute("DELETE FROM sessions WHERE pseudonym = ?", (pseudonym,))
        note(connection, pseudonym, "active" if active else "paused", pseudonym)


def people(store: Store) -> list[Person]:
    """Everybody, by pseudonym."""
    return [_person(row) for row in store.rows("SELECT * FROM people ORDER BY pseudonym")]


def by_link(store: Store, token: str) -> Person | None:
    """Whose link this is."""
    row = store.row("SELECT * FROM people WHERE token_hash = ? AND active", (digest(token),))
    return _person(row) if row else None


def start_session(store: Store, pseudonym: str) -> str:
    """The secret of a new session."""
    token = secrets.token_urlsafe(32)
    with store.writing() as connection:
        connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (digest(token), pseudonym, now()))
    return token


def end_session(store: Store, token: str) -> None:
    with store.writing() as connection:
        connection.execute("DELETE FROM sessions WHERE hash = ?", (digest(token),))


def by_session(store: Store, token: str) -> Person | None:
    """Whose session this is."""
    oldest = datetime.datetime.now(tz=datetime.UTC) - datetime.timedelta(days=SESSION_DAYS)
    row = store.row("SELECT p.* FROM sessions s JOIN people p USING (pseudonym) WHERE s.hash = ? AND p.active "
                    "AND s.started_at >= ?", (digest(token), oldest.isoformat(timespec="milliseconds")))
    return _person(row) if row else None


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _person(row: dict[str, Any]) -> Person:
    return Person(row["pseudonym"], tuple(row["roles"].split(",")), row["role"], row["experience_years"],
                  bool(row["active"]))
