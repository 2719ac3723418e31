"""`itd seeds`: the spreadsheet in which experts write, checking and merging it, and recalling a seed."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import (
    EXIT_CODES,
    FAILED,
    AsJson,
    Profile,
    err,
    out,
    print_json,
    print_rows,
    reported,
)
from itd_pipeline.errors import ConfigError

_SHOWN = 300  # wrong cells that are printed; --json lists all
app = typer.Typer(no_args_is_help=True, help="Seeds: write, check, merge, recall.")


@app.callback()
def _seeds() -> None:
    """Seeds: write, check, merge, recall."""


@app.command(epilog=EXIT_CODES)
def workbook(
    target: Annotated[Path, typer.Argument(help="File to write, .xlsx.")] = Path("seeds.xlsx"),
    wanted: Annotated[int, typer.Option(help="Seeds wanted of each specialty, task, audience and difficulty.")] = 1,
    empty: Annotated[bool, typer.Option("--empty", help="Leave out the seeds that are there.")] = False,
    profile: Profile = "demo",
) -> None:
    """Write the spreadsheet in which experts write seeds: drop-downs, guidance, examples, coverage.

    Example:

      itd seeds workbook ours.xlsx
    """
    from itd_pipeline.seeds.check import check_files
    from itd_pipeline.seeds.coverage import coverage
    from itd_pipeline.seeds.workbook import write_workbook
    from itd_pipeline.storage.lake import write_atomically

    with reported():
        if target.suffix.lower() != ".xlsx":
            raise ConfigError("The file is no .xlsx.", "Name one that ends in .xlsx.")
        if target.exists():
            raise ConfigError(f"{target} is there already; it may be filled in.", "Choose another name, or move it.")
        good, _ = check_files(_files(profile))
        cells = coverage([g.row for g in good], wanted)
        write_atomically(target, write_workbook([] if empty else [g.cells for g in good], cells))
        out.print(f"{target}: {0 if empty else len(good):,} seeds, {sum(c.missing for c in cells):,} missing.",
                  markup=False)


@app.command(epilog=EXIT_CODES)
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Files or folders; those of the profile without any.")]
    = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Read files of seeds and name every wrong cell, with what is allowed there. Nothing is written.

    Examples:

      itd seeds check ours.xlsx
      itd seeds check --profile conf/ours.yaml
    """
    from itd_pipeline.seeds import seed_files
    from itd_pipeline.seeds.check import check_files

    with reported(as_json):
        good, wrong = check_files(seed_files(files) if files else _files(profile))
        rows = sum(1 for _ in {(w.file, w.place) for w in wrong})
        if as_json:
            print_json({"good": len(good), "rows_with_faults": rows, "wrong": [vars(w) for w in wrong]})
        else:
            if wrong:
                print_rows("What is wrong", ("file", "place", "cell", "problem"),
                           [[w.file, w.place, w.cell, w.problem] for w in wrong[:_SHOWN]])
            if len(wrong) > _SHOWN:
                out.print(f"... and {len(wrong) - _SHOWN:,} more; --json lists all.")
            out.print(f"{len(good):,} good seeds; {len(wrong):,} faults in {rows:,} rows.")
    if wrong:
        raise typer.Exit(FAILED)


@app.command(epilog=EXIT_CODES)
def merge(
    copies: Annotated[list[Path], typer.Argument(help="Workbooks of several authors.")],
    to: Annotated[Path, typer.Option(help="File to write, .xlsx.")],
    base: Annotated[Path | None, typer.Option(help="The workbook as it was handed out.")] = None,
) -> None:
    """Merge several authors' copies of one workbook: every edit and every comment is kept.

    Where two copies have changed one cell in different ways, the first is kept and the cell is named.

    Example:

      itd seeds merge owl.xlsx fox.xlsx --base handed-out.xlsx --to merged.xlsx
    """
    from itd_pipeline.errors import SourceError
    from itd_pipeline.seeds.comments import cell_comments
    from itd_pipeline.seeds.coverage import coverage
    from itd_pipeline.seeds.item import Item
    from itd_pipeline.seeds.merging import Copy, merge
    from itd_pipeline.seeds.sheet_items import sheet_items
    from itd_pipeline.seeds.workbook import write_workbook
    from itd_pipeline.storage.lake import write_atomically

    def read(path: Path) -> Copy:
        if not path.is_file():
            raise SourceError(f"There is no file {path.name}.", "Check the path.")
        raw = path.read_bytes()
        items = list(sheet_items(raw))
        faults = [i for i in items if not isinstance(i, Item)]
        if faults:
            raise SourceError(f"{path.name}, {faults[0].place or 'the file'}: {faults[0].detail}.",
                              "Mend it, then merge again; nothing was written.")
        return Copy(path.name, [{c: str(v) for c, v in i.cells.items()} for i in items if isinstance(i, Item)], (),
                    cell_comments(raw))

    with reported():
        if to.exists():
            raise ConfigError(f"{to} is there already.", "Choose another name.")
        merged = merge(sorted((read(path) for path in copies), key=lambda c: c.name), read(base).seeds if base else ())
        cells = coverage(merged.seeds)
        write_atomically(to, write_workbook(merged.seeds, cells, merged.comments))
        for conflict in merged.conflicts:
            err.print(conflict, markup=False)
        out.print(f"{to}: {len(merged.seeds):,} seeds, {len(merged.comments):,} comments, {len(merged.conflicts):,} "
                  "cells to look at.", markup=False)
    if merged.conflicts:
        raise typer.Exit(FAILED)


@app.command(epilog=EXIT_CODES)
def recall(
    seed: Annotated[str, typer.Argument(help="Id of the seed: its own, or its record id.")],
    why: Annotated[str, typer.Option(help="Reason, kept in the tombstone.")] = "recalled",
    yes: Annotated[bool, typer.Option("--yes", help="Recall without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and stop.")] = False,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Take a seed out, with every record that grew from it, at every stage and in every release.

    Rows, rejects, answers of models, spreadsheets and releases that rest on it go at once; `itd build` makes the rest
    again without it. The seed stays away, also when its file is read again.

    Examples:

      itd seeds recall seed-cardiology-001 --dry-run
      itd seeds recall seed-cardiology-001 --why "guideline withdrawn" --yes
    """
    from itd_pipeline.commands.forget import show_removal
    from itd_pipeline.pipeline.forget import carry_out, find
    from itd_pipeline.pipeline.review_round import store_path
    from itd_pipeline.review_store import Store
    from itd_pipeline.review_store.seeds import recall_seed
    from itd_pipeline.seeds.check import check_files
    from itd_pipeline.settings import load_settings
    from itd_pipeline.storage.lake import Lake
    from itd_pipeline.storage.lock import exclusive

    with reported(as_json):
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        good, _ = check_files(_files(profile))
        named = {g.cells["id"]: g.row["record_id"] for g in good if g.cells.get("id")}
        record_id = named.get(seed, seed)
        found = find(settings, lake, "seed", record_id)
        if not as_json:
            show_removal(found)
        told: dict[str, Any] = {"seed": record_id, "rows": [vars(h) for h in found.hits], "releases": found.releases,
                                "answers": len(found.answers)}
        if dry_run:
            if as_json:
                print_json({**told, "removed": False})
            return
        if not yes and (as_json or not typer.confirm("Recall this seed and remove all of this for good?")):
            raise ConfigError("Nothing was removed.", "Confirm, or give --yes.")
        with exclusive(lake.root, settings.profile):
            found = find(settings, lake, "seed", record_id)
            carry_out(settings, lake, found, datetime.datetime.now(tz=datetime.UTC).date().isoformat(), why)
        if store_path(settings).is_file():
            with Store(store_path(settings)) as store:
                recall_seed(store, "lead", seed, why)
        if as_json:
            print_json({**told, "removed": True})
        else:
            out.print("Recalled. Run `itd build` to make again what stood beside it.", markup=False)


def _files(profile: str) -> list[tuple[str, Path]]:
    from itd_pipeline.pipeline.records import written_seeds
    from itd_pipeline.settings import load_settings

    return written_seeds(load_settings(profile))
