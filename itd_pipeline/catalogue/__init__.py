"""Public sources that anyone may use: where they are, whose they are, and what they may be used for.

Belongs in this folder: `catalogue.yaml`, its rules (`entries.py`), and taking one file out of an archive
(`unpacking.py`). Does not belong here: fetching (`network/`), reading (`sources/`). The way in is `load_catalogue`.
"""

from itd_pipeline.catalogue.entries import SHIPPED, Entry, load_catalogue
from itd_pipeline.catalogue.unpacking import take_member

__all__ = ["SHIPPED", "Entry", "load_catalogue", "take_member"]
