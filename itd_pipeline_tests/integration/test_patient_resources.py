"""What a FHIR Patient or the header of a C-CDA document says about a patient is nowhere in the cleaned text."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from itd_pipeline import sources
from itd_pipeline.settings import Cleaning, Source
from itd_pipeline.text import clean

SHARED = Path(os.environ.get("ITD_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
LEAST = 3
HL7 = "{urn:hl7-org:v3}"


def cleaned(reader: str, path: Path) -> tuple[str, int]:
    """(every word of passages and rejects, how many there are)."""
    source = Source(reader=reader, path=path, licence="CC0-1.0")
    tables = [batch.rows for batch in sources.read_source("s", source, path)]
    kept = []
    for batch in clean(tables, "s", Cleaning(languages=("en", "es")), workers=0):
        kept += [json.dumps(row, ensure_ascii=False) for row in batch.rows.to_pylist()]
        kept += batch.rejects.column("row").to_pylist()
    return "\n".join(kept), len(kept)


def of_patient(patient: dict[str, Any]) -> Iterator[str]:
    for name in patient.get("name", []):
        family = name.get("family", "")
        yield from family if isinstance(family, list) else [family]
        yield from name.get("given", [])
    for address in patient.get("address", []):
        yield from [*address.get("line", []), address.get("city", ""), address.get("postalCode", "")]
    for held in (*patient.get("telecom", []), *patient.get("identifier", [])):
        yield str(held.get("value", ""))
    yield patient.get("birthDate", "")
    yield str(patient.get("deceasedDateTime", ""))[:10]
    for extension in patient.get("extension", []):
        yield str(extension.get("valueString", ""))


def spellings(values: set[str]) -> set[str]:
    """The values, and names without the numbers that Synthea gives its people."""
    found = values | {re.sub(r"\d+$", "", value) for value in values if re.fullmatch(r"[^\W\d_]+\d+", value)}
    return {value for value in found if len(value) >= LEAST}


def hits(values: set[str], text: str) -> dict[str, int]:
    words = {word for line in text.split("\n") for word in re.findall(r"\w+", line)}
    likely = [value for value in sorted(values) if set(re.findall(r"\w+", value)) <= words]
    counts = {value: len(re.findall(r"(?<!\w)" + re.escape(value) + r"(?!\w)", text)) for value in likely}
    return {value: count for value, count in counts.items() if count}


@pytest.mark.slow
def test_synthea() -> None:
    path = SHARED / "synthea_fhir_r4"
    if not path.is_dir():
        pytest.skip("Synthea's bundles are not here; ITD_SHARED_DATA names the folder of public data")
    values: set[str] = set()
    with tarfile.open(path / "synthea_fhir_r4.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".json") else None
            for entry in json.load(file).get("entry", []) if file else ():
                if entry.get("resource", {}).get("resourceType") == "Patient":
                    values.update(of_patient(entry["resource"]))
    text, passages = cleaned("fhir", path)
    assert passages > 5000
    assert len(spellings(values)) > 300
    assert hits(spellings(values), text) == {}


@pytest.mark.slow
def test_ccda() -> None:
    path = SHARED / "ccda_examples"
    if not path.is_dir():
        pytest.skip("The C-CDA examples are not here; ITD_SHARED_DATA names the folder of public data")
    by_document: list[set[str]] = []
    with tarfile.open(path / "ccda_examples.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".xml") else None
            if file is None:
                continue
            try:
                root = etree.fromstring(file.read(), etree.XMLParser(resolve_entities=False, no_network=True))
            except etree.XMLSyntaxError:
                continue
            roles = root.findall(f".//{HL7}recordTarget/{HL7}patientRole") if root is not None else []
            for role in roles:
                named = role.findall(f"./{HL7}patient//{HL7}family")
                for tag in ("streetAddressLine", "postalCode"):
                    named += role.findall(f"./{HL7}addr/{HL7}{tag}")
                values = {(element.text or "").strip() for element in named}
                values |= {identifier.get("extension", "") for identifier in role.findall(f"./{HL7}id")}
                values |= {telecom.get("value", "").removeprefix("tel:") for telecom in role.findall(f"./{HL7}telecom")}
                by_document.append(spellings(values))
    text, passages = cleaned("ccda", path)
    assert passages > 300
    assert len(by_document) > 15
    assert hits(set().union(*by_document), text) == {}
