"""A gate closes only where its pattern cannot match."""

from __future__ import annotations

from dataclasses import replace

import pytest

from itd_pipeline.text.deidentify import RECOGNISERS
from itd_pipeline.text.identifiers import names
from itd_pipeline.text.identifiers.finding import Rule, RuleRecogniser, gated
from itd_pipeline.text.identifiers.gates import has, lower_case, shaped, views
from itd_pipeline_tests.conftest import ROOT

NOTES = sorted((ROOT / "data").rglob("*.md"))
LITERALS = """Call 555-0142 or fax: 020 7946 0958. IP 192.168.100.7, fe80:0:0:0:202:b3ff:fe1e:8329, jo@example.org
Plate AB12 CDE; SW1A 1AA; card 4111 1111 1111 1111; SSN 123-45-6789; NI number QQ 12 34 56 C; PIN 98I1234E
Seen 3/14, 12.03.24, 2024-03-12, 03/2024, 01/02, May 2023, on the 4th, last Friday; born 1931; age 93
his 95th birthday; Dr
Brown, Mrs and Mr Lark, DRS Lane and Moss, Nurse Joy, J. Doe, RN; "Bud" Fox; cc: A. Lee MD, PhD; Sincerely,
K. Poe"""


def texts() -> list[str]:
    return [LITERALS, *LITERALS.splitlines(), *(note.read_text(encoding="utf-8") for note in NOTES)]


def test_patterns_find_the_same_without_gates() -> None:
    for recogniser in RECOGNISERS:
        if isinstance(recogniser, RuleRecogniser):
            bare = RuleRecogniser(tuple(replace(rule, gate=None) for rule in recogniser.rules))
            for text in texts():
                assert sorted(recogniser.find(text)) == sorted(bare.find(text))


def test_names_are_the_same_without_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    gated_names = [sorted(names.NameRecogniser().find(text)) for text in texts()]
    bare = tuple(replace(rule, gate=None) for rule in names._rules())
    monkeypatch.setattr(names, "_rules", lambda: bare)
    assert gated_names == [sorted(names.NameRecogniser().find(text)) for text in texts()]


def test_views() -> None:
    seen = views("İstanbul: call 020 7946 0958 or AB12 CDE")
    assert len(seen.lowered) == len(seen.text)
    assert seen.numerics.splitlines() == ["020 7946 0958", "AB12"]
    assert has("call")(seen)
    assert not has("fax")(seen)
    assert shaped(r"\d{3} \d{4}")(seen)
    assert lower_case("ABC") == "abc"


def test_a_gate_of_no_rule_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        gated((Rule("one", "id", names.TITLE_AT_START),), {"nothing": has("x")})
