"""The families of question forms that the route `template` knows, by reader. Belongs here: what parts them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.expand.forms import fhir, hpo, icd10cm, labels
from itd_pipeline.expand.forms.fhir_facts import FhirIndex, Resource, read_resource
from itd_pipeline.expand.forms.form import Form
from itd_pipeline.expand.forms.hpo_terms import HpoIndex, read_term
from itd_pipeline.expand.forms.icd10cm_codes import IcdIndex, read_code
from itd_pipeline.expand.forms.label_sections import LabelIndex, LabelSection, read_section, section_key

Read = Callable[[str, Mapping[str, Any], Sequence[str]], Any]


@dataclass(frozen=True)
class Family:
    """Forms for the documents of one reader.

    Args:
        name: name of the reader.
        forms: in order.
        read: (key, attributes, texts of its passages) -> item; KeyError, TypeError or ValueError where they are not
            its own. The texts are empty unless `reads_text`.
        index: items -> what forms need to know about the others.
        codes: item -> codes of the record.
        jurisdiction: where the terminology is the rule.
        file: file that holds the forms; its hash stands in every record.
        key: passage -> what the passages of one item share; the item's `document_id`.
        reads_text: whether items are read from the text of their passages, too.
    """

    name: str
    forms: tuple[Form[Any, Any], ...]
    read: Read
    index: Callable[[Sequence[Any]], Any]
    codes: Callable[[Any], list[str]]
    jurisdiction: str
    file: Path
    key: Callable[[Mapping[str, Any]], str] = lambda passage: str(passage["document_id"])
    reads_text: bool = False

    @property
    def prompt_hash(self) -> str:
        """SHA-256 of the file that holds the forms."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()


def _no_codes(_: LabelSection) -> list[str]:
    return []


def _fhir_codes(resource: Resource) -> list[str]:
    return [f"{system}:{code}" for system, code in resource.codes]


def _labels(reader: str) -> Family:
    return Family(reader, labels.FORMS, read_section, LabelIndex, _no_codes, "us", Path(labels.__file__), section_key,
                  reads_text=True)


FAMILIES = {
    "hpo": Family("hpo", hpo.FORMS, lambda key, fields, _: read_term(key, fields), HpoIndex, lambda term: [term.id],
                  "international", Path(hpo.__file__)),
    "icd10cm": Family("icd10cm", icd10cm.FORMS, lambda key, fields, _: read_code(key, fields), IcdIndex,
                      lambda code: [f"ICD-10-CM:{code.code}"], "us", Path(icd10cm.__file__)),
    "spl": _labels("spl"),
    "openfda": _labels("openfda"),
    "fhir": Family("fhir", fhir.FORMS, read_resource, FhirIndex, _fhir_codes, "unspecified", Path(fhir.__file__),
                   reads_text=True),
}


def family_of(reader: str) -> Family:
    """The family for a reader. Raises ConfigError where there is none."""
    if reader not in FAMILIES:
        raise ConfigError(f"The route `template` has no question forms for the reader {reader!r}.",
                          f"It has forms for: {', '.join(FAMILIES)}. Take `template` out of the source's routes.")
    return FAMILIES[reader]
