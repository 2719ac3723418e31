from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest

from itd_pipeline.release.build import build_release
from itd_pipeline.release.encode import jsonl_bytes
from itd_pipeline.release.formats import alpaca, chat, lettered


def _record(**more):
    return {"record_id": "r1", "instruction": "Name it.", "input": None, "output": "Fever.", "options": [], **more}


def test_chat_joins_instruction_and_input_by_a_blank_line():
    assert chat(_record(input="A note.")) == {
        "messages": [{"role": "user", "content": "Name it.\n\nA note."},
                     {"role": "assistant", "content": "Fever."}],
        "record_id": "r1",
    }
    assert chat(_record())["messages"][0]["content"] == "Name it."


def test_options_become_lettered_lines():
    record = _record(options=["Cold", "Fever"])
    assert chat(record)["messages"][0]["content"] == "Name it.\n\nA. Cold\nB. Fever"
    assert alpaca(record)["input"] == "A. Cold\nB. Fever"


@pytest.mark.parametrize(("options", "expected"), [
    (["A. Cold", "B. Heat"], "A. Cold\nB. Heat"), (["A) Cold"], "A) Cold"), (["B. Cold"], "A. B. Cold"),
    (["A cold"], "A. A cold"), ([], ""),
])
def test_an_option_is_lettered_once(options, expected):
    assert lettered(options) == expected


def test_letters_go_on_past_z():
    assert lettered(["x"] * 28).splitlines()[-3:] == ["Z. x", "AA. x", "AB. x"]


def test_alpaca_has_an_empty_input_where_there_is_none():
    assert alpaca(_record()) == {"instruction": "Name it.", "input": "", "output": "Fever.", "record_id": "r1"}


def test_one_record_is_one_line_whatever_it_holds():
    raw = jsonl_bytes([{"a": "x\ny\u2028z\u2029\u0085 é"}, {"a": "b"}])
    assert len(raw.decode().splitlines()) == 2
    assert json.loads(raw.decode().splitlines()[0])["a"] == "x\ny\u2028z\u2029\u0085 é"
    assert "é" in raw.decode()


def test_all_formats_hold_the_same_rows(make_inputs):
    files = build_release(make_inputs()).files
    for split in ("train", "validation", "test"):
        ids = pq.ParquetFile(io.BytesIO(files[f"data/{split}-00000-of-00001.parquet"])).read()["record_id"].to_pylist()
        for shape in ("chat", "alpaca"):
            lines = files[f"formats/{shape}/{split}.jsonl"].decode().splitlines()
            assert [json.loads(line)["record_id"] for line in lines] == ids
