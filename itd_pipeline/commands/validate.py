"""`itd validate`: any instruction-tuning dataset against the profile for them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from itd_pipeline import validation
from itd_pipeline.commands.console import FAILED, AsJson, out, print_json, print_rows, reported


def validate(
    path: Annotated[Path, typer.Argument(help="Folder or file: Parquet, JSONL, JSON, CSV, TSV, XLSX.")],
    strict: Annotated[bool, typer.Option("--strict", help="Fail where a `must` does not hold.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a dataset, ours or anybody's, has and lacks as an instruction-tuning dataset for medicine.

    Examples:

      itd validate data/lake/releases/itd-demo-0123456789ab

      itd validate their_dataset.jsonl --json
    """
    with reported(as_json):
        dataset = validation.read_dataset(path)
        findings = validation.validate(dataset)
    failed = [f for f in findings if f.level == "must" and f.status != "holds"]
    if as_json:
        print_json({"profile": validation.PROFILE_VERSION, "dataset": dataset.name, "rows": len(dataset.rows),
                    "columns": dict(dataset.columns), "findings": [asdict(f) for f in findings]})
    else:
        print_rows(f"{dataset.name}: {len(dataset.rows):,} rows, profile {validation.PROFILE_VERSION}",
                   ("requirement", "level", "status", "what was found"),
                   [(f.question, f.level, f.status, f.detail) for f in findings])
        holds = sum(f.status == "holds" for f in findings)
        out.print(f"{holds} of {len(findings)} hold; {len(failed)} of the musts do not.")
    if strict and failed:
        raise typer.Exit(FAILED)
