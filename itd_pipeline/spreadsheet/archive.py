"""A workbook as bytes that do not depend on the clock."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any

_MADE = datetime.datetime(2000, 1, 1)


def book_bytes(book: Any) -> bytes:
    """XLSX bytes of a workbook of openpyxl, with one fixed time on every member and in the properties."""
    book.properties.creator = "itd_pipeline"
    book.properties.created = book.properties.modified = _MADE
    raw, out = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = old.read(name)
            if name == "docProps/core.xml":
                # openpyxl sets the time of saving.
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content)
            member = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(member, content)
    return out.getvalue()
