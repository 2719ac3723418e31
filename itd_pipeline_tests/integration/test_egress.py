"""Patients' notes with 500 canaries among them, a model elsewhere, a recording server in its place: none arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from itd_pipeline.errors import PermanentError
from itd_pipeline.llm.fake_provider import Behaviour, running
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import verify
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.text.canaries import canaries
from itd_pipeline_tests.conftest import small_project

ELSEWHERE = "http://llm.hospital.example/v1"
MODEL = {"name: fake/scripted": f"name: openai/m, api_base: '{ELSEWHERE}', price_per_million_tokens: [0, 0]",
         "options: {journal: journal.txt}": "retries: 0",
         "patient_data: true, routes": "patient_data: true, model_use: any, routes",
         "policy: policy.yaml": "policy: policy.yaml\ndeidentification: {canaries: 500}"}


@pytest.mark.full
@pytest.mark.filterwarnings("ignore")
def test_no_identifier_of_500_canaries_reaches_a_recording_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    bodies: list[bytes] = []
    identifiers = [v.encode() for c in canaries("notes", 500) for v in c.identifiers]
    with running(Behaviour(), recorded=bodies.append) as (address, _):
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, address.removesuffix("/v1"))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        settings = load_settings(small_project(tmp_path, MODEL))
        lake = Lake(settings.lake_path)
        for stage, partition in (("raw_sources", "notes"), ("cleaned_text", "notes"), ("expert_seeds", ""),
                                 ("synthetic_expansions", "notes")):
            scope = Scope(settings, lake, partition)
            refresh(STAGES[stage], STAGES, scope)
            list(verify(STAGES[stage], STAGES, scope))
        assert lake.require("synthetic_expansions", "notes").units_in > 0
        assert bodies, "prompts without identifiers do go"
        assert not any(value in body for body in bodies for value in identifiers)

        # As if de-identification had failed: a seed that an expert copied from a note.
        before = len(bodies)
        value = next(c for c in canaries("notes", 500)).identifiers[0]
        monkeypatch.setattr("itd_pipeline.expand.asking.records.messages",
                            lambda *_, **__: (("user", f"Passage of {value}."),))
        monkeypatch.setattr("itd_pipeline.expand.asking.records.refusal", lambda *_, **__: None)
        with pytest.raises(PermanentError, match="canary"):
            list(STAGES["synthetic_expansions"].compute(Scope(settings, lake, "notes")))
        assert len(bodies) == before
