"""PDF files, one document each. Belongs here: a file as a document. The text: `pdf_text.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, TurnedAway
from itd_pipeline.sources.outline import Outline
from itd_pipeline.sources.readers.pdf_text import pdf_outline

_MAX_BYTES = 128 * 1024 * 1024


class PdfReader(FileReader):
    """See the module."""

    name = "pdf"
    description = "PDF with text in it, .pdf: one document per file, columns in order, without page furniture."
    options: Mapping[str, str] = {
        **COMMON_OPTIONS,
        "max_bytes": f"largest file in bytes; larger ones are rejected as too_large (default {_MAX_BYTES})",
    }
    suffixes = (".pdf",)
    largest = _MAX_BYTES

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        outline = Outline()
        pages = pdf_outline(file.data, outline)
        if not outline.text:
            yield TurnedAway(file.origin, "no_text", f"pages={pages}, none holds text; scanned pages need OCR first",
                             {"file": file.origin, "bytes": len(file.data), "pages": pages})
            return
        sections = outline.sections
        yield Draft(external_id=file.origin, text=outline.text, origin=file.origin,
                    title=sections[0].title if sections and sections[0].start < 400 else file.stem,
                    attributes={"pages": pages}, sections=sections)
