"""Decontamination on public data: MedQuAD against LiveQA by a second method, and exam boilerplate that is no leak."""

import gzip
import json
import os
import re
import tarfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from itd_pipeline import settings
from itd_pipeline.decontamination.index import build_index
from itd_pipeline.decontamination.matching import find_matches
from itd_pipeline.signals import load_benchmarks
from itd_pipeline.text.injection.finding import find_injections

SHARED = Path(os.environ.get("ITD_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
pytestmark = [pytest.mark.full, pytest.mark.skipif(not SHARED.is_dir(), reason=f"no data in {SHARED}")]
RUN = 5


def records(texts, field="output"):
    nothing = pa.nulls(len(texts), pa.string())
    columns = dict.fromkeys(("instruction", "input", "output", "rationale"), nothing)
    return pa.table({**columns, field: pa.array(texts, pa.string()),
                     "options": pa.nulls(len(texts), pa.list_(pa.string()))})


@pytest.fixture(scope="module")
def medquad():
    found = []
    with tarfile.open(SHARED / "medquad" / "medquad.tar.gz") as archive:
        for member in archive:
            if member.name.endswith(".xml"):
                file = archive.extractfile(member)
                assert file is not None
                found += [(answer.text or "") for answer in ElementTree.fromstring(file.read()).iter("Answer")]
    return sorted({text for text in found if text.strip()})


def words(text):
    return re.findall("[a-z0-9]+", text.lower())


def runs(listed):
    return [tuple(listed[i:i + RUN]) for i in range(len(listed) - RUN + 1)]


def test_every_medquad_answer_that_holds_half_of_a_liveqa_answer_is_found(medquad):
    path = SHARED / "liveqa_med_trec2017" / "TestDataset" / "TREC-2017-LiveQA-Medical-Test.xml"
    items = load_benchmarks({"liveqa": settings.Benchmark(path=path, builder="liveqa")}, lambda p: p)
    index = build_index(items)
    found = {(match.row, match.item.item_id) for match in find_matches(records(medquad), index).matches
             if match.kind in ("exact", "cut")}
    holders = defaultdict(set)  # the second method: every run of five words of every part, as Python tuples
    parts = [(item.item_id, words(text)) for item in items for _, text in (("answer", item.answer), *item.more)
             if len(words(text)) >= 13]
    for place, (_, listed) in enumerate(parts):
        for run in runs(listed):
            holders[run].add(place)
    half = set()
    for row, text in enumerate(medquad):
        shared = set(runs(words(text)))
        for place in {p for run in shared for p in holders.get(run, ())}:
            item, listed = parts[place]
            covered = {i + k for i, run in enumerate(runs(listed)) if run in shared for k in range(RUN)}
            if len(covered) >= len(listed) / 2:
                half.add((row, item))
    assert len(half) > 50
    assert half - found == set()


def test_two_vignettes_with_exam_boilerplate_flag_no_medqa_item():
    path = next((SHARED / "mirage_rawdata" / "medqa").rglob("*.jsonl.gz"))
    items = load_benchmarks({"medqa": settings.Benchmark(path=path, builder="medqa")}, lambda p: p)
    folder = SHARED / "alpacare" / "data"
    tested = gzip.decompress((folder / "MedInstruct-test.jsonl.gz").read_bytes()).decode().splitlines()
    seeds = [*json.loads((folder / "med_seed.json").read_text(encoding="utf-8")), *map(json.loads, tested)]
    assert len(seeds) == 167 + 216
    texts = ["\n".join(str(value) for value in seed.values()) for seed in seeds]
    matches = find_matches(records(texts, "instruction"), build_index(items)).matches
    assert [match for match in matches if match.kind != "overlap"] == []


def test_public_medical_text_commands_no_model(medquad):
    assert [text[:40] for text in medquad if find_injections(text)] == []
