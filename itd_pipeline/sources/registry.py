"""All readers by name: those of this package, and those that other packages announce.

Belongs here: the list. To add a reader to this package: write its file in `readers/`, add its line. To add one from a
package of your own: an entry point in the group `itd_pipeline.readers`, named like the reader, that gives a class or
function without parameters which makes it.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from functools import cache

from itd_pipeline.errors import ConfigError
from itd_pipeline.sources.items import Reader
from itd_pipeline.sources.readers.ccda import CcdaReader
from itd_pipeline.sources.readers.citations import CitationsReader, PubtatorReader
from itd_pipeline.sources.readers.cnxml import CnxmlReader
from itd_pipeline.sources.readers.delimited import CsvReader
from itd_pipeline.sources.readers.docx import DocxReader
from itd_pipeline.sources.readers.fhir import FhirReader
from itd_pipeline.sources.readers.hpo import HpoReader
from itd_pipeline.sources.readers.html_pages import HtmlReader
from itd_pipeline.sources.readers.icd10cm import Icd10cmReader
from itd_pipeline.sources.readers.jats import JatsReader
from itd_pipeline.sources.readers.json_lines import JsonlReader
from itd_pipeline.sources.readers.medlineplus import MedlineplusReader
from itd_pipeline.sources.readers.medquad import MedquadReader
from itd_pipeline.sources.readers.openfda import OpenfdaReader
from itd_pipeline.sources.readers.parquet import ParquetReader
from itd_pipeline.sources.readers.pdf import PdfReader
from itd_pipeline.sources.readers.prose import ProseReader
from itd_pipeline.sources.readers.pubmed import PubmedReader
from itd_pipeline.sources.readers.spl import SplReader
from itd_pipeline.sources.readers.spreadsheets import XlsxReader

ENTRY_POINTS = "itd_pipeline.readers"
_OURS: tuple[Reader, ...] = (
    HpoReader(),
    Icd10cmReader(),
    MedquadReader(),
    JatsReader(),
    PubmedReader(),
    CitationsReader(),
    PubtatorReader(),
    SplReader(),
    OpenfdaReader(),
    MedlineplusReader(),
    CnxmlReader(),
    FhirReader(),
    CcdaReader(),
    HtmlReader(),
    PdfReader(),
    DocxReader(),
    ProseReader("markdown", "Markdown or text files with optional YAML front matter: one document per file, at "
                "most 16 MiB.",
                (".md", ".markdown", ".txt"), headings=True),
    ProseReader("text", "Plain text files (.txt) with optional YAML front matter: one document per file, at most "
                "16 MiB.",
                (".txt",), headings=False),
    CsvReader(),
    XlsxReader(),
    JsonlReader(),
    ParquetReader(),
)


@cache
def readers() -> Mapping[str, Reader]:
    """Every reader by its name: ours first, then those of other packages in order of their names.

    Raises:
        ConfigError: another package's reader cannot be made, or takes a name that is there already.
    """
    found: dict[str, Reader] = {reader.name: reader for reader in _OURS}
    for point in sorted(importlib.metadata.entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        where = f"The reader {point.name!r} of the package {point.dist.name if point.dist else 'unknown'}"
        if point.name in found:
            raise ConfigError(f"{where} has a name that is taken.", "Rename its entry point, or uninstall the package.")
        try:
            reader = point.load()()
        except Exception as error:  # a foreign package may fail in any way; the message names it
            raise ConfigError(f"{where} cannot be loaded ({type(error).__name__}).",
                              "Mend or uninstall the package.") from error
        found[point.name] = reader
    return found


def describe_readers() -> list[tuple[str, str]]:
    """(name, description with options) of every reader, for `itd sources --readers`."""
    return [(name, f"{reader.description}{_options(reader)}") for name, reader in readers().items()]


def _options(reader: Reader) -> str:
    return " Options: " + "; ".join(f"{name}: {meaning}" for name, meaning in reader.options.items()) + "."
