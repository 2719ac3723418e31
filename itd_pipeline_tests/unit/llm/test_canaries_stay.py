"""No identifier of 500 canaries reaches a server that is not this machine, whatever stands in its way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.expand.egress import refusal
from itd_pipeline.pipeline.tripwire import Tripwire
from itd_pipeline.ports import ChatAnswer, ChatRequest
from itd_pipeline.text.canaries import canaries

CANARIES = list(canaries("notes", 500))
PATTERNS = [re.compile("|".join(re.escape(v) for c in CANARIES for v in c.identifiers))]


class Elsewhere:
    """A model elsewhere that records what it is sent."""

    name, local, hosts = "openai/elsewhere", False, ("llm.hospital.example",)

    def __init__(self) -> None:
        self.sent: list[ChatRequest] = []

    def answer(self, requests: Iterator[ChatRequest]) -> Iterator[ChatAnswer]:
        for request in requests:
            self.sent.append(request)
            yield ChatAnswer("id", "fine", "stop")


def asked(text: str) -> ChatRequest:
    return ChatRequest((("system", "You write questions."), ("user", f"Passage:\n<<<\n{text}\n>>>")))


def test_every_raw_note_is_refused_by_the_scan_of_the_exact_prompt() -> None:
    source = settings.Source(reader="markdown", licence="CC0-1.0", patient_data=True, model_use="any")
    passed = [c.key for c in CANARIES if refusal(asked(c.note), source, True, local=False) is None]
    assert passed == []


def test_every_single_identifier_stops_the_call_before_anything_is_sent() -> None:
    model = Elsewhere()
    guarded = Tripwire(model, PATTERNS)
    for canary in CANARIES:
        for value in canary.identifiers:
            with pytest.raises(PermanentError, match="1 of 2 prompts") as caught:
                list(guarded.answer([asked("Gout is a painful arthritis."), asked(f"This is about {value} and gout.")]))
            assert value not in str(caught.value)
    assert model.sent == []


def test_other_prompts_pass() -> None:
    model = Elsewhere()
    assert [a.text for a in Tripwire(model, PATTERNS).answer([asked("Gout is a painful arthritis.")])] == ["fine"]


@pytest.mark.parametrize(("hosts", "named", "why"), [
    (("a.example",), ("a.example",), None), (("a.example", "b.example"), ("a.example",), "b.example"),
    (("anthropic",), ("anthropic", "a.example"), None), (("a.example",), (), None),
])
def test_a_source_names_the_hosts_that_may_get_its_text(
    hosts: tuple[str, ...], named: tuple[str, ...], why: str | None,
) -> None:
    source = settings.Source(reader="markdown", licence="CC0-1.0", model_use="any", model_hosts=named)
    found = refusal(asked("Gout."), source, False, local=False, hosts=hosts)
    assert (found is None) if why is None else (found is not None and why in found)
    assert refusal(asked("Gout."), source, False, local=True) is None
