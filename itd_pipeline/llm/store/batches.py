"""Batches that a provider still owes answers for. Belongs here: their rows in the store. Not here: asking for them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from itd_pipeline.llm.store.answers import AnswerStore


@dataclass(frozen=True)
class Owed:
    """One batch.

    Args:
        token: our name for it; the provider carries it as metadata.
        batch_id: the provider's; empty while it is being handed in.
        request_ids: what it holds.
    """

    token: str
    batch_id: str
    request_ids: tuple[str, ...]


def owed(store: AnswerStore, model: str) -> list[Owed]:
    """Batches of a model that have not been collected, oldest first.

    Args:
        model: its identity (`identity.model_identity`).
    """
    rows = store.run("SELECT token, batch_id, request_ids FROM batches WHERE model = ? ORDER BY created_at, token",
                     (model,))
    return [Owed(token, batch_id, tuple(json.loads(ids))) for token, batch_id, ids in rows]


def announce(store: AnswerStore, token: str, model: str, place: str, request_ids: Sequence[str]) -> None:
    """A batch is about to be handed in."""
    store.run("INSERT INTO batches VALUES (?, '', ?, ?, 'announced', ?, ?)",
              (token, model, place, json.dumps(list(request_ids)), round(time.time(), 3)))


def handed_in(store: AnswerStore, token: str, batch_id: str) -> None:
    """The provider has it."""
    store.run("UPDATE batches SET batch_id = ?, state = 'waiting' WHERE token = ?", (batch_id, token))


def collected(store: AnswerStore, token: str) -> None:
    """All its answers are stored, or it came to nothing."""
    store.run("DELETE FROM batches WHERE token = ?", (token,))
