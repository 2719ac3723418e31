"""csv, jsonl and parquet: columns to documents, bad rows, damaged files."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyarrow.parquet import ParquetWriter

from itd_pipeline.errors import ConfigError, SourceError

QA = {"text": "answer", "question": "question", "external_id": "id"}


def test_columns_become_fields(everything, write):
    path = write("a.csv", '\ufeffid,question,answer,topic,year\n1,Why?,"Two\nlines, ""quoted""",ENT,2021\n'
                 "2,How?,So.,ENT,\n")
    result = everything("csv", path, columns={**QA, "group": "topic", "evidence_date": "year"},
                        options={"keep_columns": ["topic"]})
    first, second = result.rows
    assert (first["text"], first["external_id"], first["evidence_date"]) == ('Two\nlines, "quoted"', "1", "2021")
    assert json.loads(first["attributes"]) == {"topic": "ENT"}
    assert first["group_id"] == second["group_id"]
    assert second["evidence_date"] is None


def test_the_row_number_is_the_default_id(everything, write):
    path = write("d/a.tsv", "text\tx\nrest\t1\n\n\t\nwater\t2\n")
    result = everything("csv", path.parent, columns={"text": "text"})
    assert [row["external_id"] for row in result.rows] == ["a.tsv#1", "a.tsv#3"]
    assert result.reasons == ["missing_text"]


@pytest.mark.parametrize(("line", "reason", "detail"), [
    (b"1,Why?", "malformed_row", "line 2: 2 cells, expected 3"),
    (b"1,Why?,So.,more", "malformed_row", "line 2: 4 cells, expected 3"),
    (b"1,Why?,a\0b", "malformed_row", "line 2: NUL byte"),
    (b'1,Why?,"a"b', "malformed_row", "line 2: quoting is broken or a cell is too long"),
    (b"1,Why?,caf\xe9", "invalid_utf8", "line 2: byte offset 29"),
    (b"1,Why?, ", "no_answer", "row 1: column 'answer' is blank"),
])
def test_a_bad_row_costs_only_itself(everything, write, line, reason, detail):
    result = everything("csv", write("a.csv", b"id,question,answer\n" + line + b"\n2,How?,So.\n"), columns=QA)
    assert [row["external_id"] for row in result.rows] == ["2"]
    assert (result.reject()["reason"], result.reject()["detail"]) == (reason, detail)


def test_a_quote_that_is_never_closed(everything, write):
    result = everything("csv", write("a.csv", 'text\nfirst\n"open\nrest\n'), columns={"text": "text"})
    assert [row["text"] for row in result.rows] == ["first"]
    assert result.reject()["detail"] == "lines 3 to 4: quoting is broken or a cell is too long"


def test_a_row_that_cannot_be_parsed_is_kept_as_it_stands(everything, write):
    raw = b'1,"Why?"x,caf\xc3\xa9\r\n'
    result = everything("csv", write("a.csv", b"id,question,answer\r\n" + raw + b"2,How?,So.\r\n"), columns=QA)
    assert result.reject()["row"] == {"file": "a.csv", "row": 1, "lines": [2, 2], "cells": [], "text": raw.decode()}
    result = everything("csv", write("b.csv", b'text\n"a\xff\n'), columns={"text": "text"})
    assert (result.reasons, result.reject()["row"]["text"]) == (["invalid_utf8"], '"a\udcff\n')


@pytest.mark.parametrize(("length", "kept"), [(65_536, 65_536), (65_537, 65_536), (65_538, 65_535)])
def test_a_long_broken_row_is_kept_to_64_kib(everything, write, length, kept):
    # After the opening quote come letters of two bytes, so 64 KiB ends inside the last of 65,538.
    raw = ('"' + "é" * ((length - 2) // 2) + ("a" if length % 2 else "") + "\n").encode()
    assert len(raw) == length
    row = everything("csv", write("a.csv", b"text\n" + raw), columns={"text": "text"}).reject()["row"]
    assert raw.startswith(row["text"].encode())
    assert len(row["text"].encode()) == kept
    if kept == length:
        assert "sha256" not in row
    else:
        assert (row["bytes"], row["sha256"]) == (length, hashlib.sha256(raw).hexdigest())


def test_the_limit_of_the_csv_module_is_left_alone(everything, write):
    csv.field_size_limit(131_072)  # what it is when Python starts
    everything("csv", write("a.csv", 'text\nfirst\n"open\n'), columns={"text": "text"})
    assert csv.field_size_limit() == 131_072


def test_a_long_cell_is_read(everything, write):
    assert len(everything("csv", write("a.csv", "text\n" + "a" * 200_000 + "\n"), columns={"text": "text"}).rows) == 1


def test_truncated_gzip_keeps_the_rows_before(everything, write):
    whole = gzip.compress("".join(["text\n", *(f"row {n * n * 7919}\n" for n in range(20_000))]).encode(), mtime=0)
    result = everything("csv", write("a.csv.gz", whole[: len(whole) // 2]), columns={"text": "text"})
    assert 5_000 < len(result.rows) < 15_000
    assert result.reasons == ["truncated_archive"]
    assert result.reject()["row"]["bytes"] == len(whole) // 2


def test_gzip_members_in_a_row_and_damage(everything, write):
    two = gzip.compress(b"text\na\n") + gzip.compress(b"b\n") + b"\0" * 70_000
    assert [r["text"] for r in everything("csv", write("a.csv.gz", two), columns={"text": "text"}).rows] == ["a", "b"]
    result = everything("csv", write("b.csv.gz", b"text\na\n"), columns={"text": "text"})
    assert result.reasons == ["malformed_archive"]


def many_rows(count):
    draw = random.Random(7)
    return [f"{number} " + "".join(draw.choices("abcdefgh ", k=60)) + "." for number in range(count)]


@pytest.mark.parametrize("members", [1, 2, 3, 40])
def test_no_row_is_lost_or_doubled_between_gzip_members(everything, write, members):
    rows = many_rows(1000)
    data = "".join(f"{row}\n" for row in ["text", *rows]).encode()
    step = -(-len(data) // members)
    packed = b"".join(gzip.compress(data[at : at + step], mtime=0) for at in range(0, len(data), step))
    result = everything("csv", write("a.csv.gz", packed), columns={"text": "text"})
    assert (result.rejects, [row["text"] for row in result.rows]) == ([], rows)


def test_many_tiny_gzip_members(everything, write):
    rows = [str(number) for number in range(3000)]
    packed = b"".join(gzip.compress(f"{row}\n".encode(), mtime=0) for row in ["text", *rows])
    result = everything("csv", write("a.csv.gz", packed), columns={"text": "text"})
    assert (result.rejects, [row["text"] for row in result.rows]) == ([], rows)


def test_a_gzip_bomb_stops_at_the_limit(everything, write):
    bomb = gzip.compress(b"text\n" + b"a\n" * 2_000_000)
    result = everything("csv", write("a.csv.gz", bomb), columns={"text": "text"}, options={"max_bytes": 10_000})
    assert result.reasons == ["too_large"]


@pytest.mark.parametrize(("reader", "name", "content"), [
    ("csv", "a.csv", "id,reply\n1,So.\n"),
    ("jsonl", "a.jsonl", '{"id": 1, "reply": "So."}\n'),
])
def test_a_missing_column_names_file_column_and_columns(everything, write, reader, name, content):
    with pytest.raises(SourceError, match=rf"{name} has no column 'answer'.*Its columns: id, reply"):
        everything(reader, write(name, content), columns={"text": "answer"})


def test_json_lines(everything, write):
    lines = ['{"id": 7, "text": "Rest.", "extra": {"a": [1, 2.5]}}', "", '{"id": 8, "text": null}', '{"id": 9', "[1]",
             '{"text": 5}', '{"text": "a", "id": NaN}', '{"text": "\\ud800"}', "[" * 100_000]
    path = write("a.jsonl", "\n".join(lines))
    result = everything("jsonl", path, columns={"text": "text", "external_id": "id"},
                        options={"keep_columns": ["extra"]})
    assert (result.rows[0]["external_id"], result.rows[0]["attributes"]) == ("7", '{"extra":{"a":[1,2.5]}}')
    assert [(r["reason"], r["detail"]) for r in result.rejects] == [
        ("missing_text", "row 3: column 'text' is blank"),
        ("malformed_row", "line 4 column 9"),
        ("malformed_row", "line 5: not an object"),
        ("malformed_row", "row 6: text is of type int"),
        ("malformed_row", "line 7: a number that JSON does not allow"),
        ("invalid_unicode", "text: lone surrogate at character 0"),
        ("malformed_row", "line 9: nested too deeply"),
    ]
    assert json.loads(result.rejects[5]["row"])["text"] == "\ud800"


def test_json_lines_with_bad_bytes(everything, write):
    result = everything("jsonl", write("a.jsonl", b'{"text": "a"}\n{"text": "\xff"}\n'), columns={"text": "text"})
    assert result.reject()["detail"] == "line 2: byte offset 24"


def save(path, columns):
    table = pa.table(columns)
    with ParquetWriter(path, table.schema) as writer:
        writer.write_table(table)
    return path


def test_parquet(everything, tmp_path):
    path = save(tmp_path / "a.parquet", {
        "text": pa.array(["Rest.", None, "Water."]), "n": pa.array([1, 2, 3]), "kind": pa.array(["x", "y", "x"]),
    })
    result = everything("parquet", path, columns={"text": "text", "external_id": "n"},
                        options={"keep_columns": ["kind"]})
    assert [(r["external_id"], r["attributes"]) for r in result.rows] == [("1", '{"kind":"x"}'), ("3", '{"kind":"x"}')]
    assert result.reject()["reason"] == "missing_text"
    with pytest.raises(SourceError, match="no column 'answer'"):
        everything("parquet", path, columns={"text": "answer"})


def test_parquet_with_bad_bytes(everything, tmp_path):
    bad = pa.Array.from_buffers(pa.string(), 1, pa.array([b"a\xff"], pa.binary()).buffers())
    path = save(tmp_path / "a.parquet", {"text": bad})
    assert everything("parquet", path, columns={"text": "text"}).reasons == ["invalid_utf8"]


ODD = {
    "timestamp with an unknown zone": (pa.array([1_700_000_000_000_000], pa.timestamp("us", tz="Mars/Olympus")),
                                       "1700000000000000"),
    "timestamp out of range": (pa.array([2**62], pa.timestamp("ms")), str(2**62)),
    "zoned timestamp out of range": (pa.array([2**62], pa.timestamp("us", tz="UTC")), str(2**62)),
    "date out of range": (pa.array([2**30], pa.date32()), str(2**30)),
    "duration out of range": (pa.array([2**62], pa.duration("s")), str(2**62)),
    "uuid": (pa.array([b"0" * 16], pa.uuid()), "30303030-3030-3030-3030-303030303030"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_parquet_values_become_text(everything, tmp_path, kind):
    column, expected = ODD[kind]
    path = save(tmp_path / "a.parquet", {"text": pa.array(["Rest."]), "odd": column})
    result = everything("parquet", path, columns={"text": "text", "external_id": "odd"},
                        options={"keep_columns": ["odd"]})
    assert (result.reasons, json.loads(result.rows[0]["attributes"])) == ([], {"odd": expected})
    assert result.rows[0]["external_id"] == expected


@pytest.mark.parametrize("column", [
    pa.array([[1], [2**62]], pa.list_(pa.duration("s"))),
    pa.array([{"a": None}, {"a": 2**62}], pa.struct([("a", pa.timestamp("us", tz="Mars/Olympus"))])),
])
def test_an_odd_value_within_a_parquet_value_costs_its_row(everything, tmp_path, column):
    path = save(tmp_path / "a.parquet", {"text": pa.array(["Rest.", "Water."]), "odd": column})
    result = everything("parquet", path, columns={"text": "text"}, options={"keep_columns": ["odd"]})
    assert [row["text"] for row in result.rows] == ["Rest."]
    found = result.reject()
    assert found["reason"] == "malformed_row"
    assert found["detail"].startswith("row 2: column 'odd', no value of type ")
    assert found["row"]["values"]["text"] == "Water."
    assert str(2**62) in found["row"]["values"]["odd"]


def test_truncated_parquet(everything, tmp_path):
    path = save(tmp_path / "a.parquet", {"text": pa.array(["Rest."] * 100)})
    path.write_bytes(path.read_bytes()[:-20])
    assert everything("parquet", path, columns={"text": "text"}).reasons == ["malformed_parquet"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_folder_named_like_a_file_is_an_error(everything, tmp_path, suffix):
    folder = tmp_path / f"a.{suffix}"
    folder.mkdir()
    with pytest.raises(SourceError, match="is a folder although its name ends like a file"):
        everything(suffix, folder, columns={"text": "text"})


@pytest.mark.parametrize(("settings", "message"), [
    ({"columns": {}}, "which column holds the text"),
    ({"columns": {"text": "a", "body": "b"}}, "no field in `columns` 'body'"),
    ({"columns": {"text": "a"}, "options": {"seperator": ";"}}, "no option 'seperator'.*delimiter"),
    ({"columns": {"text": "a"}, "options": {"delimiter": ";;"}}, "not a single character"),
    ({"columns": {"text": "a"}, "options": {"max_bytes": 0}}, "max_bytes is not a positive"),
    ({"columns": {"text": "a"}, "specialty": "phrenology"}, "'phrenology' is not in the vocabulary"),
])
def test_settings_that_make_no_sense(everything, write, settings, message):
    with pytest.raises(ConfigError, match=message):
        everything("csv", write("a.csv", "a\nx\n"), **settings)


@given(content=st.binary(max_size=300))
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize(("reader", "name", "head"), [
    ("csv", "a.csv", b"text\n"), ("jsonl", "a.jsonl", b'{"text": "a"}\n'), ("csv", "a.csv.gz", b""),
])
def test_whatever_the_bytes_the_books_balance(everything, write, reader, name, head, content):
    everything(reader, write(name, head + content), columns={"text": "text"})
