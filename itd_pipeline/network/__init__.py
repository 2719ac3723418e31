"""The one place that opens connections to fetch files. The way in is `download`.

Belongs in this folder: addresses that may be asked, one file over HTTP, its receipt. Does not belong here: which files
there are (`catalogue/`), and models (`llm/`). Nothing here runs unless a person asked for it.
"""

from itd_pipeline.network.downloading import download
from itd_pipeline.network.receipt import Receipt, read_receipt, receipt_path

__all__ = ["Receipt", "download", "read_receipt", "receipt_path"]
