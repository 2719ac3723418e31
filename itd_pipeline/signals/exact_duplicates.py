"""Exact duplicates: instruction, input and output equal but for case, white space and Unicode spelling.

Compared are the three fields after NFKC, case folding and folding of white space; punctuation counts, fields do not
run into one another. The twin of the best quality rank stays.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

from itd_pipeline.signals.signal import Columns, Records, Signal


def folded(text: str) -> str:
    """NFKC, case-folded, white space as single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def exact_duplicates(
    fields: Sequence[Sequence[str | None]], record_ids: Sequence[str], quality_rank: Sequence[int],
) -> list[str | None]:
    """Per record the id of the twin that stays, null for the one that stays and for records without a twin.

    Args:
        fields: columns (instruction, input, output), each in the order of `record_ids`.
        record_ids: unique ids.
        quality_rank: which twin stays: the least.
    """
    groups: dict[bytes, list[int]] = {}
    for i, parts in enumerate(zip(*fields, strict=True)):
        text = "\x1f".join(folded(part or "") for part in parts)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        groups.setdefault(digest, []).append(i)
    result: list[str | None] = [None] * len(record_ids)
    for members in groups.values():
        kept = min(members, key=lambda i: quality_rank[i])
        for i in members:
            if i != kept:
                result[i] = record_ids[kept]
    return result


def measured(records: Records) -> Columns:
    """Twins among all records."""
    fields = [records.column(name) for name in ("instruction", "input", "output")]
    return {"exact_duplicate_of": exact_duplicates(fields, records.column("record_id"),
                                                   records.measured("quality_rank"))}


SIGNAL = Signal(name="exact_duplicates", version=1, columns=("exact_duplicate_of",), compute=measured, each=False,
                needs=("quality_rank",))
