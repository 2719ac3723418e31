"""Everything that can go wrong, as one tree. Nothing else belongs here.

    ItdError
    ├── ConfigError        a profile, policy or vocabulary value is wrong
    ├── SourceError        a source cannot be read at all (a bad row is a reject, never an error)
    ├── FetchError         a file could not be fetched from its public address
    │   └── ChecksumError  what was fetched is not what was promised or fetched before
    ├── ContractError      a table does not hold what its definition promises
    ├── NotBuiltError      something was asked for that no run has produced yet
    ├── StorageError       the lake cannot be read or written (full disk, damaged file)
    └── ModelError         a language model did not answer
        ├── TransientError     trying again may help: time-out, 429, 5xx, connection reset
        └── PermanentError     trying again cannot help: key, unknown model, refused egress, spending cap

Messages carry ids, file names, row numbers and counts, never the text of a document or record: they end up
in logs and in the Dagster UI.
"""

from __future__ import annotations


class ItdError(Exception):
    """What happened, to which thing, and what to do next.

    Args:
        problem: one sentence naming the file, row or id.
        remedy: one sentence telling the reader what to do about it.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{problem} {remedy}".strip())


class ConfigError(ItdError):
    """A profile, policy or vocabulary value is wrong."""


class SourceError(ItdError):
    """A source cannot be read at all."""


class FetchError(ItdError):
    """A file could not be fetched from its public address."""


class ChecksumError(FetchError):
    """What was fetched is not what was promised, or not what was fetched before."""


class ContractError(ItdError):
    """A table does not hold what its definition in `tables/` promises."""


class NotBuiltError(ItdError):
    """No run has produced what was asked for."""


class StorageError(ItdError):
    """The lake cannot be read or written."""


class ModelError(ItdError):
    """A language model did not answer."""


class TransientError(ModelError):
    """Trying again may help."""


class PermanentError(ModelError):
    """Trying again cannot help."""
