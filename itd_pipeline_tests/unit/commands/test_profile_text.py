"""A source put into the text of a profile: nothing else changes, whatever the form of the file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from itd_pipeline.commands.profile_text import insert_source, source_lines, with_source, within
from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Source, load_settings

ROOT = Path(__file__).resolve().parents[3]
HEAD = "profile: small\ndataset: {name: small, title: T, description: D}\n"
ONE = "sources:\n  one:\n    reader: hpo\n    licence: CC0-1.0\n"
FORMS = {
    "block": HEAD + ONE.replace("hpo", "hpo   # why") + "# about models\nmodel:\n  seed: 3\n",
    "last": HEAD + ONE.rstrip(),
    "deep": HEAD + "sources:\n      one:\n            reader: hpo\n            licence: CC0-1.0\n\nmodel: {seed: 3}\n",
    "flow entries": HEAD + "sources:\n  one: {reader: hpo, licence: CC0-1.0}  # first\n  two: {reader: hpo,\n"
                           "        licence: CC0-1.0}\nmodel: {seed: 3}\n",
    "braces": HEAD + "sources: {one: {reader: hpo, licence: CC0-1.0}}  # all\nmodel: {seed: 3}\n",
    "braces in lines": HEAD + "sources: {\n  one: {reader: hpo, licence: CC0-1.0},  # first\n}\nmodel: {seed: 3}\n",
    "own comments": HEAD + ONE + "    # limit: 5\n  # two: later\nmodel: {seed: 3}\n",
    "folded text": HEAD + ONE + "    attribution: >-\n      Somebody\n      else # no comment\n\n\nmodel: {seed: 3}\n",
    "literal at the end": HEAD + ONE + "    attribution: |\n      A\n\n",
    "list at the end": HEAD + ONE + "    routes:\n    - template\nmodel: {seed: 3}\n",
    "anchors": HEAD + "sources:\n  one: &base {reader: hpo, licence: CC0-1.0}\n  two:\n    <<: *base\n"
                      "    language: de\n"
                      "  three: *base\nmodel: {seed: 3}\n",
    "no profile key": HEAD.partition("\n")[2] + ONE,
}


def source(root: Path) -> Source:
    return Source(reader="csv", path=root / "data" / "a.csv", licence="CC0-1.0", attribution="It's: \"ours\" # é",
                  columns={"text": "An answer: yes"}, retrieved_on="2026-01-15", routes=("converted",),
                  options={"keep_columns": ["a", "b"]})


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_keeps_its_lines(tmp_path: Path, form: str, newline: str) -> None:
    path = tmp_path / "small.yaml"
    text = FORMS[form].replace("\n", newline)
    path.write_bytes(text.encode())
    before = load_settings(path)
    insert_source(path, "ours", source(tmp_path))
    after = load_settings(path)
    assert after.sources["ours"].path == Path("data/a.csv")
    assert {k: v for k, v in after.sources.items() if k != "ours"} == dict(before.sources)
    written = path.read_bytes().decode()
    if "braces" not in form:
        kept = written.split(newline)
        assert [line for line in text.split(newline) if line and line not in kept] == []
    assert ("\r\n" in written) == (newline == "\r\n")
    assert written.count("#") == text.count("#") + 1
    assert [p.name for p in tmp_path.iterdir()] == ["small.yaml"]


@pytest.mark.parametrize("name", ["demo", "full"])
def test_the_profiles_of_the_project(tmp_path: Path, name: str) -> None:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    path = tmp_path / "conf" / f"{name}.yaml"
    before = path.read_text().splitlines()
    insert_source(path, "ours", source(tmp_path))
    after = path.read_text().splitlines()
    block = ["  " + line for line in source_lines("ours", source(tmp_path), tmp_path)]
    at = after.index("  ours:")
    assert after[at:at + len(block)] == block
    assert after[:at] + after[at + len(block):] == before


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(FORMS["block"])
    with pytest.raises(ConfigError, match="has a source one already"):
        insert_source(path, "one", source(tmp_path))


@pytest.mark.parametrize("name", ["Bad Name", "expert_seeds", "x: y", "one"])
def test_what_would_not_load_leaves_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(FORMS["block"])
    with pytest.raises(ConfigError):
        insert_source(path, name, source(tmp_path))
    assert path.read_text() == FORMS["block"]
    assert [p.name for p in tmp_path.iterdir()] == ["small.yaml"]


def test_a_form_that_is_not_understood_is_left_to_the_person(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    text = HEAD + "sources: {one: {reader: hpo, licence: CC0-1.0}, two: &t {reader: hpo, licence: X}, three: *t}\n"
    path.write_text(text)
    with pytest.raises(ConfigError, match="by hand"):
        insert_source(path, "ours", source(tmp_path))
    assert path.read_text() == text
    for wrong in ("[]", "a: 1", "sources:", "sources: []"):
        with pytest.raises(ValueError, match="no "):
            with_source(wrong, "ours", ["ours:"])


def test_a_link_and_its_rights_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text(FORMS["block"])
    real.chmod(0o640)
    (tmp_path / "small.yaml").symlink_to(real)
    insert_source(tmp_path / "small.yaml", "ours", source(tmp_path))
    assert (tmp_path / "small.yaml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "ours" in load_settings(real).sources


def test_paths_inside_the_project_are_short(tmp_path: Path) -> None:
    assert within(tmp_path / "a" / "b.csv", tmp_path) == "a/b.csv"
    assert within(tmp_path / "b.csv", tmp_path / "other") == str(tmp_path / "b.csv")
