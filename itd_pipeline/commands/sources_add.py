"""`itd sources add`: looks at files, proposes how to read them, shows examples, writes the source into a profile."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from itd_pipeline.commands.console import AsJson, Profile, out, print_json, reported
from itd_pipeline.commands.profile_text import insert_source, source_lines
from itd_pipeline.commands.sources_fetch import Catalogue
from itd_pipeline.errors import ConfigError, FetchError, SourceError
from itd_pipeline.settings import Settings, Source, load_settings

if TYPE_CHECKING:
    from itd_pipeline.catalogue import Entry
    from itd_pipeline.sources.proposals import Proposal

_EXAMPLES = 3
_SHOWN = 200
_ITEMS = 500
"""Items that are read for the examples; more are read only where none of them became a document."""
_MOST_ITEMS = 200_000
_UNSTATED = "LicenseRef-unstated"
"""For documents that name no licence where others do. Nobody knows it, so that they are refused."""


@dataclass
class Tried:
    """What came of the first items of a source.

    Args:
        examples: title, first characters and licence of documents; without words where they are about patients.
        unlicensed: documents that name no licence of their own.
    """

    documents: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)
    rejects: Counter[str] = field(default_factory=Counter)
    details: dict[str, str] = field(default_factory=dict)
    unlicensed: int = 0
    patients: bool = False


def add(
    path: Annotated[Path, typer.Argument(help="File, folder or archive.")],
    profile: Profile = "demo",
    name: Annotated[str | None, typer.Option("--name", help="Name of the source (from the file's name).")] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="SPDX identifier or LicenseRef-... of documents that "
                                                "do not say.")] = None,
    reader: Annotated[str | None, typer.Option("--reader", help="Reader, where several might do.")] = None,
    column: Annotated[list[str] | None, typer.Option("--column", help="FIELD=COLUMN for tables, such as "
                                                     "text=answer; may be repeated.")] = None,
    patient_data: Annotated[bool | None, typer.Option("--patient-data/--no-patient-data", help="Whether the text is "
                                                      "about patients.")] = None,
    catalogue: Catalogue = None,
    write: Annotated[bool, typer.Option("--write/--dry-run", help="Write the profile, or only show.")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at files, propose reader and columns, show three documents as they are read, and write the profile.

    The profile keeps its comments. Of patients' texts only counts are shown.

    Examples:

      itd sources add data/sources/faq.csv --licence LicenseRef-our-hospital --profile ours
      itd sources add notes/ --patient-data --licence LicenseRef-our-hospital --dry-run
      itd sources add data/sources/medquad.tar.gz
    """
    with reported(as_json):
        from itd_pipeline.sources.proposals import propose

        settings = load_settings(profile)
        file = _profile_file(profile)
        entry, retrieved_on = _catalogued(path, catalogue)
        given = {**(entry.columns if entry else {}), **_columns(column)}
        proposal = propose(path, reader or (entry.reader if entry else ""), given)
        chosen = name or (entry.name if entry else _name(path))
        if chosen in settings.sources:
            raise ConfigError(f"{file} has a source {chosen} already.", "Choose another name with --name.")
        source = _source(path, proposal, entry, retrieved_on, licence or "", patient_data)
        tried = _try(chosen, source)
        if tried.patients and not source.patient_data and patient_data is None:
            source = source.model_copy(update={"patient_data": True})
            tried.examples.clear()
        open_questions = _questions(settings, source, tried, proposal, licence, patient_data, entry)
        if source.licence == _UNKNOWN and not tried.unlicensed and tried.documents:
            source = source.model_copy(update={"licence": _UNSTATED})
        told = _told(chosen, source, proposal, tried, open_questions, settings)
        if not as_json:
            _show(told, tried, file)
        if write and open_questions:
            raise ConfigError("The source was not written: " + " ".join(q for q, _ in open_questions),
                              " ".join(remedy for _, remedy in open_questions))
        if write:
            if not yes:
                if as_json:
                    raise ConfigError("Nothing is written without a yes.", "Add --yes, or --dry-run to look only.")
                typer.confirm(f"Write it to {file}?", abort=True)
            insert_source(file, chosen, source)
        told["written"] = str(file) if write else None
        if as_json:
            print_json(told)
        elif write:
            out.print(f"{file} has the source {chosen}. `itd sources check {chosen} --profile {profile}` reads it "
                      "through; `itd build` builds it.", markup=False, soft_wrap=True)


_UNKNOWN = "LicenseRef-unknown"
"""Stands for a licence while looking; never written."""


def _profile_file(profile: str) -> Path:
    path = Path(profile)
    return path if path.suffix in {".yaml", ".yml"} else Path("conf") / f"{profile}.yaml"


def _name(path: Path) -> str:
    """A name from a file's: `FAQ 2024.csv.gz` is `faq_2024`."""
    stem = re.sub(r"(\.(gz|tgz|tar|zip))+$", "", path.resolve().name.lower())
    stem = stem.rpartition(".")[0] or stem
    folded = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")
    return (folded if folded[:1].isalpha() else f"source_{folded}".rstrip("_"))[:49]


def _columns(given: list[str] | None) -> dict[str, str]:
    pairs = [part.partition("=") for part in given or ()]
    wrong = next((f"{key}{equals}{value}" for key, equals, value in pairs if not (key and equals and value)), None)
    if wrong is not None:
        raise ConfigError(f"--column {wrong} is not FIELD=COLUMN.", "Write --column text=answer.")
    return {key.strip(): value for key, _, value in pairs}


def _catalogued(path: Path, catalogue: Path | None) -> tuple[Entry | None, str]:
    """The entry that a file was fetched by, as its receipt says, and the day."""
    from itd_pipeline.catalogue import SHIPPED, load_catalogue
    from itd_pipeline.network import read_receipt

    folder = path.resolve()
    for entry in load_catalogue(catalogue or SHIPPED).values():
        try:
            receipt = read_receipt(folder.with_name(entry.file) if entry.member else folder)
        except FetchError:
            continue
        pattern = re.escape(entry.address).replace(re.escape("{date}"), r"\d{4}-\d\d-\d\d")
        if receipt is not None and re.fullmatch(pattern, receipt.address) and (
                not entry.member or re.search(entry.member.strip("*").replace("*", ".*"), path.name)):
            return entry, receipt.retrieved_on
    return None, ""


def _source(path: Path, proposal: Proposal, entry: Entry | None, retrieved_on: str, licence: str,
            patient_data: bool | None) -> Source:
    """The proposal as a source; what is not known yet stands as unknown or careful."""
    patients = patient_data if patient_data is not None else bool(
        proposal.patient_data or (entry and entry.patient_data))
    changes: dict[str, Any] = {"reader": proposal.reader, "columns": dict(proposal.columns), "patient_data": patients,
                               "options": {**proposal.options, **(entry.options if entry else {})}}
    if entry:
        known = entry.source(path, retrieved_on)
        return known.model_copy(update={**changes, "licence": licence or known.licence})
    return Source(path=path.absolute(), licence=licence or _UNKNOWN, routes=(_route(proposal),), **changes)


def _route(proposal: Proposal) -> Literal["converted", "template", "synthetic"]:
    if proposal.reader == "medquad" or "question" in proposal.columns:
        return "converted"
    return "template" if proposal.reader in {"hpo", "icd10cm"} else "synthetic"


def _try(name: str, source: Source) -> Tried:
    """Read the first items with the real reader."""
    from itd_pipeline.sources import read_source

    tried, items = Tried(), 0
    for batch in read_source(name, source, source.path, batch_rows=50):
        items += batch.units_in
        for row in batch.rows.to_pylist():
            tried.documents += 1
            tried.unlicensed += row["licence"] == source.licence
            tried.patients |= row["patient_data"]
            if len(tried.examples) < _EXAMPLES and not row["patient_data"]:
                tried.examples.append({"title": row["title"], "question": row["question"], "licence": row["licence"],
                                       "text": " ".join(row["text"][:_SHOWN].split())})
        for reject in batch.rejects.select(["reason", "detail"]).to_pylist():
            tried.rejects[reject["reason"]] += 1
            tried.details.setdefault(reject["reason"], reject["detail"])
        if (tried.documents >= _EXAMPLES and items >= _ITEMS) or items >= _MOST_ITEMS:
            break
    if not tried.documents:
        said = ", ".join(f"{reason} {number:,}" for reason, number in tried.rejects.most_common(5))
        raise SourceError(f"The reader {source.reader} makes no document of it: {said or 'nothing is in it'}.",
                          "Look at the files, or choose another reader with --reader.")
    return tried


def _questions(settings: Settings, source: Source, tried: Tried, proposal: Proposal, licence: str | None,
               patient_data: bool | None, entry: Entry | None) -> list[tuple[str, str]]:
    """What must be said by the person before anything is written: (what is not known, how to say it)."""
    from itd_pipeline.licensing import judge

    found: list[tuple[str, str]] = []
    if source.licence == _UNKNOWN and tried.unlicensed:
        found.append(("Its licence is not known, and documents of an unknown licence are refused.",
                      "Say it with --licence (an SPDX identifier, or LicenseRef-... of your own)."))
    elif source.licence != _UNKNOWN and (entry is None or licence):
        verdict = judge(source.licence, settings.licensing)
        if verdict.clause == "unknown_licence":
            found.append((f"Nobody knows the terms of {source.licence}.",
                          "Write an SPDX identifier, or describe it under licensing.custom of the profile first."))
    if patient_data is None and entry is None and (proposal.patient_data or tried.patients):
        found.append(("It seems to be about patients.",
                      "Say --patient-data, so that it is de-identified, or --no-patient-data if nobody real or "
                      "invented is described in it."))
    return found


def _told(name: str, source: Source, proposal: Proposal, tried: Tried, questions: list[tuple[str, str]],
          settings: Settings) -> dict[str, Any]:
    from itd_pipeline.licensing import judge

    notes = list(proposal.notes)
    if source.licence == _UNSTATED:
        notes.append(f"Each document names its own licence; one that names none gets {_UNSTATED} and is refused.")
    elif source.licence != _UNKNOWN and not (verdict := judge(source.licence, settings.licensing)).allowed:
        notes.append(f"Under this profile its documents are refused: {verdict.detail}.")
    if not source.patient_data and proposal.patient_data is None:
        notes.append("Whether it is about patients cannot be told from its form: --patient-data if it is.")
    return {"source": name, "reader": source.reader, "why": proposal.why, "columns": dict(source.columns),
            "patient_data": source.patient_data, "documents": tried.documents, "examples": tried.examples,
            "rejects": dict(sorted(tried.rejects.items())), "notes": notes,
            "questions": [question for question, _ in questions],
            "yaml": "\n".join(source_lines(name, source, settings.root))}


def _show(told: dict[str, Any], tried: Tried, file: Path) -> None:
    def say(text: str, **style: Any) -> None:
        out.print(text, markup=False, soft_wrap=True, **style)

    say(f"{told['source']}: reader {told['reader']} ({told['why']})", style="bold")
    for key, column in told["columns"].items():
        say(f"  {key} <- {column}")
    say(f"Of the first items, {told['documents']:,} are documents.")
    for reason, number in told["rejects"].items():
        detail = "" if told["patient_data"] else f", such as {tried.details[reason]}"
        say(f"  rejected as {reason}: {number:,}{detail}")
    if told["patient_data"]:
        say("  No text is shown: it is about patients, and nothing has been de-identified yet.")
    for number, example in enumerate(told["examples"], start=1):
        say(f"  {number}. {example['title'] or 'without title'} [{example['licence']}]", style="bold")
        if example["question"]:
            say(f"     {example['question'][:_SHOWN]}")
        say(f"     {example['text']}")
    for note in (*told["notes"], *told["questions"]):
        say(note)
    say(f"\nFor {file}, under `sources`:\n\n  " + told["yaml"].replace("\n", "\n  ") + "\n")
