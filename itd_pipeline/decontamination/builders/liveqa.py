"""LiveQA-Med, TREC 2017 (Ben Abacha et al. 2017): consumers' questions with reference answers, as XML.

The prompt is subject and message; NIST's paraphrase and NLM's summary of it are looked for, too, and each reference
answer on its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from itd_pipeline.decontamination.builders.draft import Builder, Draft, FormatError, references
from itd_pipeline.decontamination.builders.files import Row, content

_RESTATED = (("NIST-PARAPHRASE", "paraphrase"), ("NLM-Summary", "summary"))


def _no_rows(_: Sequence[Row]) -> Iterator[Draft]:
    raise FormatError("this benchmark is XML")


def _build(path: Path) -> Iterator[Draft]:
    from defusedxml import ElementTree

    try:
        root = ElementTree.fromstring(content(path))
    except ElementTree.ParseError as error:
        raise FormatError(f"it is not well-formed XML (line {error.position[0]})") from error
    questions = list(root.iter("NLM-QUESTION"))
    if not questions:
        raise FormatError("there is no element NLM-QUESTION")
    for number, question in enumerate(questions, start=1):
        asked = " ".join(_inside(question, f".//Original-Question/{name}") for name in ("SUBJECT", "MESSAGE"))
        restated = [(name, found) for tag, name in _RESTATED if (found := _inside(question, tag))]
        answers = [" ".join("".join(answer.itertext()).split()) for answer in question.iter("ANSWER")]
        yield Draft(question.get("qid") or str(number), asked.strip(), more=(*restated, *references("answer", answers)))


def _inside(element: object, path: str) -> str:
    found = element.find(path)  # type: ignore[attr-defined]
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


LIVEQA = Builder("LiveQA-Med, TREC 2017: the XML of questions with reference answers", _no_rows, suffixes=(".xml",),
                 build_file=_build)
