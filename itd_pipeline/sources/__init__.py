"""Readers that turn a source into documents (`tables/documents.py`). To read a source: `read_source`.

Belongs in this folder: formats and what can be wrong with files. Does not belong here: cleaning, thresholds on
text, anything about storage or Dagster. Way in: `reading.py`, then `registry.py`, then one reader.
"""

from itd_pipeline.sources.items import Draft, Intake, Item, Reader, SourceFile, TurnedAway
from itd_pipeline.sources.reading import read_source, source_files
from itd_pipeline.sources.registry import READERS, describe_readers

__all__ = [
    "READERS",
    "Draft",
    "Intake",
    "Item",
    "Reader",
    "SourceFile",
    "TurnedAway",
    "describe_readers",
    "read_source",
    "source_files",
]
