"""Damaged files of every format: no crash, no hang, every item counted.

The damage: flipped bits, cuts, pieces of another file put in, other encodings, doubled stretches; seeded.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import time
from pathlib import Path

import pytest

from itd_pipeline.errors import SourceError

_SPEC = importlib.util.spec_from_file_location("samples", Path(__file__).with_name("samples.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
samples = importlib.util.module_from_spec(_SPEC)
sys.modules["samples"] = samples
_SPEC.loader.exec_module(samples)
SAMPLES = samples.SAMPLES
FILES_IN_ALL = 10_000


def damaged(data: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    kind = draw.randrange(7)
    at = draw.randrange(len(data))
    if kind == 0:
        changed = bytearray(data)
        for _ in range(draw.randint(1, 20)):
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        return bytes(changed)
    if kind == 1:
        return data[:at]
    if kind == 2:
        other = draw.choice(others)
        start = draw.randrange(len(other))
        return data[:at] + other[start : start + draw.randint(1, 400)] + data[at:]
    if kind == 3:
        return data.decode("utf-8", "replace").encode(draw.choice(("utf-16", "utf-32", "latin-1", "cp1252", "utf-7")),
                                                      "replace")
    if kind == 4:
        end = min(len(data), at + draw.randint(1, 200))
        return data[:end] + data[at:end] * draw.randint(1, 50) + data[end:]
    if kind == 5:
        end = min(len(data), at + draw.randint(1, 100))
        return data[:at] + data[end:]
    return data[:at] + draw.choice((b"\0" * 50, b"\xff" * 50, b"<" * 50, b"{[" * 300, b'"', b"]]>", b"&x;",
                                    "\ud800".encode("utf-8", "surrogatepass"))) + data[at:]


def run(everything, folder: Path, reader: str, count: int) -> None:
    name, data, settings = SAMPLES[reader]
    others = [content for _, content, _ in SAMPLES.values()]
    draw = random.Random(f"damage of {reader}")
    path = folder / name
    for number in range(count):
        path.write_bytes(damaged(data, draw, others))
        start = time.monotonic()
        try:
            found = everything(reader, path, **settings)
        except SourceError:
            continue  # a table whose header lost a mapped column is an error of the whole source, by name
        assert time.monotonic() - start < 5, (reader, number)
        assert found.units_in == len(found.rows) + len(found.rejects) >= (reader not in {"csv", "jsonl", "xlsx"})


@pytest.mark.parametrize("reader", SAMPLES)
def test_the_samples_are_read(everything, tmp_path, reader):
    name, data, settings = SAMPLES[reader]
    (tmp_path / name).write_bytes(data)
    found = everything(reader, tmp_path / name, **settings)
    assert found.rows
    assert set(found.reasons) <= {"retracted", "no_abstract", "not_text"}
    for row in found.rows:
        for section in row["sections"]:
            assert 0 <= section["start"] < section["end"] <= len(row["text"])


@pytest.mark.parametrize("reader", SAMPLES)
def test_damaged_files(everything, tmp_path, reader):
    run(everything, tmp_path, reader, 40)


@pytest.mark.slow
@pytest.mark.parametrize("reader", SAMPLES)
def test_ten_thousand_damaged_files(everything, tmp_path, reader):
    run(everything, tmp_path, reader, FILES_IN_ALL // len(SAMPLES) + 1)
