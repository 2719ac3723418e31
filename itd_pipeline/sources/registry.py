"""All readers by name. To add one: write its file, add its line."""

from __future__ import annotations

from collections.abc import Mapping

from itd_pipeline.sources.delimited import CsvReader
from itd_pipeline.sources.hpo import HpoReader
from itd_pipeline.sources.icd10cm import Icd10cmReader
from itd_pipeline.sources.items import Reader
from itd_pipeline.sources.json_lines import JsonlReader
from itd_pipeline.sources.medquad import MedquadReader
from itd_pipeline.sources.parquet import ParquetReader
from itd_pipeline.sources.prose import ProseReader

_ALL: tuple[Reader, ...] = (
    HpoReader(),
    Icd10cmReader(),
    MedquadReader(),
    ProseReader("markdown", "Markdown or text files with optional YAML front matter: one document per file, at "
                "most 16 MiB.",
                (".md", ".markdown", ".txt"), headings=True),
    ProseReader("text", "Plain text files (.txt) with optional YAML front matter: one document per file, at most "
                "16 MiB.",
                (".txt",), headings=False),
    CsvReader(),
    JsonlReader(),
    ParquetReader(),
)

READERS: Mapping[str, Reader] = {reader.name: reader for reader in _ALL}


def describe_readers() -> list[tuple[str, str]]:
    """(name, description with options) of every reader, for `itd sources --readers`."""
    return [(reader.name, f"{reader.description}{_options(reader)}") for reader in _ALL]


def _options(reader: Reader) -> str:
    return " Options: " + "; ".join(f"{name}: {meaning}" for name, meaning in reader.options.items()) + "."
