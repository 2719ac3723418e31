"""Between two builds of one lake no record changes its split, whatever comes, goes or is set otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from itd_pipeline.pipeline.split_history import history_path
from itd_pipeline.release import verify_release
from itd_pipeline.settings import load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline_tests.conftest import LEAFLET
from itd_pipeline_tests.integration.test_forget import build as build_all


@pytest.mark.full
def test_new_documents_and_other_shares_move_no_record(project: Path) -> None:
    settings = load_settings(project / "small.yaml")
    lake = Lake(settings.lake_path)
    build_all(settings)
    before = {row["record_id"]: row["split"] for row in lake.read("dataset_release").to_pylist()}
    assert before
    assert history_path(lake).is_file()

    for n, title in ((5, "Anaemia"), (6, "Sinusitis"), (7, "Lumbago")):
        (project / "documents" / "leaflets" / f"{title.lower()}.md").write_text(
            LEAFLET.format(n=n, title=title, specialty="general_practice"), encoding="utf-8")
    profile = project / "small.yaml"
    profile.write_text(profile.read_text(encoding="utf-8") + "release: {validation_share: 0.3, test_share: 0.3}\n",
                       encoding="utf-8")
    settings = load_settings(profile)
    build_all(settings)
    after = {row["record_id"]: row["split"] for row in lake.read("dataset_release").to_pylist()}
    assert after.keys() - before.keys()  # what is new
    assert {r: after[r] for r in before if r in after} == {r: before[r] for r in before if r in after}
    assert len(set(after.values())) > 1  # the new shares hold for what is new
    folder = settings.lake_path / "releases" / lake.require("dataset_release").facts["version"]
    assert verify_release(folder) == []
