"""Every source is estimated before its requests are sent; where a cap leaves less, nothing more is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline.llm.fake_provider.server import FakeServer
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import Estimate
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline_tests.conftest import small_project

PRICE = "prices: {openai/fake: {request: 0.01}}"


def expand_leaflets(folder: Path, address: str, server: FakeServer, model: str, planned: int = 10,
                    recipes: str = "grounded_question, patient_question", **more: str,
                    ) -> tuple[Manifest, list[tuple[Estimate, int]]]:
    """(what came of it; each estimate, with what had been sent when it was told)."""
    small_project(folder, {
        "name: fake/scripted, options: {journal: journal.txt}": f"name: openai/fake, api_base: '{address}', {model}",
        "synthetic_per_source: 4": f"synthetic_per_source: {planned}", "hybrid_per_source: 4": "hybrid_per_source: 0",
        "grounded_question, patient_question": recipes, **more})
    settings = load_settings(folder / "small.yaml")
    lake, told = Lake(settings.lake_path), []

    def estimated(partition: str, estimate: Estimate) -> None:
        assert partition == "leaflets"
        told.append((estimate, int(server.stats()["requests"])))

    for name in ("raw_sources", "cleaned_text", "expert_seeds", "synthetic_expansions"):
        stage = STAGES[name]
        scope = Scope(settings, lake, "leaflets" if stage.partitioned else "", "a-build", estimated=estimated)
        done = refresh(stage, STAGES, scope)
        verify(stage, STAGES, scope)
    return done.manifest, told


def test_a_sample_first_then_an_interval_that_holds_what_comes_and_nothing_sent_twice(tmp_path: Path) -> None:
    with running(Behaviour(price_usd=0.01)) as (address, server):
        made, told = expand_leaflets(tmp_path, address, server, f"max_cost_usd: 1.0, concurrency: 4, {PRICE}")
        stats = server.stats()
    (estimate, sent), = told
    assert sent == estimate.sample == 2
    assert estimate.due == estimate.requests == 10
    assert estimate.usd.likely == pytest.approx(0.10) == pytest.approx(stats["billed_usd"])
    assert estimate.sent.low <= stats["prompt_tokens"] <= estimate.sent.high
    assert estimate.received.low <= stats["completion_tokens"] <= estimate.received.high
    assert stats["answered_again"] == 0
    assert made.units_in == 10
    assert "10 requests to send (0 stored)" in estimate.sentence


def test_over_a_cap_it_stops_before_anything_but_the_sample_is_sent_and_says_how_to_go_on(tmp_path: Path) -> None:
    with running(Behaviour(price_usd=0.01)) as (address, server):
        with pytest.raises(PermanentError, match=r"0\.10 USD.*cap of 0\.05 USD per run.*over_estimate: spend"):
            expand_leaflets(tmp_path, address, server, f"max_cost_usd: 0.05, {PRICE}")
        assert server.stats()["requests"] == 2
        settings = load_settings(tmp_path / "small.yaml")
        assert Lake(settings.lake_path).manifest("synthetic_expansions", "leaflets") is None


def test_a_profile_may_spend_up_to_the_cap(tmp_path: Path) -> None:
    with running(Behaviour(price_usd=0.01)) as (address, server):
        made, _ = expand_leaflets(tmp_path, address, server,
                                  f"max_cost_usd: 0.05, over_estimate: spend, concurrency: 1, {PRICE}")
        assert server.stats()["billed_usd"] == pytest.approx(0.05)
    assert made.rejected["spending_cap"] == 5


def test_tries_of_an_answerer_and_records_to_come_widen_the_interval(tmp_path: Path) -> None:
    with running(Behaviour()) as (address, server):
        answerer = (f"{{name: openai/other, api_base: '{address}', max_cost_usd: 5, "
                    "prices: {openai/other: {request: 0.1}}}")
        _, told = expand_leaflets(
            tmp_path, address, server, f"estimate_sample: 0, max_cost_usd: 5, {PRICE}", planned=4,
            recipes="multiple_choice, evolve_deeper",
            **{"recipes: {use": f"evolved_per_source: 10, roles: {{answerer: {answerer}}}, recipes: {{use"})
    estimate = told[0][0]
    choices = 4
    evolved = estimate.requests - choices
    assert (estimate.usd.low, estimate.usd.high) == (
        pytest.approx(0.01 * (choices + evolved)), pytest.approx(0.01 * (choices + 10) + 0.1 * 8 * choices))


def test_nothing_is_told_where_everything_is_stored(tmp_path: Path) -> None:
    with running(Behaviour()) as (address, server):
        first, _ = expand_leaflets(tmp_path / "a", address, server, f"store: '{tmp_path / 'answers'}'")
        again, told = expand_leaflets(tmp_path / "b", address, server, f"store: '{tmp_path / 'answers'}'")
        assert server.stats()["answered_again"] == 0
    assert told == []
    assert again.files["rows"].sha256 == first.files["rows"].sha256
