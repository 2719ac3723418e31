"""The last wall before a model elsewhere: a prompt with an identifier of a canary stops everything.

Belongs here: that check. Who the canaries are stands in `text.canaries`, the policy in `expand.egress`.

Canaries are planted among the notes of patients and never leave de-identification as a passage. One of their
identifiers in a prompt therefore shows that de-identification has failed, and that patients' identifiers are in other
prompts as well: none of that call is sent, and the error says where to look, without the identifier or the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from itd_pipeline.errors import PermanentError
from itd_pipeline.pipeline.deid_gate import about_patients
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import ChatAnswer, ChatModel, ChatRequest
from itd_pipeline.text.canaries import canaries

_VALUES_PER_PATTERN = 500


def canary_patterns(scope: Scope) -> list[re.Pattern[str]]:
    """Patterns of all canaries' identifiers, of every source of patient data in the profile: seeds and passages of one
    source may stand in prompts of another."""
    import re2

    count = scope.settings.deidentification.canaries
    values = [value for name in sorted(scope.settings.sources) if about_patients(replace(scope, partition=name))
              for canary in canaries(name, count) for value in canary.identifiers]
    return [re2.compile("|".join(map(re.escape, values[i : i + _VALUES_PER_PATTERN])))
            for i in range(0, len(values), _VALUES_PER_PATTERN)]


@dataclass(frozen=True)
class Tripwire:
    """A model that lets no canary pass; follows `ports.ChatModel`.

    Args:
        chat: the model.
        patterns: what must not be in a prompt.
    """

    chat: ChatModel
    patterns: list[re.Pattern[str]]

    @property
    def name(self) -> str:
        return self.chat.name

    @property
    def local(self) -> bool:
        return self.chat.local

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.chat.hosts

    def answer(self, requests: Iterable[ChatRequest]) -> Iterator[ChatAnswer]:
        """Raises PermanentError before anything is sent, where any request holds an identifier of a canary."""
        asked = list(requests)
        hit = sum(1 for request in asked if self._holds_canary(request))
        if hit:
            raise PermanentError(
                f"{hit} of {len(asked)} prompts for {self.name} hold an identifier of a canary; none was sent.",
                "De-identification lets identifiers through: look at `itd deid evaluate`, and at seeds that were "
                "copied from patients' notes.")
        return self.chat.answer(asked)

    def _holds_canary(self, request: ChatRequest) -> bool:
        parts = [content for _, content in request.messages] + [request.json_schema or ""]
        return any(pattern.search(part) for pattern in self.patterns for part in parts)
