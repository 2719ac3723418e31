"""MedQuAD: pairs as documents, everything accounted for."""

from __future__ import annotations

import json
import random
import re
import time

import pytest


def test_a_pair_becomes_a_document(everything, write, medquad_file):
    path = write("medquad/2_GARD_QA/0000007.xml", medquad_file(7, [" Inhaled\n steroids. ", "Rest."]))
    result = everything("medquad", path.parents[1])
    first, second = result.rows
    assert first["text"] == " Inhaled\n steroids. "
    assert first["question"] == "What helps (1) ?"
    assert first["question_type"] == "treatment"
    assert first["title"] == "Asthma"
    assert first["external_id"] == "2_GARD_QA/0000007:GARD:0000007-1"
    assert first["url"] == "https://example.org/7"
    assert first["licence"] == "CC-BY-4.0"
    assert first["group_id"] == second["group_id"]
    attributes = json.loads(first["attributes"])
    assert attributes["cuis"] == ["C0004096"]
    assert attributes["semantic_types"] == ["T047"]
    assert attributes["semantic_group"] == "Disorders"
    assert attributes["collection"] == "2_GARD_QA"


def test_folder_and_archive_give_the_same_documents(everything, write, packed, medquad_file):
    data = medquad_file(1, ["Rest."])
    folder = everything("medquad", write("f/1_X_QA/0000001.xml", data).parents[1])
    archive = everything("medquad", write("a/medquad.tar.gz", packed({"medquad/1_X_QA/0000001.xml": data})))
    assert [r["document_id"] for r in folder.rows] == [r["document_id"] for r in archive.rows]
    assert archive.rows[0]["origin"] == "medquad.tar.gz!medquad/1_X_QA/0000001.xml#1"


@pytest.mark.parametrize("answer", ["", "  \n\t "])
def test_a_blank_answer_is_no_answer(everything, write, medquad_file, answer):
    result = everything("medquad", write("1_X_QA/1.xml", medquad_file(1, [answer, "Rest."])).parent)
    assert result.reject()["reason"] == "no_answer"
    assert result.reject()["row"]["question"] == "What helps (1) ?"
    assert len(result.rows) == 1


def test_other_files_are_counted_as_skipped(everything, write, packed, medquad_file):
    members = {"m/readme.txt": b"read", "m/x/._0000001.xml": b"\0\5", "m/x/0000001.xml": medquad_file(1, ["Rest."])}
    result = everything("medquad", write("m.tar.gz", packed(members)))
    assert result.units_in == 1
    assert result.facts["files_skipped"] == 2


def test_files_without_pairs_are_turned_away_whole(everything, write):
    write("m/a.xml", "<Document><Focus>Asthma</Focus></Document>")
    lower = '<doc docid="3" corpus="NINDS"><qaPairs><pair><question qid="3-1">Why ?</question><answer>So.</answer>' \
            "</pair></qaPairs></doc>"
    path = write("m/b.xml", lower)
    assert everything("medquad", path.parent).reasons == ["no_pairs", "other_layout"]
    both = everything("medquad", path.parent, options={"all_layouts": True})
    assert (both.reasons, [row["external_id"] for row in both.rows]) == (["no_pairs"], ["/b:NINDS:3-1"])


def test_five_percent_corrupted_files_are_all_accounted_for(everything, write, packed, medquad_file):
    random_state = random.Random(11)
    damages = {
        "malformed_xml": lambda data: data[: len(data) // 2],
        "invalid_utf8": lambda data: data.replace(b"Rest", b"R\xe9st"),
        "empty_file": lambda _: b"",
        "forbidden_xml": lambda data: data.replace(b"<Document", b'<!DOCTYPE d [<!ENTITY a "b">]><Document', 1),
    }
    members, expected = {}, {}
    for number in range(400):
        data = medquad_file(number, ["Rest.", "", "Rest and water."])
        if random_state.random() < 0.05:
            reason = random_state.choice(sorted(damages))
            data = damages[reason](data)
            expected[f"m.tar.gz!m/1_X_QA/{number:07d}.xml"] = reason
        members[f"m/1_X_QA/{number:07d}.xml"] = data
    result = everything("medquad", write("m.tar.gz", packed(members)), batch_rows=100)
    assert len(expected) > 10
    found = {json.loads(r["row"])["file"]: r["reason"] for r in result.rejects if r["reason"] != "no_answer"}
    assert found == expected
    whole = 400 - len(expected)
    assert len(result.rows) == 2 * whole
    assert result.reasons.count("no_answer") == whole
    assert result.units_in == 3 * whole + len(expected)


def test_the_published_collection(everything, shared_data):
    path = shared_data / "medquad" / "medquad.tar.gz"
    if not path.is_file():
        pytest.skip("no medquad.tar.gz in the shared data")
    start = time.monotonic()
    result = everything("medquad", path)
    assert time.monotonic() - start < 25
    assert len(result.rows) == 16_407
    assert result.reasons.count("no_answer") == 31_034
    assert result.reasons.count("no_pairs") == 6
    assert result.reasons.count("other_layout") == 4
    assert result.units_in == 47_441 + 6 + 4
    assert (result.facts["files_read"], result.facts["files_skipped"]) == (11_274, 3)
    assert len({re.sub(r"\s+", " ", row["text"]).strip() for row in result.rows}) == 15_809
    assert len({row["external_id"] for row in result.rows}) == 16_407
