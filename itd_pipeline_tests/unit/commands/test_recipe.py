"""`itd recipe`: list, show, checks and try."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itd_pipeline.cli import app
from itd_pipeline.errors import ConfigError, NotBuiltError
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.recipe_trial import try_recipe
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import ChatAnswer, ChatRequest
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake


class Quoting:
    """A model whose quote stands in every leaflet."""

    name, local = "test/quoting", True
    hosts: tuple[str, ...] = ()

    def answer(self, requests: Sequence[ChatRequest]) -> Iterator[ChatAnswer]:
        for request in requests:
            said = {"quote": "Some people need tests to be sure.", "question": "Who needs tests for bronchitis?",
                    "answer": "Some people need tests."}
            yield ChatAnswer(request.payload_hash(self.name), json.dumps(said), "stop", 7, 3, 0.25)


def _built(settings: Settings) -> Lake:
    lake = Lake(settings.lake_path)
    for name, source in (("raw_sources", "leaflets"), ("cleaned_text", "leaflets"), ("expert_seeds", "")):
        manifest = refresh(STAGES[name], STAGES, Scope(settings, lake, source)).manifest
        lake.mark(name, source, manifest.data_version, True)
    return lake


def test_list_show_and_checks() -> None:
    listed = json.loads(CliRunner().invoke(app, ["recipe", "list", "--json"]).output)
    assert len(listed) >= 16
    assert [r["name"] for r in listed if r["used"]] == ["small_question"], "the demo's model is small"
    shown = CliRunner().invoke(app, ["recipe", "show", "multiple_choice"]).output
    assert "id: multiple_choice" in shown
    assert "You sit a medical examination" in shown, "the second prompt is part of the recipe"
    assert "code_known" in CliRunner().invoke(app, ["recipe", "checks"]).output
    wrong = CliRunner().invoke(app, ["recipe", "show", "multiple_choise", "--json"])
    assert wrong.exit_code == 2
    assert "multiple_choice" in json.loads(wrong.output)["problem"]


def test_try_shows_what_happened_and_writes_no_row(small: Settings) -> None:
    lake = _built(small)
    before = sorted(path.name for path in lake.root.rglob("*.parquet"))
    trial = try_recipe(small, "grounded_question", 2, "leaflets", opening=lambda _: Quoting())
    assert sorted(path.name for path in lake.root.rglob("*.parquet")) == before
    assert (trial.source, trial.route, len(trial.tried), trial.spent_usd) == ("leaflets", "synthetic", 2, 0.5)
    for tried in trial.tried:
        assert tried.asked[0][1].prompt_tokens == 7
        assert tried.reason in ("", "quote_not_found")
    hybrid = try_recipe(small, "grounded_question", 1, None, "hybrid", opening=lambda _: Quoting())
    assert "Experts wrote these" in hybrid.tried[0].asked[0][0].messages[-1][1]


def test_a_second_trial_is_free(small: Settings, project: Path) -> None:
    _built(small)
    runner = CliRunner()
    command = ["recipe", "try", "grounded_question", "--n", "2", "--source", "leaflets", "--profile",
               str(project / "small.yaml"), "--json"]
    first, second = (json.loads(runner.invoke(app, command).output) for _ in range(2))
    assert (first["requests"], first["from_store"]) == (2, 0)
    assert (second["requests"], second["from_store"], second["spent_usd"]) == (2, 2, 0.0)
    assert first["records"][0]["asked"][0]["messages"][0]["role"] == "system"
    people = runner.invoke(app, command[:-1]).output
    assert "answered from the store" in people


def test_what_is_missing_is_named(small: Settings) -> None:
    with pytest.raises(NotBuiltError):
        try_recipe(small, "grounded_question", 1, "leaflets", opening=lambda _: Quoting())
    with pytest.raises(ConfigError, match="no source"):
        try_recipe(small, "grounded_question", 1, "nowhere", opening=lambda _: Quoting())
    with pytest.raises(ConfigError, match="no route"):
        try_recipe(small, "grounded_question", 1, "leaflets", "template", opening=lambda _: Quoting())
