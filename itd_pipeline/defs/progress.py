"""How far the requests to a model are, in Dagster's log and in the metadata of the asset. Counts and money, no text."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from itd_pipeline.pipeline.stage import Answered, Estimated
from itd_pipeline.ports import Estimate, ModelProgress, WorkProgress

_LINE_EVERY_S = 15.0


@dataclass
class Asked:
    """Passes progress on, writes a line of the log every fifteen seconds and at the end of the requests of a route.

    Args:
        log: writes a line.
        then, then_estimated: told as well: the terminal.
    """

    log: Callable[[str], None]
    then: Answered | None = None
    then_estimated: Estimated | None = None
    _last: dict[int, ModelProgress] = field(default_factory=dict)
    _route: int = 0
    _said_at: float = field(default_factory=time.monotonic)
    _estimate: Estimate | None = None

    def estimated(self, partition: str, estimate: Estimate) -> None:
        """Follows `pipeline.stage.Estimated`."""
        if self.then_estimated is not None:
            self.then_estimated(partition, estimate)
        self._estimate = estimate
        self.log(f"{partition}: estimate, {estimate.sentence}")

    def answered(self, partition: str, progress: ModelProgress) -> None:
        """Follows `pipeline.stage.Answered`."""
        if self.then is not None:
            self.then(partition, progress)
        if isinstance(progress, WorkProgress):
            self._worked(partition, progress)
            return
        if (before := self._last.get(self._route)) is not None and progress.done < before.done:
            self._route += 1
        self._last[self._route] = progress
        now, whole = time.monotonic(), 0 < progress.planned <= progress.done
        if now - self._said_at >= _LINE_EVERY_S or (whole and before != progress):
            self._said_at = now
            self.log(f"{partition}: {progress.sentence}")

    def _worked(self, step: str, progress: WorkProgress) -> None:
        now = time.monotonic()
        if now - self._said_at >= _LINE_EVERY_S:
            self._said_at = now
            self.log(f"{step}: {progress.sentence}")

    @property
    def metadata(self) -> dict[str, Any]:
        """What all routes came to; nothing where no model was asked."""
        if not self._last:
            return {}
        parts = list(self._last.values())
        errors: dict[str, int] = {}
        for part in parts:
            for kind, count in part.errors.items():
                errors[kind] = errors.get(kind, 0) + count
        shown: dict[str, Any] = {
            "model_answers": sum(p.done for p in parts), "model_answers_stored": sum(p.cached for p in parts),
            "model_tokens": sum(p.tokens for p in parts), "model_usd": round(sum(p.spent_usd for p in parts), 6),
            "model_usd_projected": round(sum(p.projected_usd for p in parts), 6),
            "model_seconds_left": round(sum(p.seconds_left or 0.0 for p in parts), 1),
            "model_answers_per_second": round(parts[-1].rate, 3)}
        if self._estimate is not None:
            shown["model_estimate"] = self._estimate.sentence
        if errors:
            rows = "\n".join(f"| {kind} | {count:,} |" for kind, count in sorted(errors.items()))
            shown["model_errors"] = dg.MetadataValue.md(f"| kind | tries |\n|---|---:|\n{rows}")
        return shown
