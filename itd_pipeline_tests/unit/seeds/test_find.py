"""Which files are found and how they are named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from itd_pipeline.errors import SourceError
from itd_pipeline.seeds import seed_files


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")


def test_formats_are_found_sorted_and_others_ignored(tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    _touch(folder, "b.yaml", "a.yml", "c.jsonl", "d.csv", "e.tsv", "f.XLSX", "sub/g.yaml",
           "README.md", "readme.csv", "notes.txt", "~$f.xlsx", ".hidden.yaml", ".git/x.yaml")
    names = [name for name, _ in seed_files([folder])]
    assert names == ["seeds/a.yml", "seeds/b.yaml", "seeds/c.jsonl", "seeds/d.csv", "seeds/e.tsv", "seeds/f.XLSX",
                     "sub/g.yaml"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    _touch(tmp_path, "a.csv")
    assert len(seed_files([tmp_path, tmp_path / "a.csv"])) == 1


def test_names_grow_where_two_files_would_share_one(tmp_path: Path) -> None:
    _touch(tmp_path, "x/s/a.csv", "y/s/a.csv", "y/s/b.csv")
    assert [name for name, _ in seed_files([tmp_path])] == ["s/b.csv", "x/s/a.csv", "y/s/a.csv"]


def test_no_paths_and_empty_folders_give_nothing(tmp_path: Path) -> None:
    assert seed_files([]) == []
    assert seed_files([tmp_path]) == []


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere.*seeds\.paths"):
        seed_files([tmp_path / "nowhere"])


def test_a_file_of_another_format_is_an_error(tmp_path: Path) -> None:
    _touch(tmp_path, "a.docx")
    with pytest.raises(SourceError, match=r"\.xlsx"):
        seed_files([tmp_path / "a.docx"])


@pytest.mark.parametrize(("kind", "words"), [
    ("pipe", "neither file nor folder"), ("link", "a broken link"), ("folder", "a folder"),
])
def test_what_is_no_file_is_an_error_and_is_not_opened(tmp_path: Path, kind: str, words: str) -> None:
    _touch(tmp_path, "s/a.yaml")
    odd = tmp_path / "s" / "y.yaml"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "link":
        odd.symlink_to("gone.yaml")
    else:
        odd.mkdir()
    with pytest.raises(SourceError, match=rf"s/y\.yaml is named like a file of seeds but is {words}\. Rename"):
        seed_files([tmp_path / "s"])
    if kind == "pipe":
        with pytest.raises(SourceError, match=words):
            seed_files([odd])
    odd.rename(tmp_path / "s" / ".y.yaml")  # hidden: ignored as ever
    assert len(seed_files([tmp_path / "s"])) == 1


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    _touch(tmp_path, "elsewhere/a.yaml", "s/b.yaml")
    (tmp_path / "s" / "c.yaml").symlink_to(tmp_path / "elsewhere" / "a.yaml")
    assert len(seed_files([tmp_path / "s"])) == 2
