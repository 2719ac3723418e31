"""What every command shares: the profile option, output for people or machines, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from itd_pipeline.errors import ConfigError, ItdError, NotBuiltError, StorageError

_WIDE = 160  # where output goes to a file or a pipe, tables are not squeezed into 80 columns

out = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False)

FAILED, MISUSED, NOT_BUILT, NO_STORAGE, STOPPED = 1, 2, 3, 4, 130
EXIT_CODES = """Exit codes: 0 done · 1 a source, stage or check failed · 2 wrong command, profile or policy ·
3 what you asked for has not been built · 4 the lake cannot be read or written · 130 stopped by you."""

Profile = Annotated[str, typer.Option("--profile", "-p", envvar="ITD_PROFILE",
                                      help="Name of a profile in conf/, or path of its file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def print_json(value: Any) -> None:
    """Plain JSON on standard output, nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def print_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """A table for people; the columns in `right` are numbers."""
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_shown(value) for value in row])
    out.print(table)


def _shown(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escape(str(value))


@contextmanager
def reported(as_json: bool = False) -> Iterator[None]:
    """Turn an ItdError into a message and an exit code."""
    try:
        yield
    except ItdError as error:
        code = {ConfigError: MISUSED, NotBuiltError: NOT_BUILT, StorageError: NO_STORAGE}.get(type(error), FAILED)
        if as_json:
            print_json({"error": type(error).__name__, "problem": error.problem, "remedy": error.remedy})
        else:
            err.print(error.problem, style="bold red", markup=False)
            if error.remedy:
                err.print(error.remedy, markup=False)
        raise typer.Exit(code) from error
    except KeyboardInterrupt as error:
        err.print("Stopped. What is finished is kept; the same command goes on from there.")
        raise typer.Exit(STOPPED) from error


def by_reason(rejected: Mapping[str, int]) -> str:
    """`no_answer 31,034, too_short 2` or nothing."""
    ordered = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count:,}" for reason, count in ordered)
