"""What a scan finds in the words of a record that leave: the same rule for the last gate and for who verifies.

Converted pairs of published text may name their authors or a hotline, and are not scanned, apart from an output that
experts corrected; nor is what the cited evidence prints word for word. Text that rests on patient data is scanned
whole.
"""

from __future__ import annotations

from itd_pipeline.release.evidence import Row
from itd_pipeline.text import scan_identifiers

WRITTEN = ("instruction", "input", "output", "rationale", "options")


def identifier_hits(record: Row) -> list[tuple[str, str]]:
    """(field, class of identifier), one for each place.

    Args:
        record: with the fields of `WRITTEN`, route, patient_data, review_status and citations.
    """
    written: tuple[str, ...] = WRITTEN
    if record["route"] == "converted" and not record["patient_data"]:
        written = ("output",) if record["review_status"] == "corrected" else ()
    quoted = "" if record["patient_data"] else " ".join(c["quote"] or "" for c in record["citations"])
    found = []
    for name in written:
        for words in record[name] if isinstance(record[name], list) else [record[name] or ""]:
            found += [(name, hit.identifier_class) for hit in scan_identifiers(words)
                      if words[hit.start : hit.end] not in quoted]
    return found
