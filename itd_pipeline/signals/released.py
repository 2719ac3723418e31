"""Near-duplicates of records that earlier releases hold, under another id.

Compared are instruction, input and output together, by true Jaccard similarity of word 5-shingles
(`similarity.kept`). A record that a release holds under its own id is that record and no duplicate of itself. A value
depends on the record and the releases alone, so only new candidates are compared. Whether a record goes for it is the
policy's matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itd_pipeline.signals.near_duplicates import texts_of_rows, whole_text
from itd_pipeline.signals.signal import Columns, Records, Signal, Study
from itd_pipeline.similarity.kept import heads_of, pairs_with

COLUMNS = ("released_jaccard", "released_near_duplicate_of", "released_in")
FIELDS = ("instruction", "input", "output")


@dataclass(frozen=True)
class Release:
    """Records of an earlier release.

    Args:
        name: version, or name of its folder.
        digest: hash of what it holds.
        records: columns record_id, instruction, input and output.
    """

    name: str
    digest: str
    records: pa.Table


def measured(records: Records) -> Columns:
    """The nearest released record of each; null where the study names no release, 0 where none is near."""
    count, releases = len(records), records.study.releases
    if not releases:
        return {name: [None] * count for name in COLUMNS}
    best: list[tuple[float, str | None, str | None]] = [(0.0, None, None)] * count
    threshold = records.study.signals.near_duplicate_jaccard
    ids = records.column("record_id")
    heads = heads_of(whole_text(records.table, FIELDS), threshold)
    for release in releases:  # in order: of equally near records the first release's stays, then the least id
        known_ids: Sequence[str] = release.records.column("record_id").to_pylist()
        for pairs in pairs_with(heads, texts_of_rows(records.table, FIELDS),
                                heads_of(whole_text(release.records, FIELDS), threshold),
                                texts_of_rows(release.records, FIELDS), threshold):
            for row, other, jaccard in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(),
                                           strict=True):
                held = best[row]
                nearer = jaccard > held[0] or (jaccard == held[0] and held[2] == release.name
                                               and known_ids[other] < str(held[1]))
                if known_ids[other] != ids[row] and nearer:
                    best[row] = (jaccard, known_ids[other], release.name)
    return dict(zip(COLUMNS, map(list, zip(*best, strict=True)) if best else ([], [], []), strict=True))


def _parameters(study: Study) -> Mapping[str, Any]:
    return {"jaccard": study.signals.near_duplicate_jaccard,
            "releases": [[release.name, release.digest] for release in study.releases]}


SIGNAL = Signal(name="released", version=1, columns=COLUMNS, compute=measured, workers=False, parameters=_parameters,
                libraries=("numpy",))
