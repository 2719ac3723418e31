"""`itd review`: the application in which clinicians judge records, and its round trips by spreadsheet and Label Studio.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import EXIT_CODES, AsJson, Profile, err, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError, NotBuiltError, SourceError

app = typer.Typer(no_args_is_help=True, help="Have clinicians judge records: in a browser, by spreadsheet, in Label "
                                             "Studio.")
Who = Annotated[str, typer.Option("--for", help="Pseudonym of the reviewer.")]


@app.callback()
def _review() -> None:
    """Have clinicians judge records."""


@app.command(epilog=EXIT_CODES)
def serve(
    profile: Profile = "demo",
    port: Annotated[int, typer.Option(help="Port to listen at.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen at. Beyond this machine it wants --origin and a secret; "
                                           "see docs/reviewing.md.")] = "127.0.0.1",
    origin: Annotated[str, typer.Option(help="https address of the reverse proxy.")] = "",
    pairs: Annotated[bool, typer.Option("--pairs", help="Judge pairs of outputs for one instruction instead.")] = False,
) -> None:
    """Start the review application on this machine.

    The first start makes a lead and prints their link; the lead adds the others in the browser. Answers are kept beside
    the returned spreadsheets (`review.returned`), and `itd build` reads them.

    Examples:

      itd review serve
      itd review serve --profile conf/ours.yaml --port 9000
    """
    from itd_pipeline.pipeline.review_plan import plan_in_words
    from itd_pipeline.pipeline.review_round import open_round, store_path
    from itd_pipeline.review.rubric import load_rubric
    from itd_pipeline.review_server import ReviewApp, make_app
    from itd_pipeline.review_server.serving import SECRET_VARIABLE, place
    from itd_pipeline.review_server.serving import serve as listen
    from itd_pipeline.review_server.standing import Standing
    from itd_pipeline.review_store import Store
    from itd_pipeline.review_store.people import Person, add_person, people
    from itd_pipeline.review_store.seeds import write_signed_off
    from itd_pipeline.settings import load_settings
    from itd_pipeline.storage.lake import Lake

    with reported():
        where = place(host, port, origin, os.environ.get(SECRET_VARIABLE, ""))
        settings = load_settings(profile)
        rubric_file = settings.resolve(settings.review.rubric)
        rubric = load_rubric(rubric_file)
        lake = Lake(settings.lake_path)
        with Store(store_path(settings)) as store:
            if not people(store):
                token = add_person(store, Person("lead-1", ("author", "reviewer", "adjudicator", "lead")))
                out.print(f"The lead's link, shown only now: {where.address}/enter/{token}", markup=False,
                          soft_wrap=True)
            try:
                new = open_round(settings, lake, store, pairs)
                out.print(f"{new:,} new tasks were given out.")
            except NotBuiltError as error:
                out.print(f"Nothing to judge yet: {error.problem} {error.remedy} Seeds can be written.", markup=False)
            write_signed_off(store)
            sample = lake.manifest("review_sample")
            plan = plan_in_words(sample.facts["plan"]) if sample and "plan" in sample.facts else []
            for sentence in plan:
                out.print(sentence, markup=False)
            seeds = lake.read("expert_seeds").to_pylist() if lake.manifest("expert_seeds") else []
            review = ReviewApp(store, rubric, seeds, where.hosts, where.origin, where.secret,
                               Standing(lambda: _counted_apart(profile)),
                               lambda: open_round(settings, lake, store, pairs), rubric_file, plan)
            out.print(f"The review is open at {where.address} . Ctrl+C ends it; nothing is lost.", markup=False)
            listen(make_app(review), where)


def _counted_apart(profile: str) -> list[dict[str, Any]]:
    """`itd review gate` in a process of its own: counting would hold up the pages.

    Raises:
        RuntimeError: it could not be counted; says what the lead can do.
    """
    done = subprocess.run([sys.executable, "-m", "itd_pipeline", "review", "gate", "--profile", profile, "--json"],
                          capture_output=True, check=False, stdin=subprocess.DEVNULL)
    try:
        found = json.loads(done.stdout)
        conditions: list[dict[str, Any]] = found.get("conditions", [])
    except (ValueError, AttributeError) as error:
        raise RuntimeError("What the release still needs could not be counted. On the machine of the dataset, "
                           "`itd review gate` says why.") from error
    if not conditions:
        raise RuntimeError(f"{found.get('problem', '')} {found.get('remedy', '')}".strip())
    return conditions


@app.command(epilog=EXIT_CODES)
def gate(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Say what the release still needs from the experts, counted from the answers as they are now.

    Examples:

      itd review gate
      itd review gate --profile conf/ours.yaml --json
    """
    from itd_pipeline.pipeline.gate_now import gate_now
    from itd_pipeline.settings import load_settings
    from itd_pipeline.storage.lake import Lake

    with reported(as_json):
        settings = load_settings(profile)
        conditions = gate_now(settings, Lake(settings.lake_path))
    if as_json:
        print_json({"conditions": conditions})
        return
    print_rows("What the release still needs", ("number", "wanted", "now", "holds", "still missing"), [
        [c["name"].replace("_", " "), f"{c['wanted']:.2f}", "-" if c["found"] is None else f"{c['found']:.2f}",
         "yes" if c["holds"] else "no", c["missing"]] for c in conditions], right=("wanted", "now"))


@app.command(epilog=EXIT_CODES)
def plan(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Say who is asked to judge how much, how long it takes, and what the sample can prove.

    Examples:

      itd review plan
      itd review plan --profile full --json
    """
    from itd_pipeline.pipeline.review_plan import plan_in_words
    from itd_pipeline.settings import load_settings
    from itd_pipeline.storage.lake import Lake

    with reported(as_json):
        facts = Lake(load_settings(profile).lake_path).require("review_sample").facts
        if "plan" not in facts:
            raise NotBuiltError("The sample was drawn by an earlier version.", "Run `itd build`.")
        if as_json:
            print_json({**facts["plan"], "sample_id": facts["sample_id"], "strata": facts["strata"],
                        "higher_risk": facts["higher_risk"]})
            return
        for sentence in plan_in_words(facts["plan"]):
            out.print(sentence, markup=False)
        print_rows("Candidates of higher risk", ("because of", "there are", "drawn"),
                   [(why.replace("_", " "), found["records"], found["drawn"])
                    for why, found in facts["higher_risk"].items()], right=("there are", "drawn"))


@app.command(epilog=EXIT_CODES)
def people(
    add: Annotated[str | None, typer.Option(help="Pseudonym of a person to add.")] = None,
    roles: Annotated[list[str] | None, typer.Option("--role", help="author, reviewer, adjudicator or lead; may be "
                                                                    "repeated.")] = None,
    profession: Annotated[str, typer.Option(help="Profession, such as clinician or nurse.")] = "clinician",
    experience: Annotated[int | None, typer.Option(help="Years of experience.")] = None,
    renew: Annotated[str | None, typer.Option(help="Pseudonym of a person who needs a new link.")] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """List who takes part and how far they are; add a person or renew a link.

    Examples:

      itd review people
      itd review people --add owl-3 --role reviewer --experience 12
      itd review people --renew owl-3
    """
    from itd_pipeline.review_store import people as kept
    from itd_pipeline.review_store.tasks import progress

    with reported(as_json), _open(profile) as (_, store):
        link = None
        if add is not None:
            link = kept.add_person(store, kept.Person(add, tuple(roles or ("reviewer",)), profession, experience))
        elif renew is not None:
            link = kept.renew_link(store, renew)
        if link and not as_json:
            out.print(f"The link, shown only now: /enter/{link} (behind the address of the server)", markup=False,
                      soft_wrap=True)
            return
        rows = []
        for person in kept.people(store):
            done = progress(store, person.pseudonym)
            rows.append({"pseudonym": person.pseudonym, "roles": ", ".join(person.roles), "profession": person.role,
                         "years": person.experience_years, "judged": done.done, "of": done.total,
                         "active": person.active})
        if as_json:
            print_json({"people": rows, **({"link": f"/enter/{link}"} if link else {})})
        else:
            print_rows("Who takes part", ("pseudonym", "roles", "profession", "years", "judged", "of", "active"),
                       [list(row.values()) for row in rows], right=("years", "judged", "of"))


@app.command(epilog=EXIT_CODES)
def export(
    reviewer: Who,
    target: Annotated[Path, typer.Argument(help="File to write: .xlsx for a spreadsheet, .json for Label Studio.")],
    profile: Profile = "demo",
    disputes: Annotated[bool, typer.Option("--disputes", help="Records on which reviewers differ, for a third "
                                                              "opinion.")] = False,
) -> None:
    """Write one reviewer's records, with what they have answered, for a spreadsheet or for Label Studio; or the records
    in dispute, with what both reviewers said, for the person who decides.

    For Label Studio the labelling interface is written beside the tasks, as `.xml`.

    Examples:

      itd review export --for owl-3 owl-3.xlsx
      itd review export --for owl-3 owl-3.json
      itd review export --for elk-1 --disputes third.xlsx
    """
    from itd_pipeline.review.label_studio import interface, tasks_json
    from itd_pipeline.review.workbook import workbook_of
    from itd_pipeline.review_store.ratings import rows_of
    from itd_pipeline.review_store.third_by_file import dispute_rows
    from itd_pipeline.storage.lake import write_atomically

    with reported(), _open(profile) as (rubric, store):
        if disputes:
            _adjudicates(store, reviewer)
        rows = dispute_rows(store, reviewer, rubric) if disputes else rows_of(store, reviewer)
        if not rows:
            raise NotBuiltError(*((f"No record waits for {reviewer} to decide.", "Look again once more is judged.")
                                  if disputes else
                                  (f"{reviewer} has no records.", "`itd review people` lists who has.")))
        if target.suffix.lower() == ".xlsx":
            write_atomically(target, workbook_of(rows, rubric, reviewer, "application"))
        elif target.suffix.lower() == ".json":
            write_atomically(target, tasks_json(rows, rubric))
            write_atomically(target.with_suffix(".xml"), interface(rubric).encode())
        else:
            raise ConfigError("The file is neither .xlsx nor .json.", "Choose one of the two.")
        out.print(f"{len(rows):,} records written to {target}.", markup=False)


@app.command("import", epilog=EXIT_CODES)
def import_(
    reviewer: Who,
    files: Annotated[list[Path], typer.Argument(help="Files that `itd review export` wrote, filled in.")],
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Take in answers from a spreadsheet or from Label Studio.

    An answer that is stored already is changed only by a file that was exported after it: an old copy overwrites
    nothing. Every row that is not taken in is named.

    Example:

      itd review import --for owl-3 owl-3.xlsx
    """
    from itd_pipeline.review_store.ratings import take_in
    from itd_pipeline.review_store.third_by_file import PREFIX, take_in_opinions

    with reported(as_json), _open(profile) as (rubric, store):
        given: list[tuple[str, str, dict[str, str]]] = []
        for file in files:
            given += _read(file, rubric)
        third = [one for one in given if one[1].startswith(PREFIX)]
        if third:
            _adjudicates(store, reviewer)
        taken = take_in(store, reviewer, [one for one in given if not one[1].startswith(PREFIX)], rubric)
        opinions = take_in_opinions(store, reviewer, third, rubric)
        taken.saved += opinions.saved
        taken.unchanged += opinions.unchanged
        taken.problems += opinions.problems
        if as_json:
            print_json({"saved": taken.saved, "unchanged": taken.unchanged, "problems": taken.problems})
        else:
            out.print(f"{taken.saved:,} answers saved, {taken.unchanged:,} unchanged, {len(taken.problems):,} not "
                      "taken in.")
            for problem in taken.problems:
                err.print(problem, markup=False)
        if taken.problems:
            raise typer.Exit(1)


def _adjudicates(store: Any, pseudonym: str) -> None:
    """Raises ConfigError for somebody who may not decide disputes."""
    from itd_pipeline.review_store.people import people

    if not any(p.pseudonym == pseudonym and p.active and p.may("adjudicator") for p in people(store)):
        raise ConfigError(f"{pseudonym} is no adjudicator.",
                          f"`itd review people --add {pseudonym} --role adjudicator` makes one.")


def _read(file: Path, rubric: Any) -> list[tuple[str, str, dict[str, str]]]:
    from itd_pipeline.review import sheet
    from itd_pipeline.review.label_studio import read_annotations
    from itd_pipeline.review.reading import UnreadableWorkbookError, cell_words, read_sheet

    if not file.is_file():
        raise SourceError(f"There is no file {file.name}.", "Check the path.")
    if file.suffix.lower() == ".json":
        return [(f"{file.name}, task {n}", reference, values)
                for n, (reference, values) in enumerate(read_annotations(file.read_bytes(), rubric), start=1)]
    try:
        returned = read_sheet(file)
    except UnreadableWorkbookError as error:
        raise SourceError(f"{file.name}: {error}", "") from error
    asked = sheet.answers(rubric)
    return [(f"{file.name}, row {number}", cell_words(cells.get(sheet.fold(sheet.ASSIGNMENT))),
             {a.id: cell_words(cells.get(sheet.fold(a.label))) for a in asked}) for number, cells in returned.rows]


class _open:
    """Rubric and store of a profile.

    Raises:
        NotBuiltError: no review has been opened yet.
    """

    def __init__(self, profile: str) -> None:
        self._profile = profile

    def __enter__(self) -> Any:
        from itd_pipeline.pipeline.review_round import store_path
        from itd_pipeline.review.rubric import load_rubric
        from itd_pipeline.review_store import Store
        from itd_pipeline.settings import load_settings

        settings = load_settings(self._profile)
        path = store_path(settings)
        if not path.is_file():
            raise NotBuiltError("No review has been opened yet.", "Run `itd review serve`.")
        self._store = Store(path)
        return load_rubric(settings.resolve(settings.review.rubric)), self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()
