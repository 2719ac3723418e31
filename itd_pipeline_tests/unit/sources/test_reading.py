"""What holds for every reader: paths, limits, batches, ids."""

from __future__ import annotations

import pytest

from itd_pipeline.errors import ConfigError, SourceError
from itd_pipeline.settings import Source
from itd_pipeline.sources import describe_readers, read_source, readers, source_files


def source(reader="markdown", **settings):
    return Source(reader=reader, licence="x", **settings)


def test_the_readers():
    assert list(readers())[:3] == ["hpo", "icd10cm", "medquad"]
    assert set(readers()) == {
        "hpo", "icd10cm", "medquad", "jats", "pubmed", "citations", "pubtator", "spl", "openfda", "medlineplus",
        "cnxml", "fhir", "ccda", "html", "pdf", "docx", "markdown", "text", "csv", "xlsx", "jsonl", "parquet"}
    assert all(name in readers() and "max_bytes" in words for name, words in describe_readers())


def test_a_reader_of_another_package(monkeypatch):
    class Point:
        name, dist = "theirs", None

        def load(self):
            return type("Theirs", (), {"name": "theirs", "description": "Theirs.", "options": {}})

    for found, wanted in (([Point()], True), ([], False)):
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group, found=found: found)
        readers.cache_clear()
        assert ("theirs" in readers()) is wanted
    Point.name = "jats"
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Point()])
    readers.cache_clear()
    with pytest.raises(ConfigError, match="has a name that is taken"):
        readers()
    monkeypatch.undo()
    readers.cache_clear()


def test_an_unknown_reader_lists_the_valid_ones():
    with pytest.raises(SourceError, match=r"no reader 'no_such'.*hpo, icd10cm, medquad"):
        source_files("s", source("no_such"), None)


def test_paths_that_cannot_be_read(tmp_path, write):
    empty = tmp_path / "empty"
    empty.mkdir()
    write("other/a.docx", "x")
    for reader, path, message in (
        ("markdown", None, "has no path"),
        ("markdown", tmp_path / "gone", "no file or folder .*gone"),
        ("markdown", empty, "holds no file that the reader markdown understands"),
        ("csv", tmp_path / "other", "1 other files are there"),
        ("hpo", tmp_path, "is not a file"),
        ("icd10cm", tmp_path / "gone.xml", "There is no file"),
    ):
        settings = source(reader, columns={"text": "t"} if reader == "csv" else {})
        with pytest.raises(SourceError, match=message):
            source_files("s", settings, path)
        with pytest.raises(SourceError, match=message):
            list(read_source("s", settings, path))


def test_files_are_sorted_and_named_relative_to_the_source(write):
    for name in ("b/a.md", "a.md", "b.md", ".git/x.md", "c.png"):
        path = write(f"n/{name}", "text")
    files = source_files("s", source(), path.parent)
    assert [file.name for file in files] == ["a.md", "b.md", "b/a.md"]
    assert all(file.path.is_absolute() for file in files)


@pytest.mark.parametrize(("limit", "rows", "reached"), [(2, 2, 1), (3, 3, 1), (4, 3, 0), (None, 3, 0)])
def test_the_limit_counts_documents(everything, write, limit, rows, reached):
    for name, text in (("a", "one"), ("b", " "), ("c", "two"), ("d", "three")):
        path = write(f"n/{name}.md", text)
    result = everything("markdown", path.parent, limit=limit)
    assert (len(result.rows), result.facts["limit_reached"]) == (rows, reached)
    assert result.units_in == rows + 1


def test_batches_are_bounded_and_the_last_one_always_comes(write):
    for number in range(5):
        path = write(f"n/{number}.md", "text" if number else " ")
    batches = list(read_source("s", source(), path.parent, batch_rows=2))
    assert [(b.units_in, b.rows.num_rows, b.rejects.num_rows) for b in batches] == [(2, 1, 1), (2, 2, 0), (1, 1, 0)]
    assert sum(b.facts["files_read"] for b in batches) == 5


def test_ids_do_not_depend_on_the_place_but_on_source_and_content(everything, write):
    one = everything("markdown", write("x/n/a.md", "text").parent).rows[0]
    same = everything("markdown", write("y/n/a.md", "text").parent).rows[0]
    other = everything("markdown", write("z/n/a.md", "Text").parent).rows[0]
    assert one == same
    assert one["document_id"] != other["document_id"]
    assert one["group_id"] == other["group_id"]


def test_no_text_in_details(everything, write):
    write("n/a.md", "---\nsecretword: [\n---\nsecretword")
    path = write("n/b.md", b"secretword \xff")
    assert not any("secretword" in r["detail"] for r in everything("markdown", path.parent).rejects)
