"""What the probe asks of a model, whatever computes it.

Belongs here: the seam. Does not belong here: any model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

Said = Callable[[str], None]
"""Told in a sentence how far the work is."""


@dataclass(frozen=True)
class Loss:
    """How badly a completion was foreseen: the sum of nats over its tokens, and how many there are."""

    nats: float
    tokens: int

    @property
    def per_token(self) -> float:
        return self.nats / max(1, self.tokens)


class Student(Protocol):
    """A small language model that can be trained and reset."""

    name: str

    def reset(self) -> None:
        """Back to the base model: whatever was learned is gone."""

    def train(self, pairs: Sequence[tuple[str, str]], steps: int, said: Said) -> None:
        """Learn to complete prompts: (prompt, completion), in this order, begun anew where they run out."""

    def losses(self, pairs: Sequence[tuple[str, str]]) -> list[Loss]:
        """How badly each completion is foreseen after its prompt; an empty prompt stands for running text."""
