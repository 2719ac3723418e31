"""The Spanish language pack: invented notes."""

from __future__ import annotations

import time

import pytest

from itd_pipeline.text.deidentify import RECOGNISERS, Deidentifier, deidentify
from itd_pipeline.text.identifiers.packs import recognisers

NOTE = """Nombre: Ernestina.
Apellidos: De la Vega Quintanilla.
NHC: 4455667.
CIPA: nhc-778899.
NASS: 28 12345678 40.
DNI: 12345678Z.
Domicilio: Calle Olivo Viejo 12, 3º B.
Localidad/ Provincia: Getafe.
CP: 28901.
Fecha de nacimiento: 03/04/1921.
Edad: 93 años.
Episodio: 998877.
Médico: Anselmo Tejedor Rueda NºCol: 28 28 12399.
Teléfono: 912 345 678. Fax: 912 345 679. Móvil: 600 111 222.
Informe: Paciente de 93 años con enfermedad de Parkinson, operada el 12 de octubre de 2010 en el Hospital San Telmo.
Revisada en marzo de 2011 y el 14/05/12 por la Dra. Montserrat Higueras. Vive en Leganés con su hija Casilda.
Remitido por: Dr. Anselmo Tejedor Rueda. Servicio de Neurología. Hospital San Telmo. Avda. del Roble, s/n. 28040 Madrid
(España) E-mail: atejedor@ejemplo.es www.ejemplo.es/neuro
"""


@pytest.mark.parametrize("secret", [
    "Ernestina", "Vega", "Quintanilla", "4455667", "778899", "12345678", "Olivo", "Getafe", "28901", "03/04/1921",
    "998877", "Anselmo", "Tejedor", "12399", "912 345", "600 111", "octubre", "San Telmo", "marzo", "14/05/12",
    "Higueras", "Leganés", "Casilda", "Roble", "28040", "Madrid", "atejedor", "ejemplo.es", "93 años",
])
def test_identifiers_go(secret: str) -> None:
    assert secret not in deidentify(NOTE, language="es").text


def test_every_class_is_named() -> None:
    kinds = {finding.identifier_class for finding in deidentify(NOTE, language="es").findings}
    assert kinds >= {"name", "date", "age", "phone", "fax", "email", "url", "ssn", "mrn", "plan", "id", "licence",
                     "address", "hospital"}


@pytest.mark.parametrize("text", [
    "Paciente con enfermedad de Parkinson y enfermedad de Crohn en tratamiento con azatioprina 150 mg/día.",
    "Síndrome de Down. Linfoma de Hodgkin estadio II-A. Signo de Babinski positivo.",
    "Escala de Glasgow 15/15, índice de Karnofsky 80 %. Criterios de Roma.",
    "TA 120/80 mmHg, FC 72 lpm, pH 7,35, HCO3 24, pCO2 40. Paracetamol 1 g/8 h.",
    "Exploración física: abdomen blando.\nTratamiento: omeprazol 20 mg.\nDiagnóstico: hernia de Morgagni.",
    "Varón de 45 años diagnosticado en 2004 de diabetes mellitus tipo 2. Niega dolores.",
])
def test_medicine_stays(text: str) -> None:
    assert deidentify(text, language="es").text == text


@pytest.mark.parametrize(("text", "left"), [
    ("Ingresa el 3 de mayo.", "Ingresa el [DATE]."),
    ("Cirugía en enero de 2009.", "Cirugía en [DATE]."),
    ("Paciente nonagenaria.", "Paciente 90+."),
    ("Acude Lucía Fernández Soto a consulta.", "Acude [NAME-1] a consulta."),
    ("Valorado por el Dr. Quintanar ayer.", "Valorado por el Dr. [NAME-1] ayer."),
    ("Natural de Villalón.", "Natural de [ADDRESS]."),
    ("Derivado al Centro de Salud Las Acacias.", "Derivado al [HOSPITAL-1]."),
])
def test_single_forms(text: str, left: str) -> None:
    assert deidentify(text, language="es").text == left


def test_small_words_of_a_surname_stay() -> None:
    assert "pelo rubio" in deidentify("Apellidos: Rubio Cabeza.\nMujer de pelo rubio.", language="es").text


def test_unknown_language() -> None:
    assert recognisers("en") is RECOGNISERS
    with pytest.raises(ValueError, match="en, es"):
        recognisers("xx")
    with pytest.raises(ValueError, match="en, es"):
        Deidentifier(language="xx")


@pytest.mark.parametrize("piece", ["A", "a", "1", " ", "A-", "1 ", "Ana ", "C/ ", "de ", ".", "García López ", "12/",
                                   "Hospital ", "Dr. ", "28001 "])
def test_repeated_characters_finish(piece: str) -> None:
    text = "Remitido por: Dr. Ana " + piece * (50_000 // len(piece))
    begun = time.perf_counter()
    for recogniser in recognisers("es"):
        recogniser.find(text)
    assert time.perf_counter() - begun < 10
