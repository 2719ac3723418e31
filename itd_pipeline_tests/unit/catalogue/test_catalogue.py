"""The catalogue that comes along is sound, and a wrong one is told what is wrong with it."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import pytest

from itd_pipeline.catalogue import SHIPPED, load_catalogue, take_member
from itd_pipeline.errors import ConfigError, FetchError
from itd_pipeline.sources import readers

ENTRY = """
sources:
  mine:
    title: Mine
    reader: markdown
    address: https://example.org/mine.zip
    file: mine.zip
    licence: CC0-1.0
    attribution: Me
    terms: Free.
    size_limit_mb: 5
    checksum: recorded
"""


def catalogue(folder: Path, text: str) -> Path:
    path = folder / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_catalogue_that_comes_along() -> None:
    entries = load_catalogue()
    assert SHIPPED.is_file()
    assert {"medquad", "hpo", "icd10cm", "dailymed_labels", "openfda_labels", "pubmed_sample", "plos_articles",
            "medlineplus", "openstax_nursing", "synthea_sample", "ccda_examples", "mts_dialog"} <= set(entries)
    assert len({entry.file for entry in entries.values()}) == len(entries)
    for entry in entries.values():
        assert entry.reader in readers(), entry.name
        assert entry.address.startswith("https://")
        assert set(entry.columns) <= set(readers()[entry.reader].columns)
        assert set(entry.options) <= set(readers()[entry.reader].options)
        assert entry.source(Path("x"), "2026-01-15").licence == entry.licence


def test_people_invented_or_not_are_patients() -> None:
    assert {e.reader for e in load_catalogue().values() if e.patient_data} == {"fhir", "ccda"}


def test_a_day_in_an_address() -> None:
    entry = load_catalogue()["medlineplus"].on(datetime.date(2026, 1, 15))
    assert "2026-01-15" in entry.address
    assert "2026-01-15" in entry.file


def test_a_catalogue_of_your_own(tmp_path: Path) -> None:
    pinned = ENTRY.replace("recorded", f"pinned\n    sha256: {'a' * 64}")
    (entry,) = load_catalogue(catalogue(tmp_path, pinned)).values()
    assert entry.size_limit == 5_000_000
    assert entry.sha256 == "a" * 64


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("https://example.org", "http://example.org", "https"),
        ("https://example.org", "ftp://example.org", "https"),
        ("https://example.org", "https://me:secret@example.org", "without a password"),
        ("recorded", "none", "pinned"),
        ("recorded", "pinned", "needs a sha256"),
        ("recorded", "recorded\n    sha256: " + "a" * 64, "needs a sha256"),
        ("mine.zip\n    licence", "../mine.zip\n    licence", "file"),
        ("mine.zip\n    licence", "x{day}.zip\n    licence", "only {date}"),
        ("    licence: CC0-1.0\n", "", "licence"),
        ("terms: Free.", "colour: red", "colour"),
        ("size_limit_mb: 5", "size_limit_mb: 0", "size_limit_mb"),
        ("terms: Free.", "terms: Free.\n    audience: everybody", "vocabulary"),
        ("  mine:", "  My Own:", "name"),
        ("    title: Mine", "    title: [", "not readable as YAML"),
        ("sources:", "entries:", "mapping `sources`"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in ENTRY
    with pytest.raises(ConfigError) as raised:
        load_catalogue(catalogue(tmp_path, ENTRY.replace(old, new, 1)))
    assert says in str(raised.value)


def test_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_catalogue(tmp_path / "nowhere.yaml")


def packed(folder: Path, names: list[str]) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, f"content of {name}")
    return path


def test_one_file_is_taken_out(tmp_path: Path) -> None:
    taken = take_member(packed(tmp_path, ["Table and Index/../x-tabular-2025.xml", "index.xml"]), "*Tabular*.xml")
    assert taken == tmp_path / "x-tabular-2025.xml"
    assert taken.read_text().startswith("content of")


@pytest.mark.parametrize("names", [["a.xml"], ["x-tabular.xml", "y-tabular.xml"]])
def test_none_or_several_are_not(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(FetchError, match="should hold one file"):
        take_member(packed(tmp_path, names), "*tabular*.xml")


def test_a_damaged_archive_or_a_bomb(tmp_path: Path) -> None:
    path = packed(tmp_path, ["x.xml"])
    with pytest.raises(FetchError, match="more than 3 bytes"):
        take_member(path, "x.xml", most=3)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(FetchError, match="cannot be unpacked"):
        take_member(path, "x.xml")
    assert not (tmp_path / "x.xml").exists()
