"""What is read: the dataset's name, its sources, the experts' files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from itd_pipeline.settings.section import Section, not_blank


class Dataset(Section):
    """What the released dataset is called."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,48}$", description="Name of the dataset; starts each version.")
    title: str = Field(description="Title on the dataset card.")
    description: str = Field(description="One paragraph for the card: what is in it and for whom.")
    publisher: str = Field(default="", description="Who publishes it; empty says so on the card.")


class Source(Section):
    """One source of documents. Readers list their own `options`: `itd sources --readers`."""

    reader: str = Field(description="Reader that understands the files; `itd sources --readers` lists them.")
    path: Path | None = Field(default=None, description="File, folder or archive (.tar.gz, .zip). Readers of package "
                              "data need none.")
    licence: str = Field(min_length=1, description="SPDX identifier or declared custom licence (`LicenseRef-...`) "
                         "of documents that do not declare their own.")
    attribution: str = Field(default="", description="Whom the licence asks to name, in the words that it asks for; "
                             "printed on the dataset card.")
    owner: str = Field(default="", description="Who answers for it: a team or a mail address. Shown in the Dagster UI "
                       "and in the report.")
    language: str = Field(default="en", description="Language of the source (ISO 639-1).")
    specialty: str = Field(default="unspecified", description="Specialty of documents that do not declare their own.")
    audience: str = Field(default="unspecified", description="Audience of documents that do not declare their own.")
    patient_data: bool = Field(default=False, description="Text about patients: de-identified before anything else.")
    model_use: Literal["any", "local_only", "none"] = Field(
        default="local_only",
        description="Which models may see its text: any, only models on this machine, or none. Patient data goes "
        "to a model elsewhere only with `any` and only after a scan of the exact prompt.")
    model_hosts: tuple[str, ...] = Field(default=(), description="Hosts (`llm.hospital.example`), or providers that "
                                         "litellm reaches by itself (`anthropic`), that may get its text. Empty: any "
                                         "that `model_use` allows. Models on this machine need no entry.")
    retrieved_on: str | None = Field(default=None, description="ISO date on which you fetched it.")
    limit: int | None = Field(default=None, ge=1, description="Read at most so many documents: the first ones in "
                              "order. Null for all.")
    routes: tuple[Literal["converted", "template", "synthetic", "hybrid"], ...] = Field(
        default=(), description="How records are made from it.")
    columns: Mapping[str, str] = Field(default_factory=dict, description="For tables (csv, xlsx, jsonl, parquet): "
                                       "document field -> column name.")
    options: Mapping[str, Any] = Field(default_factory=dict, description="Further options of the reader.")

    _paths = field_validator("path", mode="before")(not_blank)


class Seeds(Section):
    """Where experts' records are read from."""

    paths: tuple[Path, ...] = Field(default=(), description="Files or folders of YAML, JSONL, CSV or XLSX.")

    _paths = field_validator("paths", mode="before")(not_blank)
