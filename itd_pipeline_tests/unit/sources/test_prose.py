"""Markdown and text files with front matter."""

from __future__ import annotations

import json

import pytest

from itd_pipeline.sources import describe_readers


def test_front_matter_fills_the_fields(everything, write):
    path = write("notes/a.md", "---\nid: note-1\ntitle: Gout\nlanguage: no\nlicence: CC0-1.0\nspecialty: Rheumatology\n"
                 "audience: patient\nevidence_date: 2024-05-01\nkind: letter\n---\n\n# Heading\n\ntext \n")
    row = everything("markdown", path.parent).rows[0]
    assert row["text"] == "\n# Heading\n\ntext \n"
    assert (row["external_id"], row["title"], row["language"], row["licence"]) == ("note-1", "Gout", "no", "CC0-1.0")
    assert (row["specialty"], row["audience"], row["evidence_date"]) == ("rheumatology", "patient", "2024-05-01")
    assert json.loads(row["attributes"]) == {"kind": "letter"}


def test_without_front_matter_the_file_is_the_text(everything, write):
    path = write("n/sub/b.md", b"\xef\xbb\xbfbefore\r\n# The heading #\r\nafter")
    write("n/c.txt", "plain")
    by_id = {row["external_id"]: row for row in everything("markdown", path.parents[1]).rows}
    assert by_id["sub/b.md"]["text"] == "before\r\n# The heading #\r\nafter"
    assert by_id["sub/b.md"]["title"] == "The heading"
    assert by_id["c.txt"]["title"] == "c"
    assert [row["external_id"] for row in everything("text", path.parents[1]).rows] == ["c.txt"]


def test_notes_of_one_patient_share_a_group(everything, write):
    for name, patient in (("a", "007"), ("b", "007"), ("c", "7")):
        path = write(f"n/{name}.md", f"---\npatient: {patient}\n---\nseen today")
    a, b, c = everything("markdown", path.parent, patient_data=True).rows
    assert a["group_id"] == b["group_id"] != c["group_id"]
    assert json.loads(a["attributes"]) == {"patient": "007"}
    assert a["patient_data"] is True


def test_values_outside_the_vocabulary_are_kept_as_declared(everything, write):
    path = write("a.md", "---\nspecialty: phrenology\naudience: patient\nevidence_date: last May\n---\ntext")
    row = everything("markdown", path, specialty="cardiology").rows[0]
    assert (row["specialty"], row["audience"], row["evidence_date"]) == ("unspecified", "patient", None)
    assert json.loads(row["attributes"]) == {"declared_specialty": "phrenology", "declared_evidence_date": "last May"}


@pytest.mark.parametrize(("head", "detail"), [
    ("title: [a\n", "line 3 column 1"),
    ("title: {a: b}\n", "title is not a single value"),
    ("- a\n- b\n", "not a mapping of names to values"),
    ("a: &x [1]\nb: [*x, *x]\n", "aliases are not allowed"),
    ("a: " + "[" * 20_000 + "\n", "nested more than 16 deep"),
    ("a: " + "b" * 70_000 + "\n", "longer than 65536 characters"),
])
def test_malformed_front_matter(everything, write, head, detail):
    found = everything("markdown", write("a.md", f"---\n{head}---\ntext")).reject()
    assert (found["reason"], found["detail"]) == ("malformed_front_matter", detail)
    assert set(found["row"]) == {"file", "bytes", "sha256"}


def test_front_matter_that_is_never_closed(everything, write):
    assert everything("markdown", write("a.md", "---\ntitle: x\ntext")).reject()["detail"] == "no closing line"


@pytest.mark.parametrize("content", ["  \n", "---\ntitle: x\n---\n \n"])
def test_blank_text_is_missing_text(everything, write, content):
    assert everything("markdown", write("a.md", content)).reasons == ["missing_text"]


def test_invalid_utf8_names_the_byte(everything, write):
    found = everything("text", write("a.txt", b"fever \xe9t\xe9")).reject()
    assert (found["reason"], found["detail"]) == ("invalid_utf8", "byte offset 6")
    assert found["row"]["bytes"] == 9


def test_a_second_document_with_the_same_id_is_turned_away(everything, write):
    for name in ("a", "b"):
        path = write(f"n/{name}.md", f"---\nid: same\n---\n{name}")
    result = everything("markdown", path.parent)
    assert [row["text"] for row in result.rows] == ["a"]
    assert result.reject()["reason"] == "duplicate_external_id"
    assert result.reject()["row"]["text"] == "b"


@pytest.mark.parametrize("reader", ["markdown", "text"])
def test_a_file_above_16_mib_is_too_large_unless_the_profile_says_otherwise(everything, write, reader):
    limit = 16 * 1024 * 1024
    path = write("n/a.txt", b"a" * (limit + 1))
    found = everything(reader, path.parent).reject()
    assert (found["reason"], found["detail"]) == ("too_large", f"bytes={limit + 1} max_bytes={limit}")
    assert len(everything(reader, path.parent, options={"max_bytes": limit + 1}).rows) == 1
    path.write_bytes(b"a" * limit)
    assert len(everything(reader, path.parent).rows) == 1
    words = dict(describe_readers())[reader]
    assert "at most 16 MiB" in words
    assert f"default {limit}" in words
