"""Canaries: who they are, that none survives, and that a broken de-identification is noticed."""

from __future__ import annotations

import pytest

from itd_pipeline.pipeline.canary_search import NO_CANARIES
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import inspect
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Cleaning, Settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import Deidentifier, clean
from itd_pipeline.text.canaries import canaries
from itd_pipeline.text.deidentify import DeidentifiedText
from itd_pipeline_tests.unit.text.test_cleaning import document


def test_a_source_always_has_the_same_and_another_has_others() -> None:
    assert list(canaries("notes", 3)) == list(canaries("notes", 3))
    assert not {c.key for c in canaries("notes", 20)} & {c.key for c in canaries("letters", 20)}
    assert all(value in canary.note for canary in canaries("notes", 20) for value in canary.identifiers)


def test_none_of_500_survives_and_none_becomes_a_row() -> None:
    table = DOCUMENTS.from_rows([document(1, "Patient: Zoltan Quimbleby was seen.", patient_data=True)])
    batch, = clean([table], "notes", Cleaning(), canary_count=500)
    assert batch.facts["canaries"] == 500
    assert batch.facts["canary_identifiers"] > 2000
    assert batch.facts["canary_hits"] == 0
    assert batch.rows.num_rows + batch.rejects.num_rows == batch.units_in == 1


def _cleaned(small: Settings) -> dict[str, bool]:
    scope = Scope(small, Lake(small.lake_path), "notes")
    for stage in ("raw_sources", "cleaned_text"):
        refresh(STAGES[stage], STAGES, scope)
        scope.lake.mark(stage, "notes", scope.lake.require(stage, "notes").data_version, True)
    return {outcome.check: outcome.held for outcome in inspect(STAGES["cleaned_text"], STAGES, scope)}


def test_the_check_holds_where_de_identification_works(small: Settings) -> None:
    assert _cleaned(small)[NO_CANARIES]


def test_the_check_fails_where_it_does_not(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deidentifier, "replace", lambda self, text, key, language: DeidentifiedText(text, ()))
    assert not _cleaned(small)[NO_CANARIES]


def test_a_canary_in_the_rows_of_a_later_stage_is_found(small: Settings) -> None:
    canary = next(canaries("notes", 1))
    file = small.root / "documents" / "notes" / "note-9.txt"
    file.write_text(f"The brother in law mentioned x{canary.identifiers[0]}x once in passing.", encoding="utf-8")
    assert not _cleaned(small)[NO_CANARIES]
