"""What must hold before a release leaves: it is sound, holds no patient data, and is no draft unless that was said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from itd_pipeline.errors import ConfigError, PermanentError
from itd_pipeline.release import verify_release


def may_be_pushed(folder: Path, draft: bool) -> dict[str, Any]:
    """Facts of the release in `folder`.

    Args:
        draft: whether the caller has said that a draft may leave.

    Raises:
        ConfigError: it is no release, or a draft and nobody said so.
        PermanentError: it is not sound, or rests on patient data.
    """
    problems = verify_release(folder)
    if problems:
        raise PermanentError(f"{folder.name} is not pushed: {problems[0]} ({len(problems)} problems)",
                             "`itd release verify` lists all. Build it again.")
    facts: dict[str, Any] = json.loads((folder / "RELEASE.json").read_bytes())
    # Counted in the rows themselves, not believed of the facts.
    marked = sum(sum(pq.ParquetFile(path).read(["patient_data"]).column(0).to_pylist())
                 for path in sorted(folder.glob("data/*.parquet")))
    if marked or facts["patient_data_rows"]:
        raise PermanentError(f"{folder.name} is not pushed: {marked} of its records rest on patient data, and patient "
                             "data never leaves by this way.",
                             "Set release.allow_patient_data to false and build again, or hand it over in person.")
    if facts["status"] != "reviewed" and not draft:
        raise ConfigError(f"{folder.name} is a draft: experts have not reviewed it.",
                          "Say so with --draft, or finish the review; `review.gate` says what is wanted.")
    return facts
