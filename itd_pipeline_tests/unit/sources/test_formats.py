"""What each format gives, on small samples built in code."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("format_samples", Path(__file__).with_name("samples.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
samples = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(samples)


@pytest.fixture
def given(everything, write):
    """(reader, content, name) -> everything that it gives."""

    def read(reader, content=None, name=None, **settings):
        usual, data, fixed = samples.SAMPLES[reader]
        return everything(reader, write(name or usual, data if content is None else content), **{**fixed, **settings})

    return read


def sections(row):
    return [(s["level"], s["title"], s["code"], row["text"][s["start"] : s["end"]]) for s in row["sections"]]


def test_jats(given):
    (row,) = given("jats").rows
    assert row["external_id"] == "10.1234/example.1"
    assert (row["licence"], row["evidence_date"], row["language"]) == ("CC-BY-4.0", "2016-03-05", "en")
    assert "10⁶ units [1]; [formula]." in row["text"]
    assert "Someone" not in row["text"]
    assert "References" not in row["text"]
    assert [(level, title) for level, title, _, _ in sections(row)] == [
        (1, "Abstract"), (1, "Methods"), (2, "Patients")]
    assert sections(row)[2][3] == "Forty women.\n\nTable 1 Doses\nDrug: Iron; Dose: 60 mg"
    assert sections(row)[0][3] == "Iron helps some."


@pytest.mark.parametrize(("change", "reason"), [
    (('article-type="research-article"', 'article-type="retraction"'), "retraction"),
    (('article-type="research-article"', 'article-type="correction"'), "correction"),
    (("Iron in\npregnancy", "Retracted: Iron in pregnancy"), "retracted"),
    (("Iron in\npregnancy", "Expression of Concern: iron"), "expression_of_concern"),
    (("Iron in\npregnancy", "Correction: Iron in pregnancy"), "correction"),
    (("<permissions>", '<related-article related-article-type="retraction-forward"/><permissions>'), "retracted"),
    (("Iron in\npregnancy", "Correction of anaemia with iron"), None),
    (("Iron in\npregnancy", "Retraction forces of the lung"), None),
])
def test_jats_notices(given, change, reason):
    assert change[0] in samples.JATS
    assert given("jats", samples.JATS.replace(*change)).reasons == ([reason] if reason else [])


@pytest.mark.parametrize(("statement", "spdx"), [
    ("https://creativecommons.org/licenses/by-nc-nd/4.0/", "CC-BY-NC-ND-4.0"),
    ("http://creativecommons.org/licenses/by/2.0", "CC-BY-2.0"),
    ("the terms of the Creative Commons Attribution License, which permits", "CC-BY-4.0"),
    ("Creative Commons Attribution Non-Commercial License", "CC-BY-NC-4.0"),
    ("Creative Commons Attribution-NonCommercial-NoDerivs 3.0", "CC-BY-NC-ND-3.0"),
    ("Creative Commons CC0 public domain dedication", "CC0-1.0"),
    ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
    ("All rights reserved.", None),
    ("open access", None),
])
def test_licence_statements(statement, spdx):
    from itd_pipeline.licensing.statements import from_statement

    assert from_statement(statement) == spdx


def test_pubmed(given):
    found = given("pubmed")
    (row,) = found.rows
    assert row["external_id"] == "1"
    assert row["evidence_date"] == "2020-02"
    assert [(title, text) for _, title, _, text in sections(row)] == [("Aim", "To help."), ("Results", "It did.")]
    assert json.loads(row["attributes"])["mesh"] == [
        {"term": "Asthma", "id": "D001249", "major": True, "qualifiers": []}]
    assert found.reasons == ["retracted", "no_abstract"]


def test_spl(given):
    (row,) = given("spl").rows
    assert row["external_id"] == "set-1:3"
    assert row["evidence_date"] == "2020-01-02"
    assert sections(row) == [(1, "1 INDICATIONS", "34067-9", "For pain.\n\nAge: Adult; Dose: 5 mg")]


def test_spl_inside_a_zip_inside_a_zip(given):
    inner = samples._zip({"label.xml": samples.SPL, "label.jpg": "x"})
    outer = samples.io.BytesIO()
    with samples.zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("labels/one.zip", inner)
    found = given("spl", outer.getvalue(), "all.zip")
    assert [row["origin"] for row in found.rows] == ["all.zip!labels/one.zip!label.xml"]
    assert found.facts["files_skipped"] == 1


def test_openfda(given):
    (row,) = given("openfda").rows
    assert row["title"] == "Examplin"
    assert sections(row) == [(1, "Boxed warning", "34066-1", "WARNING: may cause sleep in adults.")]


def test_fhir(given):
    found = given("fhir")
    texts = {row["external_id"]: row["text"] for row in found.rows}
    assert texts["Condition/c1"] == "Condition: Asthma. Date: 2011-01-02."
    assert texts["Observation/o1"] == "Observation: Weight. Value: 70.5 kg."
    assert texts["DocumentReference/d1"] == "HISTORY: Ada Okonkwo came on 3 March 2019.\n\nPLAN: rest."
    assert found.reasons == ["not_text", "not_text"]
    for row in found.rows:
        known = {(pair["identifier_class"], pair["value"]) for pair in row["identifiers"]}
        assert {("name", "Ada B. Okonkwo"), ("date", "1950-02-03"), ("phone", "555-010-0199"), ("mrn", "MRN0012345"),
                ("address", "1 Elm Street"), ("address", "Springfield"), ("address", "01101")} <= known
        assert ("address", "MA") not in known
        assert row["patient_data"] is True


def test_fhir_bulk_export_knows_patients_of_other_files(everything, write, tmp_path):
    write("export/Condition.ndjson", json.dumps(
        {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"}, "code": {"text": "Gout"}})
        + "\n{broken\n")
    write("export/Patient.ndjson", json.dumps(samples.PATIENT) + "\n")
    found = everything("fhir", tmp_path / "export")
    (row,) = found.rows
    assert {"identifier_class": "name", "value": "Ada B. Okonkwo"} in row["identifiers"]
    assert sorted(found.reasons) == ["malformed_json", "not_text"]


@pytest.mark.parametrize(("attachment", "reason"), [
    ({"contentType": "text/plain", "data": "%%%"}, "malformed_attachment"),
    ({"contentType": "text/plain", "url": "Binary/1"}, "attachment_elsewhere"),
    ({"contentType": "image/png", "data": base64.b64encode(b"x").decode()}, "unsupported_attachment"),
])
def test_fhir_attachments_that_cannot_be_read(given, attachment, reason):
    found = given("fhir", json.dumps({"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}))
    assert found.reasons == [reason]


def test_fhir_in_xml(given):
    found = given("fhir", """<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Condition><id value="c"/><text>
    <div xmlns="http://www.w3.org/1999/xhtml">Asthma since childhood</div></text><code><text value="Asthma"/></code>
    <subject><reference value="Patient/p"/></subject></Condition></resource></entry><entry><resource><Patient>
    <id value="p"/><name><family value="Okonkwo"/><given value="Ada"/></name></Patient></resource></entry></Bundle>""",
                  "a.xml")
    (row,) = found.rows
    assert row["text"] == "Condition: Asthma.\n\nAsthma since childhood"
    assert {"identifier_class": "name", "value": "Ada Okonkwo"} in row["identifiers"]


def test_ccda(given):
    (row,) = given("ccda").rows
    assert sections(row) == [(1, "Allergies", "48765-2", "- Penicillin: hives")]
    known = {(pair["identifier_class"], pair["value"]) for pair in row["identifiers"]}
    assert known == {("mrn", "998991"), ("date", "1975-05-01"), ("name", "Eve Betterhalf"), ("address", "Beaverton"),
                     ("address", "2222 Home Street"), ("phone", "+1(555)555-2003")}
    assert row["patient_id"] == "1.2.3:998991"
    assert row["evidence_date"] == "2012-01-02"


def test_cnxml_and_medlineplus(given):
    (row,) = given("cnxml").rows
    assert sections(row) == [(1, "Sources", "", "Meat and beans.\n\n- Beef")]
    assert row["external_id"] == "m1"
    (row,) = given("medlineplus").rows
    assert row["text"] == "Asthma is common."
    assert row["evidence_date"] == "2020-01-02"
    assert row["audience"] == "patient"


def test_html_main_text_only(given):
    (row,) = given("html").rows
    assert "narrows the airways" in row["text"]
    assert "Wheeze" in row["text"]
    assert "Home" not in row["text"]
    assert "Contact" not in row["text"]
    assert row["title"] == "Asthma"


def test_docx_takes_insertions_and_leaves_deletions(given):
    (row,) = given("docx").rows
    assert row["text"] == "Plan\n\nRest and fluids.\n\nDrug; 5 mg"
    assert [title for _, title, _, _ in sections(row)] == ["Plan"]


def test_pdf(given):
    (row,) = given("pdf").rows
    assert row["text"] == "Asthma narrows the airways. An inhaler opens them."


def test_citations(given):
    (row,) = given("citations").rows
    assert row["text"] == "It narrows the airways."
    assert row["evidence_date"] == "2020"
    ris = "TY  - JOUR\nTI  - Asthma\nAB  - It narrows.\nPY  - 2019\nER  - \nTY  - JOUR\nTI  - Bare\nER  - \n"
    found = given("citations", ris, "a.ris")
    assert [row["text"] for row in found.rows] == ["It narrows."]
    assert found.reasons == ["no_abstract"]


@pytest.mark.parametrize(("reader", "line"), [("jsonl", b'{"title":"%s","text":"y"}\n'), ("csv", b'"%s",y\n')])
def test_a_row_of_more_than_32_mib_costs_itself(given, reader, line):
    head = b"title,text\n" if reader == "csv" else b""
    good = b"a,b\n" if reader == "csv" else b'{"title":"a","text":"b"}\n'
    found = given(reader, head + good + line % (b"x" * (33 * 1024 * 1024)) + good)
    assert [row["text"] for row in found.rows] == ["b", "b"]
    assert found.reasons == ["too_large"]
    assert len(found.rejects[0]["row"]) < 100_000


def bomb(size):
    buffer = samples.io.BytesIO()
    with samples.zipfile.ZipFile(buffer, "w", samples.zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b" " * size)
        archive.writestr("../b.xml", b"<x/>")
        archive.writestr("c.xml", samples.SPL)
    return buffer.getvalue()


def test_zip_bombs_and_paths_out_of_the_archive(given):
    found = given("spl", bomb(64 * 1024 * 1024), "a.zip")
    assert found.reasons == ["archive_bomb", "unsafe_archive_member"]
    assert len(found.rows) == 1


def test_a_word_file_that_is_a_bomb(given):
    buffer = samples.io.BytesIO()
    with samples.zipfile.ZipFile(buffer, "w", samples.zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b" " * (60 * 1024 * 1024) + b"</a>")
    assert given("docx", buffer.getvalue()).reasons == ["archive_bomb"]
    assert given("xlsx", buffer.getvalue()).reasons == ["archive_bomb"]


@pytest.mark.parametrize("reader", ["fhir", "openfda"])
def test_deep_json(given, reader):
    assert given(reader, "[" * 200_000 + "]" * 200_000).reasons == ["too_deep"]


@pytest.mark.parametrize("reader", ["html"])
def test_deep_html(given, reader):
    assert given(reader, "<div>" * 100_000 + "text").reasons in (["too_deep"], ["malformed_html"])
