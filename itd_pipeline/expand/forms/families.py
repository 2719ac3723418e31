"""The families of question forms that the route `template` knows, by reader. Belongs here: what parts them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.expand.forms import hpo, icd10cm
from itd_pipeline.expand.forms.form import Form
from itd_pipeline.expand.forms.hpo_terms import HpoIndex, read_term
from itd_pipeline.expand.forms.icd10cm_codes import IcdIndex, read_code


@dataclass(frozen=True)
class Family:
    """Forms for the documents of one reader.

    Args:
        name: name of the reader.
        forms: in order.
        read: (document id, attributes) -> item; KeyError, TypeError or ValueError where they are not its own.
        index: items -> what forms need to know about the others.
        codes: item -> codes of the record.
        jurisdiction: where the terminology is the rule.
        file: file that holds the forms; its hash stands in every record.
    """

    name: str
    forms: tuple[Form[Any, Any], ...]
    read: Callable[[str, Mapping[str, Any]], Any]
    index: Callable[[Sequence[Any]], Any]
    codes: Callable[[Any], list[str]]
    jurisdiction: str
    file: Path

    @property
    def prompt_hash(self) -> str:
        """SHA-256 of the file that holds the forms."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()


FAMILIES = {
    "hpo": Family("hpo", hpo.FORMS, read_term, HpoIndex, lambda term: [term.id], "international",
                  Path(hpo.__file__)),
    "icd10cm": Family("icd10cm", icd10cm.FORMS, read_code, IcdIndex, lambda code: [f"ICD-10-CM:{code.code}"],
                      "us", Path(icd10cm.__file__)),
}


def family_of(reader: str) -> Family:
    """The family for a reader. Raises ConfigError where there is none."""
    if reader not in FAMILIES:
        raise ConfigError(f"The route `template` has no question forms for the reader {reader!r}.",
                          f"It has forms for: {', '.join(FAMILIES)}. Take `template` out of the source's routes.")
    return FAMILIES[reader]
