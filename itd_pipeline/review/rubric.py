"""The rubric: what reviewers are asked, read from YAML, frozen.

Belongs here: the shape of a rubric and what makes one valid. Does not belong here: its words (`data/rubric.yaml`)
or how it looks in a spreadsheet (`sheet.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, ValidationError, model_validator

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Section
from itd_pipeline.tables.vocabularies import DECISION

_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Label = Annotated[str, Field(min_length=1, max_length=40)]
_Words = Annotated[str, Field(min_length=1, max_length=250)]

RESERVED_LABELS = ("Assignment", "Key", "No.", "Audience", "Instruction", "Input", "Output", "Rationale", "Evidence",
                   "Extent of harm", "Likelihood of harm", "Decision", "Error tags", "Comment", "Correction")
"""Column headings of the spreadsheet that no gate or axis may use."""


class Gate(Section):
    """A question answered yes or no; one no makes the record defective."""

    id: _Id
    label: _Label
    question: _Words


class Axis(Section):
    """A quality from 1 (worst) to 5 (best), each step in words."""

    id: _Id
    label: _Label
    question: _Words
    anchors: tuple[_Words, _Words, _Words, _Words, _Words]


class Choice(Section):
    """An error tag or a decision."""

    id: _Id
    meaning: _Words


class Harm(Section):
    """How badly someone who follows the record could be hurt, and how likely that is; each in steps, least first."""

    extent: Annotated[tuple[Choice, ...], Field(min_length=2)]
    likelihood: Annotated[tuple[Choice, ...], Field(min_length=2)]


class Rubric(Section):
    """Everything a reviewer is asked about one record."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    title: _Words
    gates: Annotated[tuple[Gate, ...], Field(min_length=1)]
    axes: tuple[Axis, ...]
    harm: Harm | None = None
    error_tags: tuple[Choice, ...]
    decisions: tuple[Choice, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Rubric:
        if tuple(c.id for c in self.decisions) != DECISION:
            raise ValueError(f"decisions must be {', '.join(DECISION)}, in this order")
        for name, ids in (
            ("gates and axes", [*(g.id for g in self.gates), *(a.id for a in self.axes)]),
            ("error_tags", [i.id for i in self.error_tags]),
            ("harm.extent", [i.id for i in self.harm.extent] if self.harm else []),
            ("harm.likelihood", [i.id for i in self.harm.likelihood] if self.harm else []),
        ):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{name}: id {twice[0]!r} stands twice")
        labels = [label.casefold() for label in (*(g.label for g in self.gates), *(a.label for a in self.axes))]
        taken = sorted({x for x in labels if labels.count(x) > 1 or x in {r.casefold() for r in RESERVED_LABELS}})
        if taken:
            raise ValueError(f"label {taken[0]!r} stands twice or is the name of another column")
        return self


def load_rubric(path: Path) -> Rubric:
    """Read a rubric.

    Raises:
        ConfigError: the file is missing, not YAML, or not a valid rubric; every wrong place is named.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"There is no rubric {path.name!r}.", "Set review.rubric in the profile to its path.") \
            from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{path.name}{where}: not readable as YAML.", "Mend the syntax there.") from error
    except OSError as error:
        raise ConfigError(f"{path.name}: {error.strerror}.", "Set review.rubric to a readable file.") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path.name}: a rubric is a mapping.", "See data/rubric.yaml.")
    try:
        return Rubric(**content)
    except (ValidationError, TypeError) as error:
        found = error.errors() if isinstance(error, ValidationError) else []
        wrong = "; ".join(f"{'.'.join(str(p) for p in e['loc']) or 'rubric'}: {e['msg']}" for e in found)
        raise ConfigError(f"{path.name}: {wrong or 'a key is not a word'}.",
                          f"Keys: {', '.join(Rubric.model_fields)}; see data/rubric.yaml.") from error
