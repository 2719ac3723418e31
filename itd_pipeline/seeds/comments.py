"""Comments that authors have put on the cells of a workbook of seeds.

Belongs here: reading them. Does not belong here: merging (`merging.py`).
"""

from __future__ import annotations

import io
import zipfile

from itd_pipeline.seeds.item import normalised_name


def cell_comments(raw: bytes) -> dict[tuple[str, str], str]:
    """(id of the seed, or `row N` where it has none; cell) -> comment. Empty for what is no workbook."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), data_only=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        return {}
    sheet = next((s for s in book.worksheets if s.title.strip().lower() == "seeds"), book.worksheets[0])
    names: dict[int, str] = {}
    found = {}
    for row in sheet.iter_rows():
        if not names:
            names = {cell.column: normalised_name(str(cell.value)) for cell in row if cell.value is not None}
            continue
        seed_id = next((str(c.value).strip() for c in row if c.value is not None and names.get(c.column) == "id"), "")
        for cell in row:
            if cell.comment is not None and cell.column in names:
                found[seed_id or f"row {cell.row}", names[cell.column]] = str(cell.comment.text).strip()
    return found
