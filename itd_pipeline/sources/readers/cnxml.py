"""Textbook modules in CNXML (OpenStax): one document per module.

Belongs here: a module's title, identity and glossary. Does not belong here: its paragraphs (`markup.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from itd_pipeline.licensing.statements import from_statement
from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import Outline
from itd_pipeline.sources.readers.markup import flow, words


class CnxmlReader(FileReader):
    """See the module."""

    name = "cnxml"
    description = "Textbook modules in CNXML (OpenStax), .cnxml: one document per module."
    suffixes = (".cnxml",)

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        root = parse_xml(file.data)
        content = root.find("{*}content")
        if local_name(root) != "document" or content is None:
            raise FileProblem("other_layout", f"no module; the root is {local_name(root)}")
        metadata = root.find("{*}metadata")
        identity = "" if metadata is None else words(metadata.find("{*}content-id"))
        title = words(root.find("{*}title")) or ("" if metadata is None else words(metadata.find("{*}title")))
        outline = Outline()
        flow(content, outline)
        outline.close()
        glossary = root.find("{*}glossary")
        if glossary is not None:
            outline.heading("Glossary")
            flow(glossary, outline)
        attributes = {} if metadata is None else {
            name: value for name in ("uuid", "revised", "abstract") if (value := words(metadata.find(f"{{*}}{name}")))}
        row = {"external_id": identity or file.origin, "title": title, "attributes": attributes}
        if not outline.text:
            yield TurnedAway(file.origin, "no_text", "the module has no text", row)
            return
        licence = None if metadata is None else metadata.find("{*}license")
        stated = None if licence is None else (licence.get("url") or words(licence))
        yield Draft(
            external_id=identity or file.origin, text=outline.text, origin=file.origin, title=title,
            language=None if metadata is None else words(metadata.find("{*}language")) or None,
            licence=(from_statement(stated) or stated) if stated else None, attributes=attributes,
            sections=outline.sections,
        )
