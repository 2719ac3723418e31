"""What Dagster's log and an asset's metadata say of the requests to a model."""

from __future__ import annotations

import pytest

from itd_pipeline.defs import progress
from itd_pipeline.defs.progress import Asked
from itd_pipeline.ports import Estimate, ModelProgress, Range


def test_log_and_metadata_hold_rate_tokens_money_time_and_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    lines: list[str] = []
    told: list[tuple[str, ModelProgress]] = []
    asked = Asked(lines.append, lambda *one: told.append(one))
    asked.estimated("leaflets", Estimate(10, 2, 1, Range(80, 100, 120), Range(8, 10, 12), Range(0.1, 0.2, 0.3),
                                         Range(1, 2, 3), 5))
    half = ModelProgress(10, 4, 2, 3.5, 500, 0.02, 0.05, 1.7, {"timeout": 1, "rate_limit": 2}, 3)
    asked.answered("leaflets", half)
    assert lines == [
        "leaflets: estimate, 7 requests to send (2 stored), 110 (88 to 132) tokens, 0.2000 (0.1000 to 0.3000) USD, "
        "2 (1 to 3) s, by 5 answers of this model",
        "leaflets: 4 of 10 answers (2 stored), 3.5/s, 500 tokens, 0.0200 USD of about 0.0500, 2 s left, "
        "errors: rate_limit 2, timeout 1"]
    shown = asked.metadata
    assert {name: shown[name] for name in shown if name not in ("model_errors", "model_estimate")} == {
        "model_answers": 4, "model_answers_stored": 2, "model_tokens": 500, "model_usd": 0.02,
        "model_usd_projected": 0.05, "model_seconds_left": 1.7, "model_answers_per_second": 3.5}
    assert "| rate_limit | 2 |" in shown["model_errors"].md_str
    assert "0.2000 (0.1000 to 0.3000) USD" in shown["model_estimate"]
    assert told == [("leaflets", half)]


def test_nothing_is_shown_where_no_model_was_asked() -> None:
    assert Asked(print).metadata == {}
