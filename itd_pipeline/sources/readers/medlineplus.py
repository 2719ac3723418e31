"""MedlinePlus health topics in XML (the National Library of Medicine's yearly and daily files): one per topic.

Belongs here: a topic as a document. Summaries are HTML inside XML text; the text of links to other sites is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.found import FileReader, FoundFile
from itd_pipeline.sources.files.safe_xml import local_name, parse_xml
from itd_pipeline.sources.files.streams import FileProblem
from itd_pipeline.sources.items import Draft, TurnedAway
from itd_pipeline.sources.outline import Outline
from itd_pipeline.sources.readers.html_pages import fragment
from itd_pipeline.sources.readers.markup import flow, words

_LANGUAGES = {"English": "en", "Spanish": "es"}


class MedlineplusReader(FileReader):
    """See the module."""

    name = "medlineplus"
    description = "MedlinePlus health topics in XML, .xml or zips of it: one document per topic with a summary."
    suffixes = (".xml",)

    def documents(self, source: Source, file: FoundFile) -> Iterator[Draft | TurnedAway]:
        root = parse_xml(file.data)
        if local_name(root) != "health-topics":
            raise FileProblem("other_layout", f"the root is {local_name(root)}")
        for position, topic in enumerate(root.iterchildren("{*}health-topic"), start=1):
            yield _topic(topic, f"{file.origin}#{position}")


def _topic(topic: Any, origin: str) -> Draft | TurnedAway:
    outline = Outline()
    summary = topic.find("{*}full-summary")
    if summary is not None:
        html = "".join(summary.itertext())
        flow(fragment(html) if len(summary) == 0 else summary, outline)
    identity, title = topic.get("id") or "", topic.get("title") or ""
    attributes = {
        "also_called": [words(e) for e in topic.iterchildren("{*}also-called")],
        "groups": [words(e) for e in topic.iterchildren("{*}group")],
        "mesh": [words(e) for e in topic.iterfind("{*}mesh-heading/{*}descriptor")],
        "institute": words(topic.find("{*}primary-institute")), "description": topic.get("meta-desc") or "",
    }
    attributes = {key: value for key, value in attributes.items() if value}
    if not outline.text:
        return TurnedAway(origin, "no_text", "no summary", {"external_id": identity, "title": title,
                                                            "attributes": attributes})
    language = topic.get("language") or ""
    created = (topic.get("date-created") or "").split("/")
    return Draft(
        external_id=identity or origin, text=outline.text, origin=origin, title=title, url=topic.get("url"),
        language=_LANGUAGES.get(language, language or None), audience="patient",
        evidence_date=f"{created[2]}-{created[0]}-{created[1]}" if len(created) == 3 else None,
        attributes=attributes, sections=outline.sections,
    )
