"""Readers that turn a source into documents (`tables/documents.py`). To read a source: `read_source`.

Belongs in this folder: formats and what can be wrong with files. Does not belong here: cleaning, thresholds on
text, anything about storage or Dagster. Way in: `reading.py`, then `registry.py`, then one file of `readers/`;
`files/` opens files and archives safely.
"""

from itd_pipeline.sources.items import Draft, Intake, Item, Reader, Section, SourceFile, TurnedAway
from itd_pipeline.sources.reading import read_source, source_files
from itd_pipeline.sources.registry import describe_readers, readers

__all__ = [
    "Draft",
    "Intake",
    "Item",
    "Reader",
    "Section",
    "SourceFile",
    "TurnedAway",
    "describe_readers",
    "read_source",
    "readers",
    "source_files",
]
