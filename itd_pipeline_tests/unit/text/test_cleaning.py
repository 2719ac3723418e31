"""Documents to passages: accounting, reasons, offsets, privacy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from itd_pipeline import ports
from itd_pipeline.settings import Cleaning
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text import clean, normalise

FRENCH = ("L'asthme est une maladie chronique des voies respiratoires qui provoque une toux et une gêne pour respirer, "
          "surtout la nuit ou tôt le matin, et qui se traite par des sprays.")


def document(number: int, text: str, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "document_id": f"document-{number}", "source": "notes", "external_id": str(number), "group_id": f"g{number}",
        "title": "", "text": text, "question": None, "question_type": None, "language": None,
        "specialty": "unspecified", "audience": "unspecified", "url": None, "licence": "CC0-1.0", "origin": "made",
        "retrieved_on": None, "evidence_date": None, "patient_data": False, "attributes": "{}", "content_hash": "x",
    }
    return row | more


def run(*documents: dict[str, Any], cleaning: Cleaning | None = None, size: int = 100) -> list[ports.Batch]:
    tables = [DOCUMENTS.from_rows(documents[i : i + size]) for i in range(0, len(documents), size)]
    return list(clean(tables, "notes", cleaning or Cleaning()))


def rows(batches: list[ports.Batch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.rows.to_pylist()]


def rejects(batches: list[ports.Batch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.rejects.to_pylist()]


def test_too_short_just_outside_and_just_inside() -> None:
    batches = run(document(1, "two words"), document(2, "now three words"))
    assert [r["text"] for r in rows(batches)] == ["now three words"]
    reject = rejects(batches)[0]
    assert (reject["reason"], reject["detail"]) == ("too_short", "words=2, min_words=3")
    assert reject["parent_id"] == "document-1"


def test_wrong_language_and_declared_language() -> None:
    batches = run(document(1, FRENCH), document(2, "Kurzer deutscher Text", language="de"),
                  document(3, "Short English text", language="en"))
    assert [(r["reason"], r["detail"]) for r in rejects(batches)] == [
        ("wrong_language", "language=fr, allowed=en"), ("wrong_language", "declared=de, allowed=en")]
    assert [r["language"] for r in rows(batches)] == ["und"]


def test_the_first_of_two_twins_stays_across_batches() -> None:
    batches = run(document(1, "the same\u00a0text"), document(2, "the  same text"), size=1)
    kept, twin = rows(batches), rejects(batches)
    assert len(kept) == 1
    assert (twin[0]["reason"], twin[0]["detail"]) == ("exact_duplicate", f"kept={kept[0]['passage_id']}")
    assert twin[0]["row_id"] != kept[0]["passage_id"]


def test_two_questions_with_one_answer_both_stay() -> None:
    batches = run(document(1, "ask your doctor", question="What is A?"),
                  document(2, "ask your doctor", question="What is B?"),
                  document(3, "ask your doctor", attributes='{"code":"E11"}'))
    assert len(rows(batches)) == 3


def test_nothing_left_after_cleaning() -> None:
    batches = run(document(1, "  \n "), document(2, "-----"))
    assert [(r["reason"], r["parent_id"]) for r in rejects(batches)] == [
        ("empty_after_cleaning", "document-1"), ("empty_after_cleaning", "document-2")]


def test_an_answer_is_never_cut() -> None:
    text = " ".join(f"Sentence {i} has words." for i in range(100))
    cleaning = Cleaning(max_words=20)
    assert len(rows(run(document(1, text, question="Why?"), cleaning=cleaning))) == 1
    assert len(rows(run(document(1, "One. " + text), cleaning=cleaning))) > 10


def test_privacy_status() -> None:
    plain, private = rows(run(
        document(1, "Dr Vance described the disease."),
        document(2, "Seen by Dr Vance on 14 March 2021.", patient_data=True)))
    assert (plain["privacy_status"], plain["identifier_classes"]) == ("no_patient_data", [])
    assert (private["privacy_status"], private["identifier_classes"]) == ("de_identified", ["date", "name"])
    assert private["text"] == "Seen by Dr [NAME-1] on [DATE]."


def test_everything_of_a_patient_is_de_identified() -> None:
    first = document(1, "Quimby was seen in clinic.", patient_data=True, group_id="p", title="Letter about Quimby",
                     attributes='{"mrn":"A-99123","visit":{"gp":"Dr Lark"}}')
    second = document(2, "Patient: Zoltan Quimby came back.", patient_data=True, group_id="p")
    batches = run(first, second)
    everything = json.dumps(rows(batches))
    for identifier in ("Quimby", "Zoltan", "A-99123", "Lark"):
        assert identifier not in everything
    assert json.loads(rows(batches)[0]["attributes"]) == {"mrn": "[MRN]", "visit": {"gp": "Dr [NAME-2]"}}


@pytest.mark.parametrize(("date", "kept"), [
    ("2024-03-12", "2024"), ("2024-03", "2024"), ("2024", "2024"), (None, None), ("12/03/2024", None)])
def test_of_a_date_about_a_patient_only_the_year_is_kept(date: str | None, kept: str | None) -> None:
    private, plain = rows(run(
        document(1, "She was seen in clinic.", patient_data=True, evidence_date=date),
        document(2, "Asthma narrows the airways.", evidence_date=date)))
    assert (private["evidence_date"], plain["evidence_date"]) == (kept, date)


def test_rejected_documents_of_patients_keep_no_day_and_no_key_of_the_source() -> None:
    batches = run(document(1, "-----", patient_data=True, evidence_date="2024-03-12", external_id="MRN-77412.md",
                           origin="ward/MRN-77412.md", url="https://ehr.example/77412"))
    told = json.loads(rejects(batches)[0]["row"])
    assert "77412" not in json.dumps(told)
    assert told["evidence_date"] == "2024"


def test_declared_fields_of_a_patient_are_de_identified_and_addresses_dropped() -> None:
    row, = rows(run(document(
        1, "Mr Quimby was seen in clinic.", patient_data=True, title="Mr Quimby", question="How is Mr Quimby?",
        question_type="note on Mr Quimby", url="ehr/patients/quimby_z", attributes='{"patient":"quimby_z"}')))
    assert "quimby" not in json.dumps(row).lower()
    assert row["url"] is None
    assert {"id", "name", "url"} <= set(row["identifier_classes"])


@pytest.mark.parametrize("external_id", ["ward/quimby_zoltan.md", "quimby_zoltan"])
def test_a_file_name_is_no_title_of_a_patients_document(external_id: str) -> None:
    private, plain = rows(run(
        document(1, "She was seen in clinic.", patient_data=True, title="quimby_zoltan", external_id=external_id),
        document(2, "Asthma narrows the airways.", title="asthma", external_id="asthma.md")))
    assert (private["title"], plain["title"]) == ("", "asthma")


@pytest.mark.parametrize(("external_id", "kept"), [("ward/x7741.txt", False), ("x774", True), ("wheeze", True)])
def test_the_sources_own_key_is_searched_for_in_the_text(external_id: str, kept: bool) -> None:
    key = external_id.removeprefix("ward/").removesuffix(".txt")
    row, = rows(run(document(1, f"Case {key} was seen in clinic.", patient_data=True, external_id=external_id)))
    assert (key in row["text"]) == kept


def test_rejected_rows_of_patients_hold_no_identifiers() -> None:
    batches = run(document(1, "-----", patient_data=True, title="Patient: Zoltan Quimby"),
                  document(2, "Mr Quimby", patient_data=True))
    assert "Quimby" not in json.dumps(rejects(batches))


@pytest.mark.parametrize("patient_data", [False, True])
def test_the_same_input_gives_the_same_rows(patient_data: bool) -> None:
    documents = [document(i, f"Mr Quimby number {i} was seen on 14 March 2021.", patient_data=patient_data)
                 for i in range(5)]
    assert rows(run(*documents)) == rows(run(*documents))


@hypothesis_settings(deadline=None)
@given(st.lists(st.text(alphabet="ab .\n#\u00a0\u2019\u00bd5mg:", min_size=1, max_size=120), min_size=1, max_size=6))
def test_accounting_and_offsets(texts: list[str]) -> None:
    documents = [document(i, text) for i, text in enumerate(texts)]
    batches = run(*documents, cleaning=Cleaning(max_words=20), size=2)
    kept, turned_away = rows(batches), rejects(batches)
    assert sum(batch.units_in for batch in batches) == len(kept) + len(turned_away)
    assert {r["document_id"] for r in kept} | {r["parent_id"] for r in turned_away} == {
        f"document-{i}" for i in range(len(texts))}
    ids = [r["passage_id"] for r in kept] + [r["row_id"] for r in turned_away]
    assert len(set(ids)) == len(ids)
    for row in kept:
        source = texts[int(row["document_id"].removeprefix("document-"))]
        assert normalise(source[row["start"] : row["end"]]) == row["text"]


def test_a_note_in_spanish_is_read_by_the_spanish_recognisers_whatever_the_profile_keeps() -> None:
    note = ("Nombre: Lucía. Apellidos: Cabañas Ferrer. NHC: 4471290. Domicilio: Calle de los Olmos 14, 3º B. "
            "La paciente acude a consulta por tos desde el 12 de octubre de 2019 y ha sido tratada con amoxicilina de "
            "500 mg cada ocho horas. La señora Cabañas no tiene fiebre ni alergias conocidas a medicamentos.")
    for cleaning in (Cleaning(), Cleaning(languages=("en", "es"))):
        batches = run(document(1, note, patient_data=True), cleaning=cleaning)
        kept = json.dumps(rows(batches) + rejects(batches), ensure_ascii=False)
        for identifier in ("Lucía", "Cabañas", "Ferrer", "4471290", "Olmos", "octubre"):
            assert identifier not in kept
        assert "500 mg cada ocho horas" in kept
        assert "no tiene fiebre" in kept
