"""Entries of a catalogue: one YAML file, checked whole before anything of it is used.

Belongs here: what an entry must say. Does not belong here: opening addresses.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Source
from itd_pipeline.tables.vocabularies import AUDIENCE

SHIPPED = Path(__file__).with_name("catalogue.yaml")
_NAME = r"^[a-z][a-z0-9_]{0,48}$"
_FILE = r"^[A-Za-z0-9][A-Za-z0-9._{}-]{0,119}$"
_LICENCE = r"^[A-Za-z0-9][A-Za-z0-9.+ ()-]{0,119}$"
_SHA256 = r"^[0-9a-f]{64}$"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Entry(BaseModel):
    """One public source.

    Fields:
        address: https; `{date}` in it stands for the day that the person names.
        file: name under which it is kept.
        member: pattern of the one file inside a zip that the reader takes; empty where it takes the archive itself.
        checksum: `pinned` with `sha256`, or `recorded` by the first download.
        terms: in a sentence; `notes`: what may go wrong.
        Others: as in `settings.Source`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=_NAME)
    title: str = Field(min_length=1)
    reader: str = Field(pattern=_NAME)
    address: str
    file: str = Field(pattern=_FILE)
    member: str = ""
    licence: str = Field(pattern=_LICENCE)
    attribution: str = Field(min_length=1)
    terms: str = Field(min_length=1)
    size_limit_mb: int = Field(ge=1, le=1_000_000)
    checksum: Literal["pinned", "recorded"]
    sha256: str | None = Field(default=None, pattern=_SHA256)
    audience: str = "unspecified"
    language: str = "en"
    patient_data: bool = False
    columns: Mapping[str, str] = Field(default_factory=dict)
    options: Mapping[str, Any] = Field(default_factory=dict)
    routes: tuple[Literal["converted", "template", "synthetic", "hybrid"], ...] = ()
    notes: str = ""

    @field_validator("address")
    @classmethod
    def _public(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise ValueError("use an https address")
        if not parts.hostname or parts.username or parts.password:
            raise ValueError("use an https address with a server and without a password")
        return address

    @field_validator("audience")
    @classmethod
    def _known(cls, audience: str) -> str:
        if audience not in AUDIENCE:
            raise ValueError(f"{audience!r} is not in the vocabulary: {', '.join(AUDIENCE)}")
        return audience

    @model_validator(mode="after")
    def _agrees(self) -> Entry:
        if (self.checksum == "pinned") != (self.sha256 is not None):
            raise ValueError("checksum `pinned` needs a sha256, and `recorded` has none")
        for text in (self.address, self.file):
            if re.search(r"[{}]", text.replace("{date}", "")):
                raise ValueError("only {date} may stand in braces, in address and file")
        return self

    @property
    def size_limit(self) -> int:
        """In bytes."""
        return self.size_limit_mb * 1_000_000

    def on(self, day: datetime.date) -> Entry:
        """The entry with the day in its address and file name."""
        return self.model_copy(update={key: getattr(self, key).replace("{date}", day.isoformat())
                                       for key in ("address", "file")})

    def source(self, path: Path, retrieved_on: str) -> Source:
        """The entry as a source of a profile."""
        return Source(reader=self.reader, path=path, licence=self.licence, attribution=self.attribution,
                      language=self.language, audience=self.audience, patient_data=self.patient_data,
                      retrieved_on=retrieved_on or None, routes=self.routes, columns=self.columns,
                      options=self.options)


def load_catalogue(path: Path = SHIPPED) -> Mapping[str, Entry]:
    """Entries by name, in the order of the file.

    Raises:
        ConfigError: the file is missing, is no YAML, or an entry is wrong; every wrong one is named.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The catalogue {path} cannot be read ({error.strerror}).", "Mend its path.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"The catalogue {path}{where} is not readable as YAML.", "Mend the syntax there.") from error
    listed = content.get("sources") if isinstance(content, dict) and set(content) == {"sources"} else None
    if not isinstance(listed, dict) or not listed:
        raise ConfigError(f"The catalogue {path} is not a mapping `sources` of names to entries.",
                          "See itd_pipeline/catalogue/catalogue.yaml.")
    entries: dict[str, Entry] = {}
    problems: list[str] = []
    for name, values in listed.items():
        try:
            entries[str(name)] = Entry(**{**(values if isinstance(values, dict) else {}), "name": name})
        except ValidationError as error:
            problems += [f"{name}: {_words(problem)}" for problem in error.errors()]
        except TypeError:
            problems.append(f"{name}: a key is not a word")
    if problems:
        raise ConfigError(f"The catalogue {path} is wrong: {'; '.join(problems)}.",
                          f"Keys of an entry: {', '.join(key for key in Entry.model_fields if key != 'name')}.")
    return entries


def _words(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    said = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
