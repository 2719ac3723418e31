"""`itd policy`: try another policy, see why a record was kept, how often rules hit what experts find sound, which rules
experts' verdicts suggest, and whether the automatic judge counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from itd_pipeline.commands.console import EXIT_CODES, AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError, NotBuiltError
from itd_pipeline.pipeline.judge_verdict import judge_identity, judge_use, policy_in_force, write_verdict
from itd_pipeline.policy import (
    Policy,
    Suggestions,
    Trial,
    as_yaml,
    audit_rules,
    explain_record,
    load_policy,
    suggest_rules,
    try_policy,
    with_judge,
)
from itd_pipeline.policy.query import decide
from itd_pipeline.settings import Settings, load_settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.queries import connect, create_view

app = typer.Typer(no_args_is_help=True, help="Try, explain, audit and mend the policy.")


@app.callback()
def _policy() -> None:
    """Try, explain, audit and mend the policy."""


@app.command("try", epilog=EXIT_CODES)
def try_(
    file: Annotated[Path, typer.Argument(help="A policy file.")],
    profile: Profile = "demo",
    examples: Annotated[int, typer.Option(min=0, help="How many gained and lost records to name.")] = 5,
    in_force: Annotated[Path | None, typer.Option(help="Compare with this policy, not with the profile's.")] = None,
    signals: Annotated[Path | None, typer.Option(help="Parquet file of signals, instead of those of the lake.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the funnel under another policy, with records gained and lost. Nothing is measured and nothing is written.

    Examples:

      itd policy try stricter.yaml
      itd policy try stricter.yaml --examples 20 --json
    """
    with reported(as_json):
        tried = load_policy(file)
        before = load_policy(in_force) if in_force else None
        settings = None
        if before is None or signals is None:
            settings = load_settings(profile)
            tried = with_judge(tried, judge_use(settings))
            before = with_judge(before, judge_use(settings)) if before else _policy_of(settings)
        lake = Lake(settings.lake_path) if settings else None
        with duckdb.connect(":memory:") if lake is None else connect(lake) as connection:
            create_view(connection, "signals", [_signals(lake, signals)])
            trial = try_policy(connection, tried, before, examples)
        if as_json:
            print_json(asdict(trial))
        else:
            _print_trial(trial)


@app.command(epilog=EXIT_CODES)
def explain(
    record: Annotated[str, typer.Argument(help="Id of a candidate; its first characters do.")],
    profile: Profile = "demo",
    policy: Annotated[Path | None, typer.Option(help="Under this policy, not the profile's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every rule on one record: version, value, threshold, and whether it passed.

    Example:

      itd policy explain rec-0123456789abcdef0123
    """
    with reported(as_json):
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        rules = policy_in_force(settings, policy)
        with connect(lake) as connection:
            create_view(connection, "signals", [_signals(lake, None)])
            row = _row(connection, record)
            decide(connection, rules)
            outcome, position = connection.execute(
                "SELECT outcome, position FROM outcomes WHERE record_id = ?", [row["record_id"]]).fetchall()[0]
            said = _said(connection, rules, row["record_id"])
        explained = explain_record(row, said, rules)
        versions = {rule.name: rule.version for rule in rules.rules}
        claims = row["unsupported_claims"] if not row["patient_data"] else []
        by = "" if position is None else f" by {rules.rules[position].name}"
        if as_json:
            print_json({"record_id": row["record_id"], "outcome": outcome,
                        "decided_by": by.removeprefix(" by ") or None, "unsupported_claims": claims,
                        "rules": [{**e._asdict(), "version": versions[e.rule]} for e in explained]})
            return
        out.print(f"{row['record_id']}: {outcome}{by}", style="bold", markup=False)
        if row["route"] == "manual" and outcome != "kept":
            out.print("An expert's own record: it goes back to its author.", markup=False)
        print_rows("", ("rule", "version", "value", "threshold", "outcome"),
                   [(e.rule, versions[e.rule], e.value, e.threshold, e.outcome) for e in explained], right=("version",))
        for claim in claims:
            out.print(f"not in the evidence: {claim}", markup=False)


@app.command(epilog=EXIT_CODES)
def rules(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Every rule with its hits, and the share of the judged ones that experts accepted: its false-positive rate, with
    Wilson's 95 % interval.

    Example:

      itd policy rules --profile full
    """
    with reported(as_json):
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        policy = _policy_of(settings)
        lake.require("filtered_set")
        decisions = _decisions(settings, lake) if lake.manifest("human_evaluation") else {}
        with connect(lake) as connection:
            create_view(connection, "verdicts", [lake.path("filtered_set", "", "verdicts")])
            counted = connection.execute("SELECT rule, count(*) FROM verdicts WHERE NOT passed GROUP BY 1").fetchall()
            hits = dict(counted)
            judged = connection.execute("SELECT rule, record_id FROM verdicts WHERE NOT passed AND "
                                        "list_contains(?, record_id)", [sorted(decisions)]).fetchall()
        audited = audit_rules(policy, hits, judged, decisions)
        if as_json:
            print_json([asdict(rule) for rule in audited])
            return
        print_rows("Rules", ("rule", "version", "action", "hits", "judged", "sound", "false-positive rate"), [
            (a.rule, a.version, a.action, a.hits, a.judged, a.sound,
             "not judged" if a.rate is None else f"{a.rate:.0%} ({a.low:.0%} to {a.high:.0%})") for a in audited],
            right=("version", "hits", "judged", "sound"))


@app.command(epilog=EXIT_CODES)
def suggest(
    profile: Profile = "demo",
    most: Annotated[int, typer.Option(min=1, max=50, help="How many rules to suggest at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Rules that would have turned away what experts rejected, as YAML for the policy. Nothing is written.

    Every comparison of a single signal is tried, over all records and within a route, source or task. Shown are rules
    that do better than chance, chance being judged over all rules together.

    Examples:

      itd policy suggest
      itd policy suggest --profile full --most 3 --json
    """
    with reported(as_json):
        settings = load_settings(profile)
        lake = Lake(settings.lake_path)
        policy = _policy_of(settings)
        lake.require("filtered_set")
        lake.require("human_evaluation")
        tags: dict[str, list[str]] = {}
        for row in lake.read("human_evaluation", columns=["record_id", "error_tags"]).to_pylist():
            tags.setdefault(row["record_id"], []).extend(tag for tag in row["error_tags"].split(",") if tag)
        with connect(lake) as connection:
            create_view(connection, "signals", [_signals(lake, None)])
            found = suggest_rules(connection, policy, _decisions(settings, lake), tags, judge_use(settings), most)
        if as_json:
            print_json({**asdict(found), "yaml": as_yaml(found.found) if found.found else ""})
            return
        _print_suggestions(found)


@app.command(epilog=EXIT_CODES)
def judge(
    profile: Profile = "demo",
    write: Annotated[bool, typer.Option("--write", help="Put the verdict in force for the next build.")] = False,
    as_json: AsJson = False,
) -> None:
    """Whether the automatic judge agrees with the experts as well as one of them does, and so counts in the policy.

    Without a verdict in force, or where the judge agrees less, its rules only warn.

    Examples:

      itd policy judge
      itd policy judge --write
    """
    with reported(as_json):
        settings = load_settings(profile)
        facts = Lake(settings.lake_path).require("human_evaluation").facts["human"].get("judge")
        if not judge_identity(settings):
            raise NotBuiltError("The profile names no judge.", "Set `signals.judge`, and build.")
        if facts is None:
            raise NotBuiltError("No expert has judged a record yet.", "docs/reviewing.md says how that is done.")
        path = write_verdict(settings, facts) if write else None
        force = judge_use(settings)
        if as_json:
            print_json({**facts, "in_force": asdict(force), "written": str(path) if path else None})
            return
        print_rows("The judge against experts, ICC(2,1)", (
            "axis", "records", "judge, panel", "expert, others", "judge, others", "difference", "used"), [
            (name, one["records"], _with(one["judge_agreement"], one["judge_interval"]),
             _with(one["expert_agreement"], one["expert_interval"]), _with(one["judge_with_others"], None),
             _with(one["difference"], one["difference_interval"]), "yes" if one["used"] else "no")
            for name, one in {"overall": facts.get("overall", {}), **facts.get("axes", {})}.items() if one],
            right=("records",))
        out.print(f"Latest ratings: {'used' if facts['used'] else 'not used'}, {facts['why']}.", markup=False)
        out.print(f"In force: {'used' if force.used else 'not used'}, {force.why}.", markup=False)
        if path:
            out.print(f"Written to {path}. The next `itd build` goes by it.", markup=False, soft_wrap=True)


def _with(value: float | None, interval: Sequence[float] | None) -> str:
    if value is None:
        return "none"
    return f"{value:.2f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")


def _decisions(settings: Settings, lake: Lake) -> dict[str, str]:
    """Record id -> what experts decided, third opinions first."""
    from itd_pipeline.evaluation import adjudicate
    from itd_pipeline.pipeline.application_answers import third_opinions
    from itd_pipeline.pipeline.stage import Scope

    return adjudicate(lake.read("human_evaluation")) | third_opinions(Scope(settings, lake))


def _print_suggestions(found: Suggestions) -> None:
    out.print(f"{found.judged:,} candidates have a verdict, {found.rejected:,} of them rejected; {found.tried:,} rules "
              "were tried.", markup=False)
    for one in found.found:
        tags = ", ".join(f"{tag} {count}" for tag, count in one.error_tags[:5]) or "none"
        out.print(f"\n{one.rule.name}", style="bold", markup=False)
        for line in (
            f"precision {one.precision:.0%} ({one.precision_low:.0%} to {one.precision_high:.0%}): {one.rejected} of "
            f"{one.judged} judged records that it hits were rejected",
            f"recall {one.recall:.0%} ({one.recall_low:.0%} to {one.recall_high:.0%}) of what was rejected",
            f"cost: {one.kept:,} kept candidates, about {one.sound:.0f} of them sound ({one.sound_low:.0f} to "
            f"{one.sound_high:.0f})",
            f"as good by chance: {one.chance:.3f}, over all rules together",
            f"error tags: {tags}",
            f"rules on the same signal: {', '.join(one.beside) or 'none'}",
        ):
            out.print(f"  {line}", markup=False, highlight=False)
    if found.why:
        out.print(f"{'No suggestion' if not found.found else 'No further suggestion'}: {found.why}.", markup=False)
    if found.found:
        out.print("\nFor the policy, under `rules:`; try it with `itd policy try`:\n", markup=False)
        out.print(as_yaml(found.found), markup=False, highlight=False, soft_wrap=True)


def _policy_of(settings: Settings) -> Policy:
    return policy_in_force(settings)


def _signals(lake: Lake | None, file: Path | None) -> Path:
    if file is None:
        assert lake is not None
        lake.require("candidate_signals")
        return lake.path("candidate_signals")
    if not file.is_file():
        raise ConfigError(f"There is no file {str(file)!r}.", "Name a Parquet file of signals, or leave --signals out.")
    return file


def _row(connection: duckdb.DuckDBPyConnection, record: str) -> dict[str, Any]:
    answer = connection.execute("SELECT * FROM signals WHERE starts_with(record_id, ?) ORDER BY record_id LIMIT "
                                "2", [record])
    names = [column[0] for column in answer.description or []]
    found = [dict(zip(names, values, strict=True)) for values in answer.fetchall()]
    if not found:
        raise NotBuiltError(f"No candidate has the id {record!r}.",
                            "`itd sql \"SELECT record_id FROM candidate_signals LIMIT 5\"` shows some.")
    if len(found) > 1 and found[0]["record_id"] != record:
        raise NotBuiltError(f"Several candidates begin with {record!r}.", "Give more of the id.")
    return found[0]


def _said(connection: duckdb.DuckDBPyConnection, policy: Policy, record_id: str) -> list[dict[str, Any]]:
    from itd_pipeline.policy.query import verdicts

    said = []
    for position, table in verdicts(connection, policy, record_id=record_id):
        for row in table.to_pylist():
            said.append({**row, "rule": policy.rules[position].name})
    return said


def _print_trial(trial: Trial) -> None:
    print_rows(f"{trial.candidates:,} candidates", ("outcome", "in force", "tried", "change"),
               [(name, was, is_, f"{is_ - was:+,}") for name, (was, is_) in trial.outcomes.items()],
               right=("in force", "tried", "change"))
    print_rows("Rules of the tried policy", ("rule", "version", "action", "threshold", "hits", "before", "decides"), [
        (s.rule, s.version, s.action, s.threshold, s.hits, s.hits_before, s.decides) for s in trial.steps],
        right=("version", "hits", "before", "decides"))
    for title, count, shown in (("gained", trial.gained, trial.gained_examples),
                                ("lost", trial.lost, trial.lost_examples)):
        out.print(f"{title}: {count:,}", style="bold", markup=False)
        if shown:
            print_rows("", ("record", "source", "in force", "tried"),
                       [(c.record_id, c.source, c.before, c.after) for c in shown])
