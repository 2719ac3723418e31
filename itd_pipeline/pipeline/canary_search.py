"""Looking for canaries in what a stage has stored: rows, rejects, and the files of a release.

Belongs here: which sources have canaries, and the search. Who they are stands in `text.canaries`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb

from itd_pipeline.pipeline.deid_gate import about_patients
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.text.canaries import canaries

NO_CANARIES = "no_canaries"
DESCRIPTION = "No identifier of the canaries planted among patients' notes is found."
_NOT_SEARCHED = frozenset({"raw_sources", "expert_seeds"})
_VALUES_PER_PATTERN = 200  # RE2 keeps its automaton small
_RELEASED_FILES = frozenset({".jsonl", ".json", ".md", ".csv", ".html", ".txt", ".yaml"})


def searched(stage: Stage) -> bool:
    """Whether the stage comes after de-identification."""
    return stage.name not in _NOT_SEARCHED


def canary_hits(stage: Stage, scope: Scope, connection: duckdb.DuckDBPyConnection) -> int:
    """Rows, rejects and released files that hold an identifier of a canary, plus those that de-identification itself
    left in the canaries' own notes.

    Args:
        connection: holds the views `rows` and `rejected` of the stage.
    """
    hits = 0
    if stage.name == "cleaned_text":
        hits += int(scope.lake.require(stage.name, scope.partition).facts.get("canary_hits", 0))
    for pattern in _patterns(scope):
        for view in ("rows", "rejected"):
            row = connection.execute(
                f"SELECT count(*) FROM {view} AS r WHERE regexp_matches(CAST(r AS VARCHAR), ?)", [pattern]).fetchone()
            hits += int(row[0]) if row else 0
        if stage.name == "dataset_release":
            hits += _in_files(scope.lake.folder("dataset_release") / "waiting", pattern)
    return hits


def _patterns(scope: Scope) -> list[str]:
    names = [scope.partition] if scope.partition else sorted(scope.settings.sources)
    count = scope.settings.deidentification.canaries
    values = [value for name in names if about_patients(replace(scope, partition=name))
              for canary in canaries(name, count) for value in canary.identifiers]
    return ["|".join(map(re.escape, values[i : i + _VALUES_PER_PATTERN]))
            for i in range(0, len(values), _VALUES_PER_PATTERN)]


def _in_files(folder: Path, pattern: str) -> int:
    known = re.compile(pattern)
    return sum(1 for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix in _RELEASED_FILES
               and known.search(file.read_text(encoding="utf-8", errors="replace")))
