"""Prompts: versioned files in `prompts/`, each with a YAML head and one section per message.

Belongs here: reading and rendering them. Does not belong here: which passage goes into which prompt
(`model_route.py`). A prompt's hash is the SHA-256 of its file: change a character and every request is a new one.

Head: `id`, `version`, `route` (synthetic or hybrid), `reads` (`small` for the carried model, `any` for others),
`task_type`, `audience`, `excerpt_words` (longest stretch of the passage shown), `quote` (`sentence`: the schema
offers the excerpt's sentences, so that a quote is verbatim by construction; `free`: any words), `question_chars` and
`answer_chars` (longest in characters), `example_chars` (longest expert's answer shown), `example_question` (of the
prompt itself, to tell an echo). Sections open with `[system]`, `[user]` or `[assistant]` on a line of its own; they are
parted before anything is filled in, so no passage can open one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

_SECTION = re.compile(r"^\[(system|user|assistant)\]\n", re.MULTILINE)
QUOTE_CHARS = 600


@dataclass(frozen=True)
class Prompt:
    """One prompt file. See the module for the keys of its head."""

    id: str
    version: int
    route: Literal["synthetic", "hybrid"]
    reads: Literal["small", "any"]
    task_type: str
    audience: str
    excerpt_words: int
    quote: Literal["sentence", "free"]
    question_chars: int
    answer_chars: int
    hash: str
    sections: tuple[tuple[str, str], ...]
    example_chars: int = 400
    example_question: str = ""

    @property
    def label(self) -> str:
        """Name and version, as it stands in a record."""
        return f"{self.id}@{self.version}"

    def messages(
        self, title: str, section: str, excerpt: str, examples: Sequence[tuple[str, str]] = (),
    ) -> tuple[tuple[str, str], ...]:
        """(role, content) pairs with the blanks filled in; `examples` are (instruction, output) pairs."""
        from jinja2 import Environment, StrictUndefined

        environment = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
        blanks: dict[str, Any] = {
            "title": title or "this subject", "section": section, "excerpt": excerpt,
            "examples": [{"instruction": i, "output": clip(o, self.example_chars)} for i, o in examples],
        }
        return tuple((role, environment.from_string(body).render(blanks).strip()) for role, body in self.sections)

    def schema(self, sentences: Sequence[str]) -> str:
        """JSON schema of the answer. Its keys keep their order: a model that is held to it quotes first.

        Args:
            sentences: sentences of the excerpt, offered as quotes where the prompt asks for one.
        """
        quote: dict[str, Any] = {"type": "string", "minLength": 10, "maxLength": QUOTE_CHARS}
        if self.quote == "sentence" and sentences:
            quote = {"type": "string", "enum": list(sentences)}
        return json.dumps({
            "type": "object",
            "properties": {
                "quote": quote,
                "question": self._text(_ONE_QUESTION, self.question_chars),
                "answer": self._text(_ONE_SENTENCE, self.answer_chars),
            },
            "required": ["quote", "question", "answer"],
            "additionalProperties": False,
        }, ensure_ascii=False)

    def _text(self, pattern: str, chars: int) -> dict[str, Any]:
        """A small model rambles: its grammar ends with the first question mark or full stop. None is forced on it:
        where it does not come to an end, the answer is truncated and says so."""
        if self.reads == "small":
            return {"type": "string", "pattern": pattern.format(chars=chars)}
        return {"type": "string", "minLength": 10, "maxLength": chars}


_ONE_QUESTION = r'^(What|Why|How|Which|When|Who|Where|Is|Are|Can|Does) [^"\\\n?]{{8,{chars}}}\?$'
_ONE_SENTENCE = r'^([^"\\\n.]|\.[0-9]){{10,{chars}}}\.$'


def clip(text: str, chars: int) -> str:
    """`text` up to `chars` characters, cut after a sentence where one ends there, else after a word."""
    if len(text) <= chars:
        return text
    head = text[:chars]
    end = max(head.rfind(". "), head.rfind(".\n"))
    return head[: end + 1] if end > chars // 3 else head[: head.rfind(" ")].rstrip() + " …"


@cache
def all_prompts() -> tuple[Prompt, ...]:
    """Every prompt of the package, by file name."""
    folder = resources.files("itd_pipeline.expand") / "prompts"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".jinja")), key=lambda f: f.name)
    return tuple(parse_prompt(f.read_bytes()) for f in files)


def parse_prompt(raw: bytes) -> Prompt:
    """A prompt from the bytes of its file."""
    _, head, body = raw.decode("utf-8").split("---\n", 2)
    parts = _SECTION.split(body)
    sections = tuple((parts[i], parts[i + 1]) for i in range(1, len(parts), 2))
    return Prompt(**yaml.safe_load(head), hash=hashlib.sha256(raw).hexdigest(), sections=sections)


def prompts_for(route: str, model_name: str) -> tuple[Prompt, ...]:
    """The prompts of a route that suit a model: the carried one (`local/...`) needs them short and simple."""
    reads = "small" if model_name.startswith("local/") else "any"
    return tuple(p for p in all_prompts() if p.route == route and p.reads == reads)
