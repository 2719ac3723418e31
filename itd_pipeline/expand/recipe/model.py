"""The shape of a recipe file. Belongs here: keys, types and defaults. Not here: reading a file (`loading.py`).

A value that is filled in later is either a *template* (Jinja text, for columns that hold text) or an *expression*
(Jinja without braces, for what gives a list, a number or a quote). Which names they know is said in docs/recipes.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from itd_pipeline.tables import vocabularies as v

NAME = r"^[a-z][a-z0-9_]{0,48}$"
ASKABLE = {"audience": v.AUDIENCE, "age_group": v.AGE_GROUP, "level_of_care": v.LEVEL_OF_CARE,
           "severity": v.SEVERITY, "sex": v.SEX}
"""Columns whose value a prompt may be told, beside `difficulty`."""
TERMS = {**ASKABLE, "specialty": v.SPECIALTY, "question_type": v.QUESTION_TYPE, "jurisdiction": v.JURISDICTION}
"""Columns of a record with a vocabulary that a recipe may fill."""
TEXTS = ("instruction", "input", "output", "rationale")
LISTS = ("codes", "turns")


def in_vocabulary(name: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    """Raises ValueError for a value that is not in the vocabulary, listing what is."""
    for value in values:
        if value not in allowed:
            raise ValueError(f"{name}: {value!r} is not in the vocabulary; allowed: {', '.join(allowed)}")


class Part(BaseModel):
    """A part of a recipe: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fits(Part):
    """Which passages, or which records, a recipe is for. What is left empty fits all.

    Args:
        words: least and most words of the passage.
        readers: readers of the source.
        kinds: values of `kind` in a document's own fields.
        sections: regular expressions, one of which is found in the heading; case does not count.
        not_sections: regular expressions, none of which is found in the heading.
        specialties, audiences, languages: of the passage.
        contains: regular expression that is found in the passage's text.
        patient_data: whether the passage is about a patient.
        tasks, routes: of the parent record, for recipes from records.
    """

    words: tuple[int, int] = (30, 220)
    readers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    not_sections: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    contains: str | None = None
    patient_data: bool | None = None
    tasks: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()

    @field_validator("words")
    @classmethod
    def _ordered(cls, words: tuple[int, int]) -> tuple[int, int]:
        if not 1 <= words[0] <= words[1]:
            raise ValueError("the least and the most words, such as [30, 220]")
        return words

    @field_validator("sections", "not_sections", "contains")
    @classmethod
    def _patterns(cls, value: Any) -> Any:
        for pattern in [value] if isinstance(value, str) else value or ():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _terms(self) -> Fits:
        for name, allowed in (("specialties", v.SPECIALTY), ("audiences", v.AUDIENCE), ("tasks", v.TASK_TYPE),
                              ("routes", v.ROUTE)):
            in_vocabulary(name, getattr(self, name), allowed)
        return self


class Examples(Part):
    """Which seeds a hybrid prompt shows.

    Args:
        count: how many; None for the profile's `examples_per_prompt`.
        tasks: tasks of seeds that come first; the recipe's own task where empty.
        same_task: whether seeds of other tasks are never shown.
        chars: longest instruction, input and output shown, in characters each.
    """

    count: int | None = Field(default=None, ge=0, le=8)
    tasks: tuple[str, ...] = ()
    same_task: bool = False
    chars: int = Field(default=800, ge=40)


class Choice(Part):
    """Options of a multiple-choice record, as expressions over the answer; letters are given by the program.

    Args:
        right: the right option.
        wrong: list of wrong ones.
    """

    right: str
    wrong: str


class Confirm(Part):
    """A second question whose answer must agree before a record stands.

    Args:
        prompt: file of the prompt, beside the recipe.
        role: model role that answers.
        answer: JSON schema of the reply.
        agrees: expression over `reply`, `answer` and, with options, `shown_key`, that must be true.
        tries: how often at most; each try is a request of its own, with another seed and order of options.
        reason: reason code where no try agrees.
    """

    prompt: str
    role: str = "answerer"
    answer: Mapping[str, Any]
    agrees: str
    tries: int = Field(default=8, ge=1, le=8)
    reason: str = Field(default="not_confirmed", pattern=NAME)


class Check(Part):
    """A check that an answer must pass; `itd recipe checks` lists them with their options."""

    name: str
    of: str = Field(default="output", description="Expression, or a column of the record, that is checked.")
    at_least: float | None = None
    at_most: float | None = None
    system: Literal["icd10cm", "hpo"] | None = None


class Quota(Part):
    """How much of a source's requests a recipe takes.

    Args:
        weight: its share beside the other recipes' weights; 0 leaves it to coverage alone.
        per_source: at most so many requests per source and route.
    """

    weight: float = Field(default=1.0, ge=0)
    per_source: int | None = Field(default=None, ge=0)


class Recipe(Part):
    """One recipe, as its file says it. See docs/recipes.md for the meaning of each key.

    Args:
        hash: SHA-256 of `text`, set by the loader.
        text: the recipe file and its prompts as one text, set by the loader; the release carries it.
        sections: (role, template) of the prompt, set by the loader.
        confirm_sections: the same of the second question.
        origin: file, for messages.
    """

    id: str = Field(pattern=NAME)
    version: int = Field(ge=1)
    title: str = Field(min_length=3)
    task: str
    routes: tuple[Literal["synthetic", "hybrid"], ...] = Field(min_length=1)
    source: Literal["passages", "records"] = Field(default="passages", alias="from")
    reads: Literal["any", "small"] = "any"
    role: str = Field(default="writer", pattern=NAME)
    max_tokens: int | None = Field(default=None, ge=16)
    temperature: float | None = Field(default=None, ge=0, le=2)
    prompt: str
    excerpt_words: int = Field(default=400, ge=20)
    fits: Fits = Fits()
    asks: Mapping[str, tuple[str | int, ...]] = Field(default_factory=dict)
    examples: Examples = Examples()
    answer: Mapping[str, Any]
    choice: Choice | None = None
    confirm: Confirm | None = None
    evidence: tuple[str, ...] = Field(min_length=1)
    record: Mapping[str, str | int]
    checks: tuple[Check, ...] = ()
    echoes: tuple[str, ...] = ()
    quota: Quota = Quota()

    hash: str = ""
    text: str = ""
    sections: tuple[tuple[str, str], ...] = ()
    confirm_sections: tuple[tuple[str, str], ...] = ()
    origin: str = ""

    @field_validator("task")
    @classmethod
    def _task(cls, task: str) -> str:
        in_vocabulary("task", (task,), v.TASK_TYPE)
        return task

    @field_validator("checks", mode="before")
    @classmethod
    def _short(cls, checks: Any) -> Any:
        """A check without options may be written as its name."""
        return [{"name": c} if isinstance(c, str) else c for c in checks] if isinstance(checks, list) else checks

    @field_validator("asks")
    @classmethod
    def _asks(cls, asks: Mapping[str, tuple[str | int, ...]]) -> Mapping[str, tuple[str | int, ...]]:
        for name, values in asks.items():
            if name == "difficulty":
                if not all(isinstance(value, int) and 1 <= value <= 5 for value in values):
                    raise ValueError("difficulty: whole numbers from 1 to 5")
            elif name in ASKABLE:
                in_vocabulary(name, tuple(map(str, values)), ASKABLE[name])
            else:
                raise ValueError(f"{name!r} cannot be asked for; allowed: difficulty, {', '.join(ASKABLE)}")
            if not values:
                raise ValueError(f"{name}: name at least one value, or leave the key out")
        return asks

    @field_validator("record")
    @classmethod
    def _record(cls, record: Mapping[str, str | int]) -> Mapping[str, str | int]:
        allowed = (*TEXTS, *TERMS, "difficulty", *LISTS)
        for name, value in record.items():
            if name not in allowed:
                raise ValueError(f"{name!r} is no column that a recipe fills; allowed: {', '.join(allowed)}")
            if name in TERMS and "{" not in str(value):
                in_vocabulary(name, (str(value),), TERMS[name])
        if "turns" in record and "input" in record:
            raise ValueError("'input' is the transcript of 'turns' and written by the program: leave it out")
        if missing := [name for name in ("instruction", "output") if name not in record]:
            raise ValueError(f"{missing[0]!r} is missing: a record needs an instruction and an output")
        return record

    @property
    def label(self) -> str:
        """Name and version, as it stands in a record."""
        return f"{self.id}@{self.version}"

    def literal(self, column: str) -> str | int | None:
        """A column's value where it is the same for every record of the recipe, else None."""
        value = self.record.get(column)
        return None if isinstance(value, str) and "{" in value else value
