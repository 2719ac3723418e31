"""`itd release`: look at what was released, sign it, bring it out of the house."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from itd_pipeline import publishing
from itd_pipeline.commands.console import EXIT_CODES, FAILED, AsJson, err, out, print_json, reported
from itd_pipeline.errors import NotBuiltError
from itd_pipeline.publishing import signature_problems
from itd_pipeline.release import diff_releases, verify_release

_SHOWN = 5  # problems of one kind that are printed; --json lists all

app = typer.Typer(no_args_is_help=True, help="Look at what was released; sign it; push it.")


@app.callback()
def _release() -> None:
    """Look at what was released; sign it; push it."""


@app.command(epilog=EXIT_CODES)
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a release.")],
    expected: Annotated[str, typer.Option("--expect", help="Version that it should be, known from elsewhere.")] = "",
    as_json: AsJson = False,
) -> None:
    """Recompute checksums, version, schema, ids, splits, licences, identifiers, contamination, lineage and every number
    of a release, from its files alone; check its signature, where it has one.

    Example:

      itd release verify data/lake/releases/itd-demo-0123456789ab --expect itd-demo-0123456789ab
    """
    with reported(as_json):
        if not folder.is_dir():
            raise NotBuiltError(f"There is no folder {str(folder)!r}.", "Run `itd build`, or name another folder.")
        problems = verify_release(folder, expected or None) + signature_problems(folder)
        status = _status(folder)
    if as_json:
        print_json({"folder": folder, "status": status, "problems": problems})
    for problem in _summed_up(problems) if not as_json else ():
        err.print(problem, style="bold red", markup=False)
    if problems:
        raise typer.Exit(FAILED)
    if not as_json:
        out.print(f"{folder.name} ({status}): every file is what its checksum says, splits do not leak, every number "
                  "is what the files give.", markup=False)


@app.command(epilog=EXIT_CODES)
def diff(
    older: Annotated[Path, typer.Argument(help="Folder of the older release.")],
    newer: Annotated[Path, typer.Argument(help="Folder of the newer release.")], as_json: AsJson = False,
) -> None:
    """Say what came, went and changed between two releases, why, and which version number that asks for.

    Example:

      itd release diff data/lake/releases/itd-demo-0123456789ab data/lake/releases/itd-demo-ba9876543210
    """
    with reported(as_json):
        found = diff_releases(older, newer)
    if as_json:
        print_json(asdict(found))
        return
    out.print(f"{found.older} -> {found.newer}: {found.bump} ({'; '.join(found.because)})", markup=False)
    for sign, groups in (("+", found.added), ("-", found.removed)):
        for why, ids in groups.items():
            out.print(f"{sign} {len(ids):,} records: {why}, such as {ids[0]}", markup=False)
    if found.rewritten:
        out.print(f"~ {len(found.rewritten):,} records have another answer, such as {found.rewritten[0][1]}",
                  markup=False)
    if found.corrected:
        out.print(f"  {len(found.corrected):,} of them were corrected by experts, such as {found.corrected[0][1]} in "
                  f"place of {found.corrected[0][0]}", markup=False)
    for column, count in found.changed.items():
        out.print(f"~ {count:,} records: another {column}", markup=False)
    for sentence in (*found.columns, *found.policy, *found.prompts, *found.models, *found.sources, *found.libraries):
        out.print(f"  {sentence}", markup=False)
    for name, (before, after) in found.headlines.items():
        out.print(f"  {name}: {before:g} -> {after:g}", markup=False)


@app.command(epilog=EXIT_CODES)
def push(
    folder: Annotated[Path, typer.Argument(help="Folder of a release.")],
    target: Annotated[str, typer.Argument(help="hf://datasets/OWNER/NAME, s3://BUCKET/FOLDER, gs://..., file:///...")],
    draft: Annotated[bool, typer.Option("--draft", help="Say that it may leave although it is a draft.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Make a new data set of the Hub public.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a release to the Hub or to an object store, after verifying it. One that rests on patient data never leaves.

    Keys come from the environment, as the library of the store documents them (HF_TOKEN, AWS_ACCESS_KEY_ID ...).

    Examples:

      itd release push data/lake/releases/itd-demo-0123456789ab hf://datasets/ward-7/itd-demo --draft

      itd release push data/lake/releases/itd-demo-0123456789ab file:///mnt/share/releases
    """
    with reported(as_json):
        pushed = publishing.push(folder, target, draft=draft, private=not public)
    if as_json:
        print_json(asdict(pushed))
        return
    did = f"{pushed.files:,} files, {pushed.size_bytes:,} bytes" if pushed.files else "it lay there already"
    out.print(f"{pushed.version} ({pushed.status}) -> {pushed.target}: {did}.", markup=False)


@app.command(epilog=EXIT_CODES)
def sign(
    folder: Annotated[Path, typer.Argument(help="Folder of a release.")],
    key: Annotated[str, typer.Option("--key", help="Id or address of the key; else gpg's default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Sign the checksums of a release with gpg. The signature lies beside them and is checked by `itd release verify`.

    Example:

      itd release sign data/lake/releases/itd-demo-0123456789ab --key data@ward7.example
    """
    with reported(as_json):
        written = publishing.sign(folder, key or None)
    if as_json:
        print_json({"signature": written})
    else:
        out.print(f"{written.name} is written.", markup=False)


def _status(folder: Path) -> str:
    """`draft` or `reviewed`, as RELEASE.json says; `unknown` where it says nothing."""
    try:
        facts = json.loads((folder / "RELEASE.json").read_bytes())
    except (OSError, ValueError):
        return "unknown"
    return str(facts.get("status", "unknown")) if isinstance(facts, dict) else "unknown"


def _summed_up(problems: list[str]) -> list[str]:
    """At most a few problems of each kind. Problems are of one kind where only names and numbers differ."""
    kinds: dict[str, list[str]] = {}
    for problem in problems:
        kinds.setdefault(_kind(problem), []).append(problem)
    shown: list[str] = []
    for alike in kinds.values():
        shown += alike[:_SHOWN]
        if len(alike) > _SHOWN:
            shown.append(f"... and {len(alike) - _SHOWN:,} more")
    return shown


def _kind(problem: str) -> str:
    """The sentence without file names, ids and numbers."""
    leak = re.match(r"(record|group|document) .* stands in ", problem)
    return leak[1] if leak else re.sub(r"\S*[\d/_.-]\S*", "*", problem)
