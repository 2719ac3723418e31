"""Privacy: identifiers that are still in the record's own text, whatever wrote it.

A model can repeat what slipped through de-identification, or invent a plausible name or record number; both are found
by scanning the record itself. A record that rests on no patient data may repeat what its public source prints, such
as the telephone number of a foundation: a finding that stands word for word in the record's evidence does not count
there. For a record that rests on patient data every finding counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from itd_pipeline.signals.signal import Columns, Records, Signal
from itd_pipeline.text.scan import scan_identifiers


def residual_identifiers(fields: Sequence[str | None], evidence: Sequence[str], patient_data: bool) -> list[str]:
    """Class of each identifier found in the fields, in order of field and place.

    Args:
        fields: instruction, input and output.
        evidence: texts of the record's passages.
        patient_data: whether any evidence came from a source marked as patient data.
    """
    public = () if patient_data else tuple(evidence)
    found = []
    for field in fields:
        if not field or any(field in text for text in public):
            continue
        for finding in scan_identifiers(field):
            if not _stands_in(field[finding.start:finding.end], public):
                found.append(finding.identifier_class)
    return found


def _stands_in(span: str, texts: Sequence[str]) -> bool:
    """Whether a text holds `span` word for word: `Ann` does not stand in `Annual`."""
    if not any(span in text for text in texts):
        return False
    whole = re.compile(rf"(?<!\w){re.escape(span)}(?!\w)")
    return any(whole.search(text) for text in texts)


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""
    fields = zip(records.column("instruction"), records.column("input"), records.column("output"), strict=True)
    found = [residual_identifiers(texts, [records.evidence[p] for p in named], patient_data)
             for texts, named, patient_data in zip(fields, records.named, records.column("patient_data"), strict=True)]
    return {"identifier_classes": [sorted(set(classes)) for classes in found],
            "identifier_count": [len(classes) for classes in found]}


SIGNAL = Signal(name="privacy", version=1, columns=("identifier_classes", "identifier_count"), compute=measured)
