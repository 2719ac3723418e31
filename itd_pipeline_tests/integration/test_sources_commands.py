"""`itd sources fetch` and `itd sources add` as a person types them, against a server on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from itd_pipeline.cli import app
from itd_pipeline.settings import load_settings
from itd_pipeline_tests.unit.sources.samples import SAMPLES
from itd_pipeline_tests.web_server import Site, proper, site

__all__ = ["site"]
RUNNER = CliRunner()
ENTRIES = """
sources:
  faq:
    title: Questions
    reader: csv
    address: {address}
    file: faq.csv
    licence: CC-BY-4.0
    attribution: The clinic
    terms: Name the clinic.
    size_limit_mb: 1
    checksum: recorded
    audience: patient
    columns: {{text: answer, question: question}}
    routes: [converted]
"""
FAQ = b"question,answer\nWhat is gout?,Gout is a painful arthritis of the joints.\n"
PROFILE = ["-p", "small.yaml"]


@pytest.fixture
def catalogue(project: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    """A catalogue whose one source lies on this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    site.answers = [proper(FAQ)]
    (project / "ours.yaml").write_text(ENTRIES.format(address=site.address))
    return "ours.yaml"


def itd(*words: str, answer: str | None = None) -> Result:
    return RUNNER.invoke(app, ["sources", *words], input=answer)


def as_json(*words: str) -> Any:
    done = itd(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_catalogue_is_listed_without_a_network(project: Path) -> None:
    assert {"medquad", "openstax_nursing"} <= {entry["name"] for entry in as_json("fetch")}
    assert "CC-BY-4.0" in itd("fetch").output


def test_nothing_is_fetched_without_a_yes(catalogue: str, site: Site, project: Path) -> None:
    done = itd("fetch", "faq", "--catalogue", catalogue, *PROFILE, answer="n\n")
    assert done.exit_code == 1
    for said in ("CC-BY-4.0", "The clinic", site.address, "Name the clinic", "1 MB"):
        assert said in done.output
    assert itd("fetch", "faq", "--catalogue", catalogue, *PROFILE, "--json").exit_code == 2
    assert not site.requests
    assert not (project / "data").exists()


def test_fetch_then_add_then_check(catalogue: str, site: Site, project: Path) -> None:
    done = itd("fetch", "faq", "--catalogue", catalogue, *PROFILE, answer="y\n")
    assert done.exit_code == 0, done.output
    assert (project / "data" / "sources" / "faq.csv").read_bytes() == FAQ
    assert "reader: csv" in done.output
    assert f"itd sources add data/sources/faq.csv --name faq --catalogue {catalogue}" in done.output
    again = as_json("fetch", "faq", "--catalogue", catalogue, *PROFILE, "--yes")
    assert again["unchanged"] is True
    assert len(site.requests) == 2
    added = as_json("add", "data/sources/faq.csv", "--catalogue", catalogue, *PROFILE, "--yes")
    assert added["yaml"] == again["yaml"]
    source = load_settings("small.yaml").sources["faq"]
    assert (source.licence, source.attribution, source.audience) == ("CC-BY-4.0", "The clinic", "patient")
    assert source.path == Path("data/sources/faq.csv")
    assert source.retrieved_on
    assert as_json("check", "faq", *PROFILE)[0]["documents"] == 1


def test_a_changed_file_waits_for_a_word(catalogue: str, site: Site, project: Path) -> None:
    assert itd("fetch", "faq", "--catalogue", catalogue, "--to", "there", "--yes").exit_code == 0
    site.answers = [proper(FAQ + b"more,answers\n", '"two"')]
    refused = itd("fetch", "faq", "--catalogue", catalogue, "--to", "there", "--yes")
    assert refused.exit_code == 1
    assert "--accept-new" in refused.output
    assert (project / "there" / "faq.csv").read_bytes() == FAQ
    assert itd("fetch", "faq", "--catalogue", catalogue, "--to", "there", "--yes", "--accept-new").exit_code == 0
    assert (project / "there" / "faq.csv").read_bytes() != FAQ


def test_mistakes(project: Path, catalogue: str) -> None:
    assert "Did you mean medquad?" in itd("fetch", "medqad").output
    assert "is no day" in itd("fetch", "faq", "--catalogue", catalogue, "--date", "today").output
    assert itd("fetch", "faq", "--catalogue", "nowhere.yaml").exit_code == 2
    assert itd("add", "nowhere", *PROFILE).exit_code == 1
    assert itd("add", "documents/pairs.csv", "--column", "text", *PROFILE).exit_code == 2
    assert "has a source pairs already" in itd("add", "documents/pairs.csv", *PROFILE).output


def test_a_folder_of_leaflets(project: Path) -> None:
    before = (project / "small.yaml").read_text()
    words = ["add", "documents/leaflets", "--name", "more", "--licence", "CC0-1.0", *PROFILE]
    looked = itd(*words, "--dry-run")
    assert looked.exit_code == 0, looked.output
    for said in ("reader markdown", "Bronchitis", "CC0-1.0", "common condition", "--patient-data if it is"):
        assert said in looked.output
    assert itd(*words, answer="n\n").exit_code == 1
    assert (project / "small.yaml").read_text() == before
    assert itd(*words, answer="y\n").exit_code == 0
    after = (project / "small.yaml").read_text()
    assert load_settings("small.yaml").sources["more"].path == Path("documents/leaflets")
    assert all(line in after.splitlines() for line in before.splitlines())


def test_a_licence_must_be_known(project: Path) -> None:
    words = ["add", "documents/leaflets", "--name", "more", "--yes", *PROFILE]
    unknown = itd(*words)
    assert unknown.exit_code == 2
    assert "--licence" in unknown.output
    assert "licensing.custom" in itd(*words, "--licence", "LicenseRef-nobody").output
    assert "more" not in load_settings("small.yaml").sources
    forbidden = as_json(*words, "--licence", "CC-BY-NC-4.0")
    assert any("commercial_use" in note for note in forbidden["notes"])


def test_documents_that_name_their_licence_need_none(project: Path) -> None:
    (project / "article.xml").write_bytes(SAMPLES["jats"][1])
    added = as_json("add", "article.xml", "--yes", *PROFILE)
    assert added["examples"][0]["licence"] == "CC-BY-4.0"
    assert load_settings("small.yaml").sources["article"].licence == "LicenseRef-unstated"


def test_patients_must_be_said_and_are_not_shown(project: Path) -> None:
    (project / "records.json").write_bytes(SAMPLES["fhir"][1])
    words = ["add", "records.json", "--licence", "CC0-1.0", *PROFILE]
    silent = itd(*words, "--yes")
    assert silent.exit_code == 2
    assert "--patient-data" in silent.output
    said = itd(*words, "--patient-data", "--yes")
    assert said.exit_code == 0, said.output
    assert "No text is shown" in said.output
    for secret in ("Okonkwo", "Asthma", "Springfield"):
        assert secret not in silent.output + said.output
    assert load_settings("small.yaml").sources["records"].patient_data is True


def test_patients_by_the_names_of_columns(project: Path) -> None:
    (project / "notes.csv").write_text("mrn,note\n7,Ms Adaeze Okonkwo was seen in clinic.\n")
    words = ["add", "notes.csv", "--name", "clinic", "--licence", "CC0-1.0", *PROFILE]
    silent = itd(*words, "--dry-run")
    assert "Okonkwo" not in silent.output
    assert "patient <- mrn" in silent.output
    assert itd(*words, "--yes").exit_code == 2
    assert as_json(*words, "--yes", "--no-patient-data")["patient_data"] is False


def test_several_readers_are_a_question(project: Path) -> None:
    folder = project / "mixed"
    folder.mkdir()
    (folder / "a.xml").write_bytes(SAMPLES["jats"][1])
    (folder / "b.xml").write_bytes(SAMPLES["spl"][1])
    asked = itd("add", "mixed", "--licence", "CC0-1.0", *PROFILE)
    assert asked.exit_code == 2
    assert "--reader" in asked.output
    assert as_json("add", "mixed", "--reader", "spl", "--licence", "CC0-1.0", "--dry-run", *PROFILE)["rejects"] == {
        "other_layout": 1}
