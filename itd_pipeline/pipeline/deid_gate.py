"""The gate before patient data is cleaned: a passing evaluation of de-identification, where the profile demands it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itd_pipeline.deid_evaluation.verdict import NAME, shortfalls
from itd_pipeline.errors import SourceError
from itd_pipeline.pipeline.deid_recognisers import recogniser_versions
from itd_pipeline.pipeline.fingerprint import code_version
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import sha256_of, write_atomically

PATIENT_DOCUMENTS = "patient_documents"
"""Fact of `raw_sources`: how many of its documents are about patients."""


def about_patients(scope: Scope) -> bool:
    """Whether the source at hand is about patients: because the profile says so, or because its documents do. FHIR
    and C-CDA name their patients whatever the profile says."""
    if scope.source.patient_data:
        return True
    manifest = scope.lake.manifest("raw_sources", scope.partition)
    return manifest is not None and int(manifest.facts.get(PATIENT_DOCUMENTS, 0)) > 0


def code_measured(settings: Settings) -> str:
    """Version of what finds identifiers, code and further recognisers: a changed one needs another evaluation."""
    others = [f"{name} {version}" for name, version in recogniser_versions(settings).items()]
    return "; ".join([code_version(("text",)), *others])


def digest_of(gold: Path) -> str:
    """SHA-256 of a gold file, or of the names and hashes of the files of a folder."""
    if gold.is_file():
        return sha256_of(gold)
    files = sorted(file for file in gold.rglob("*") if file.is_file())
    lines = [f"{file.relative_to(gold).as_posix()} {sha256_of(file)}" for file in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def keep_verdict(settings: Settings, verdict: Mapping[str, Any]) -> Path:
    """Store the verdict in the lake and return its file."""
    path = settings.lake_path / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(verdict, indent=1, sort_keys=True).encode())
    return path


def held_verdict(settings: Settings) -> Mapping[str, Any] | None:
    """The stored verdict; None where there is none or it cannot be read."""
    try:
        found = json.loads((settings.lake_path / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def demand_evaluation(settings: Settings, source: str) -> None:
    """Raise SourceError where the profile demands an evaluation that is not there or does not pass."""
    short = shortfalls(held_verdict(settings), settings.deidentification.required_recall,
                       code_measured(settings))
    if short:
        raise SourceError(
            f"{source} is about patients, and de-identification has not shown the recall that the profile demands: "
            f"{'; '.join(short)}.",
            "Run `itd deid evaluate GOLD --save` with texts of your own in which every identifier is marked.")
