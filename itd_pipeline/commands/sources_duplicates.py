"""`itd sources duplicates`: which entries of reference files are one publication."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import AsJson, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError
from itd_pipeline.similarity.citations import NEARLY_THE_SAME, Citation, citation_clusters
from itd_pipeline.sources.references import Reference, read_references
from itd_pipeline.storage.lake import write_atomically

_SHOWN = 20
_Placed = tuple[str, Reference]
_COLUMNS = ("file", "number", "identity", "cluster", "keep", "title", "authors", "year", "volume", "pages", "doi")


def duplicates(
    paths: Annotated[list[Path], typer.Argument(help="Files of references: RIS, NBIB, EndNote XML, CSV or TSV, plain "
                                                     "or .gz. Several are compared with each other, too.")],
    threshold: Annotated[float, typer.Option(min=0.5, max=1.0, help="Similarity of titles from which two references "
                                             "without a contradiction are one.")] = NEARLY_THE_SAME,
    labelled: Annotated[str | None, typer.Option(help="The label of entries that people marked as members of a "
                                                 "cluster: tells precision, recall and F1 against it.")] = None,
    write: Annotated[Path | None, typer.Option(help="CSV file for all entries with their cluster and whether they "
                                               "stay.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find entries of reference files that are the same publication, by title, authors, year, volume, page and DOI.

    Of each cluster the entry that says most stays, the first of equal ones.

    Examples:

      itd sources duplicates embase.ris pubmed.nbib
      itd sources duplicates screened.xml.gz --labelled Duplicate --json
      itd sources duplicates embase.ris pubmed.nbib --write merged.csv
    """
    with reported(as_json):
        entries: list[_Placed] = [(path.name, reference) for path in paths for reference in read_references(path)]
        numbers = citation_clusters([Citation(r.title, r.authors, r.year, r.volume, r.pages, r.doi)
                                     for _, r in entries], threshold).tolist()
        stays = _kept(entries, numbers)
        told = _counted(entries, numbers, threshold)
        if labelled is not None:
            told |= _against(labelled, entries, numbers)
        if write is not None:
            write_atomically(write.absolute(), _as_csv(entries, numbers, stays))
        if as_json:
            print_json({**told, "clusters_of": _members(entries, numbers, stays)})
            return
        print_rows("References", ("what", "value"), [(name.replace("_", " "), value) for name, value in told.items()])
        shown = _members(entries, numbers, stays)
        for cluster in shown[:_SHOWN]:
            out.print("; ".join(f"{m['file']} {m['number']}{' (stays)' if m['keep'] else ''}" for m in cluster),
                      markup=False)
        if len(shown) > _SHOWN:
            out.print(f"and {len(shown) - _SHOWN:,} more clusters: --json or --write lists them all", markup=False)


def _kept(entries: list[_Placed], numbers: list[int]) -> list[bool]:
    best: dict[int, int] = {}
    for i, number in enumerate(numbers):
        if number not in best or entries[i][1].fields_known > entries[best[number]][1].fields_known:
            best[number] = i
    return [best[number] == i for i, number in enumerate(numbers)]


def _counted(entries: list[_Placed], numbers: list[int], threshold: float) -> dict[str, Any]:
    sizes = Counter(numbers)
    return {"threshold": threshold, "references": len(entries), "publications": len(sizes),
            "duplicates": len(entries) - len(sizes), "clusters": sum(size > 1 for size in sizes.values())}


def _against(label: str, entries: list[_Placed], numbers: list[int]) -> dict[str, Any]:
    """Precision, recall and F1 of being a member of a cluster. Raises ConfigError where nobody marked any."""
    sizes = Counter(numbers)
    truth = [reference.label == label for _, reference in entries]
    if not any(truth):
        there = sorted({reference.label for _, reference in entries if reference.label})
        raise ConfigError(f"No reference is labelled {label!r}.", f"Labels: {', '.join(there[:10]) or 'none'}.")
    found = [sizes[number] > 1 for number in numbers]
    right = sum(a and b for a, b in zip(truth, found, strict=True))
    return {"labelled": sum(truth), "found": sum(found), "precision": round(right / max(1, sum(found)), 4),
            "recall": round(right / sum(truth), 4), "f1": round(2 * right / (sum(truth) + sum(found)), 4)}


def _members(entries: list[_Placed], numbers: list[int], stays: list[bool]) -> list[list[dict[str, Any]]]:
    clusters: dict[int, list[dict[str, Any]]] = {}
    for (file, reference), number, keep in zip(entries, numbers, stays, strict=True):
        clusters.setdefault(number, []).append({"file": file, "number": reference.number,
                                                "identity": reference.identity, "doi": reference.doi, "keep": keep})
    return [members for members in clusters.values() if len(members) > 1]


def _as_csv(entries: list[_Placed], numbers: list[int], stays: list[bool]) -> bytes:
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(_COLUMNS)
    for (file, r), number, keep in zip(entries, numbers, stays, strict=True):
        sheet.writerow([file, r.number, r.identity, number + 1, "yes" if keep else "no", r.title,
                        "; ".join(r.authors), r.year, r.volume, r.pages, r.doi])
    return written.getvalue().encode("utf-8-sig")  # with a mark, for spreadsheets
