"""Experts' own records that the policy does not keep go back to their authors: one CSV file for each author.

They lie in the lake's folder `returned`, with the rules that were hit, until the author has mended the seed or the
policy has changed. Belongs here: writing these files. Does not belong here: which records go back (the policy).
"""

from __future__ import annotations

import csv
import io
import json
import re

import pyarrow.compute as pc

from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.policy import RETURNED
from itd_pipeline.storage.lake import write_atomically
from itd_pipeline.storage.manifest import Manifest

_COLUMNS = ("record_id", "author", "instruction", "input", "output", "why")


def hand_back(scope: Scope, _: Manifest) -> None:
    """Write the files anew; the file of an author with nothing to mend goes."""
    rejected = scope.lake.read("filtered_set", "", "rejected", columns=["row_id", "reason", "detail", "row"])
    by_author: dict[str, list[dict[str, str]]] = {}
    for entry in rejected.filter(pc.equal(rejected.column("reason"), RETURNED)).sort_by("row_id").to_pylist():
        row = {**json.loads(entry["row"]), "why": entry["detail"]}
        by_author.setdefault(row["author"], []).append({name: row[name] or "" for name in _COLUMNS})
    folder = scope.lake.root / "returned"
    wanted = {f"{re.sub(r'[^A-Za-z0-9_-]', '_', author)}.csv": rows for author, rows in by_author.items()}
    for old in folder.glob("*.csv"):
        if old.name not in wanted:
            old.unlink()
    for name, rows in sorted(wanted.items()):
        written = io.StringIO()
        sheet = csv.DictWriter(written, _COLUMNS)
        sheet.writeheader()
        sheet.writerows(rows)
        write_atomically(folder / name, written.getvalue().encode("utf-8-sig"))  # with a mark, for spreadsheets
