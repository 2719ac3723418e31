"""`itd recipe`: list, show and try the recipes by which models write records."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import EXIT_CODES, AsJson, Profile, out, print_json, print_rows, reported

app = typer.Typer(no_args_is_help=True, help="The recipes by which models write records.")

Name = Annotated[str, typer.Argument(help="Name of a recipe, or path of its file.")]


@app.command("list", epilog=EXIT_CODES)
def list_(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """List every recipe that the profile can use, and which it does use.

    Examples:

      itd recipe list
      itd recipe list --profile conf/ours.yaml --json
    """
    from itd_pipeline.expand import load_recipes
    from itd_pipeline.pipeline.records import recipes_of
    from itd_pipeline.settings import load_settings

    with reported(as_json):
        settings = load_settings(profile)
        known = load_recipes([settings.resolve(p) for p in settings.expansion.recipes.paths], ("*",))
        used = {recipe.id for recipe in recipes_of(settings)}
        if as_json:
            print_json([{"name": r.id, "version": r.version, "title": r.title, "task": r.task, "routes": r.routes,
                         "from": r.source, "reads": r.reads, "hash": r.hash, "file": r.origin, "used": r.id in used}
                        for r in known])
            return
        print_rows(f"{len(known)} recipes; {len(used)} used by the profile {settings.profile}",
                   ["recipe", "task", "from", "routes", "confirmed by", "used", "what it makes"],
                   [[r.label, r.task, r.source, ", ".join(r.routes), r.confirm.role if r.confirm else "",
                     "yes" if r.id in used else "", r.title] for r in known])


@app.command(epilog=EXIT_CODES)
def show(name: Name, profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Show a recipe whole: its file and its prompts, with the hash that stands in every record.

    Examples:

      itd recipe show multiple_choice
      itd recipe show recipes/our_recipe.yaml
    """
    from itd_pipeline.pipeline.recipe_trial import find_recipe
    from itd_pipeline.settings import load_settings

    with reported(as_json):
        recipe = find_recipe(load_settings(profile), name)
        if as_json:
            print_json({"name": recipe.id, "version": recipe.version, "hash": recipe.hash, "file": recipe.origin,
                        "text": recipe.text})
            return
        out.print(f"{recipe.label}  {recipe.origin}\nSHA-256 {recipe.hash}\n", markup=False)
        out.print(recipe.text, markup=False, soft_wrap=True)


@app.command(epilog=EXIT_CODES)
def checks(as_json: AsJson = False) -> None:
    """List the checks that a recipe may name, with their options."""
    from itd_pipeline.expand.judging.checks import CHECKS

    with reported(as_json):
        rows = [[name, rule.says, ", ".join(sorted(rule.options))] for name, rule in CHECKS.items()]
        if as_json:
            print_json([dict(zip(("check", "says", "options"), row, strict=True)) for row in rows])
        else:
            print_rows("Checks", ["check", "what must hold", "options"], rows)


@app.command("try", epilog=EXIT_CODES)
def try_(
    name: Name,
    count: Annotated[int, typer.Option("--n", min=1, max=200, help="Records to try.")] = 5,
    source: Annotated[str | None, typer.Option(help="Source whose passages are used; the first that fits.")] = None,
    route: Annotated[str | None, typer.Option(help="synthetic or hybrid; the recipe's first.")] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Make a few records by one recipe and show prompts, answers and verdicts. No row is written into the lake.

    The answers are kept in the store, so that neither a second trial nor a build pays for them again. Text of the
    source is shown: on your own screen only.

    Examples:

      itd recipe try small_question --n 3 --source leaflets
      itd recipe try recipes/our_recipe.yaml --profile conf/ours.yaml
    """
    from itd_pipeline.pipeline.recipe_trial import try_recipe
    from itd_pipeline.settings import load_settings

    with reported(as_json):
        trial = try_recipe(load_settings(profile), name, count, source, route)
        kept = sum(not tried.reason for tried in trial.tried)
        requests = [pair for tried in trial.tried for pair in tried.asked]
        totals = {"tried": len(trial.tried), "kept": kept, "rejected": len(trial.tried) - kept,
                  "requests": len(requests), "from_store": trial.stored, "spent_usd": round(trial.spent_usd, 6),
                  "prompt_tokens": sum(a.prompt_tokens for _, a in requests),
                  "completion_tokens": sum(a.completion_tokens for _, a in requests)}
        if as_json:
            print_json({"recipe": trial.recipe.label, "source": trial.source, "route": trial.route, **totals,
                        "records": [_plain(tried) for tried in trial.tried]})
            return
        for number, tried in enumerate(trial.tried, start=1):
            _print(number, tried)
        out.print(f"\n{trial.recipe.label} on {trial.source}: {kept} of {len(trial.tried)} stand. {len(requests)} "
                  f"requests, {trial.stored} answered from the store, {totals['prompt_tokens']:,} tokens sent, "
                  f"{totals['completion_tokens']:,} received, {trial.spent_usd:.4f} USD spent now. Nothing was written "
                  "into the lake but the answers.", markup=False, soft_wrap=True)


def _plain(tried: Any) -> dict[str, Any]:
    return {"verdict": tried.reason or "kept", "detail": tried.detail, "record": dict(tried.row),
            "asked": [{"messages": [{"role": r, "content": c} for r, c in request.messages], "answer": answer.text,
                       "error": answer.error, "stored": answer.cached, "cost_usd": answer.cost_usd}
                      for request, answer in tried.asked]}


def _print(number: int, tried: Any) -> None:
    out.rule(f"{number}. {tried.reason or 'kept'}", align="left", style="red" if tried.reason else "green")
    for request, answer in tried.asked:
        for role, content in request.messages:
            out.print(f"[{role}]", style="bold", markup=False)
            out.print(content, markup=False, soft_wrap=True)
        out.print("[answer]" + (" (from the store)" if answer.cached else ""), style="bold", markup=False)
        out.print(answer.text or answer.error, markup=False, soft_wrap=True)
    if tried.reason:
        out.print(f"Turned away: {tried.reason}" + (f" ({tried.detail})" if tried.detail else ""), style="red",
                  markup=False)
        return
    for field in ("instruction", "input", "output", "rationale", "answer_key"):
        if tried.row.get(field):
            out.print(f"{field}: {tried.row[field]}", markup=False, soft_wrap=True)
    for cited in tried.row["citations"]:
        out.print(f"evidence: {cited['start']} to {cited['end']}: {cited['quote']}", markup=False, soft_wrap=True)
