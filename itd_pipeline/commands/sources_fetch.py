"""`itd sources fetch`: public sources that anyone may use, fetched only when a person asks for one."""

from __future__ import annotations

import datetime
import difflib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itd_pipeline.commands.console import AsJson, Profile, err, out, print_json, print_rows, reported
from itd_pipeline.errors import ChecksumError, ConfigError
from itd_pipeline.settings import load_settings

if TYPE_CHECKING:
    from itd_pipeline.catalogue import Entry
    from itd_pipeline.network import Receipt
    from itd_pipeline.network.downloading import Progress

FOLDER = Path("data/sources")
Catalogue = Annotated[Path | None, typer.Option("--catalogue", help="A catalogue of your own, instead of the one that "
                                                "comes along.")]


def fetch(
    name: Annotated[str | None, typer.Argument(help="Source to fetch; without one, all are listed.")] = None,
    profile: Profile = "demo",
    catalogue: Catalogue = None,
    to: Annotated[Path | None, typer.Option("--to", help="Folder to put it in (data/sources of the project).")] = None,
    date: Annotated[str | None, typer.Option("--date", help="Day in the address of sources that are published under a "
                                             "date, such as 2026-01-31 (today).")] = None,
    accept_new: Annotated[bool, typer.Option("--accept-new", help="Take a file that differs from the one fetched "
                                             "before.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch a public source from where its publisher offers it, with resume, size limit and checksum.

    Nothing is fetched unless you name it and say yes. What came is kept with a receipt beside it.

    Examples:

      itd sources fetch
      itd sources fetch medquad
      itd sources fetch openstax_nursing --to /srv/corpora --yes
    """
    with reported(as_json):
        from itd_pipeline.catalogue import SHIPPED, load_catalogue

        entries = load_catalogue(catalogue or SHIPPED)
        if name is None:
            _list(entries, as_json)
            return
        today = datetime.date.today()
        entry = _named(entries, name).on(_day(date, today))
        root = Path.cwd() if to else load_settings(profile).root
        target = (to or root / FOLDER) / entry.file
        if not yes:
            if as_json:
                raise ConfigError("Nothing is fetched without a yes.", "Add --yes: --json asks no questions.")
            _ask(entry, target)
        receipt, unchanged = _fetch(entry, target, accept_new, today, quiet=as_json)
        _tell(entry, target, receipt, unchanged, root, catalogue, as_json)


def _list(entries: Mapping[str, Entry], as_json: bool) -> None:
    if as_json:
        print_json([entry.model_dump(mode="json") for entry in entries.values()])
        return
    print_rows("Public sources", ("name", "title", "licence", "at most MB"),
               [(e.name, e.title, e.licence, e.size_limit_mb) for e in entries.values()], right=("at most MB",))
    out.print("itd sources fetch NAME shows licence, terms and address of one, and asks before it fetches.")


def _named(entries: Mapping[str, Entry], name: str) -> Entry:
    if name in entries:
        return entries[name]
    close = difflib.get_close_matches(name, entries, n=1)
    raise ConfigError(f"The catalogue has no source {name!r}.",
                      f"Did you mean {close[0]}?" if close else f"It has: {', '.join(entries)}.")


def _day(date: str | None, today: datetime.date) -> datetime.date:
    try:
        return datetime.date.fromisoformat(date) if date else today
    except ValueError as error:
        raise ConfigError(f"{date!r} is no day.", "Write it as 2026-01-31.") from error


def _ask(entry: Entry, target: Path) -> None:
    """Show whose it is and what it may be used for. Raises typer.Abort on no."""
    checksum = f"must be {entry.sha256}" if entry.sha256 else "written down at the first download, compared later"
    for label, value in (("title", entry.title), ("licence", entry.licence), ("attribution", entry.attribution),
                         ("terms", entry.terms), ("address", entry.address), ("to", target),
                         ("at most", f"{entry.size_limit_mb:,} MB"), ("checksum", checksum), ("notes", entry.notes)):
        if value:
            out.print(f"{label}: {value}", markup=False, soft_wrap=True)
    typer.confirm("Fetch it?", abort=True)


def _fetch(entry: Entry, target: Path, accept_new: bool, today: datetime.date, quiet: bool) -> tuple[Receipt, bool]:
    """The receipt, and whether the file was there already. Raises FetchError."""
    from itd_pipeline.network import download, read_receipt

    before = read_receipt(target)
    expected = entry.sha256 or (before.sha256 if before and not accept_new else None)
    try:
        with _progress(entry.name, quiet) as progress:
            receipt = download(entry.address, target, size_limit=entry.size_limit, sha256=expected,
                               retrieved_on=today.isoformat(), progress=progress)
    except ChecksumError as error:
        if entry.sha256 is None and before is not None:
            raise ChecksumError(error.problem, f"The publisher may have a new release since {before.retrieved_on}: "
                                "look there, then take it with --accept-new.") from error
        raise
    return receipt, before is not None and before.sha256 == receipt.sha256


@contextmanager
def _progress(name: str, quiet: bool) -> Iterator[Progress | None]:
    """A bar on the terminal; nothing where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    with Bars(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
              console=err, transient=True) as bars:
        task = bars.add_task(name, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _tell(entry: Entry, target: Path, receipt: Receipt, unchanged: bool, root: Path, catalogue: Path | None,
          as_json: bool) -> None:
    from itd_pipeline.catalogue import take_member
    from itd_pipeline.commands.profile_text import source_lines, within

    path = take_member(target, entry.member) if entry.member else target
    lines = source_lines(entry.name, entry.source(path, receipt.retrieved_on), root)
    own = f" --catalogue {catalogue}" if catalogue else ""
    command = f"itd sources add {within(path, root)} --name {entry.name}{own}"
    if as_json:
        told: dict[str, Any] = {"name": entry.name, "path": str(path), "unchanged": unchanged, "sha256": receipt.sha256,
                                "size": receipt.size, "retrieved_on": receipt.retrieved_on, "licence": entry.licence,
                                "attribution": entry.attribution, "yaml": "\n".join(lines), "next": command}
        print_json(told)
        return
    state = "is there and has not changed" if unchanged else "was fetched"
    out.print(f"{target} {state}: {receipt.size:,} bytes, sha256 {receipt.sha256}", markup=False, soft_wrap=True)
    out.print("For a profile:", "", *(f"  {line}" for line in lines), sep="\n", markup=False, soft_wrap=True)
    out.print(f"\n{command} shows what it holds and writes these lines.", markup=False, soft_wrap=True)
