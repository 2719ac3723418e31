"""What experts said, or the plain statement that nobody has said anything yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, PageSection, Unit, word
from itd_pipeline.evaluation.sections.corrections import corrections
from itd_pipeline.evaluation.sections.reviewers import reviewers
from itd_pipeline.tables.vocabularies import YES_NO

ID = "human"
_AGREEMENT = (("raw", "Raw"), ("cohen_kappa", "Cohen"), ("fleiss_kappa", "Fleiss"), ("conger_kappa", "Conger"),
              ("brennan_prediger", "Brennan-Prediger"), ("gwet_ac1", "Gwet AC1"), ("krippendorff_alpha", "Alpha"))
_ORDERED = (("weighted_kappa", "Weighted kappa"), ("gwet_ac2", "Gwet AC2"), ("krippendorff_alpha", "Ordinal alpha"),
            ("icc_single", "ICC(2,1)"), ("icc_average", "ICC(2,k)"))
_CONDITIONS = {"reviewed_share": "Ratings that came back", "agreement": "Agreement on the decision",
               "defect_bound": "Defective records, at most"}
_UNDEFINED = "not defined for these ratings"


def human(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Progress, defects, decisions, gates, axes, agreement, error tags."""
    facts, title = inputs.human, "Human evaluation"
    progress: list[list[Cell]] = [
        [label, ledger.add(ID, metric, facts.get(metric, 0))] for metric, label in (
            ("records_sampled", "Records drawn"), ("assignments", "Ratings asked for"),
            ("assignments_answered", "Ratings given"), ("records_rated", "Records rated"),
            ("records_rated_twice", "Records rated by two or more"),
            ("records_in_dispute", "Records on which reviewers differ"))]
    blocks: list[Block] = [Grid("Progress", ("", "Count"), progress), _conditions(facts, ledger)]
    if "defect" not in facts:
        return PageSection(ID, title, "Not reviewed: no rating has come back. Nothing here says that the records are "
                           "medically correct.", blocks)
    blocks += [
        _defects(facts, ledger),
        _by_route(facts, ledger),
        _by_stratum(facts, ledger),
        _verdicts(facts, ledger),
        Grid("Gate questions", ("Question", "Yes", "No"), [
            [word(gate), *(ledger.add(ID, f"gate_{answer}", f[answer], group=gate) for answer in YES_NO)]
            for gate, f in facts["gates"].items()]),
    ]
    if facts["axes"]:
        blocks.append(_axes(facts, ledger))
    blocks.append(_agreement(facts, ledger))
    blocks += reviewers(inputs, ledger) + corrections(facts, ledger)
    if facts["error_tags"]:
        blocks.append(Grid("Error tags", ("Tag", "Ratings"), [
            [word(tag), ledger.add(ID, "error_tag", count, group=tag)] for tag, count in facts["error_tags"].items()]))
    return PageSection(ID, title, f"{str(facts['status']).capitalize()}. {facts['reviewers']} reviewers, blind to how "
                       "a record was made, judged a stratified random sample.", blocks)


def _verdicts(facts: Mapping[str, Any], ledger: Ledger) -> Grid:
    rows: list[list[Cell]] = [[f"Ratings: {decision}", ledger.add(ID, "ratings_by_decision", n, group=decision)]
                              for decision, n in facts["decisions"].items()]
    rows += [[f"Records: {status}", ledger.add(ID, "records_by_verdict", n, group=status)]
             for status, n in facts["statuses"].items()]
    return Grid("Decisions and verdicts", ("", "Count"), rows)


def _defects(facts: Mapping[str, Any], ledger: Ledger) -> Grid:
    found = facts["defect"]
    bound = f"one-sided, confidence {found['confidence']:g}"
    rule = {"any": "any reviewer", "majority": "at least half of the reviewers"}[found["rule"]]
    rows: list[list[Cell]] = [
        ["Records rated", ledger.add(ID, "defect_records", found["records"])],
        [f"Defective: {rule} answers a gate question with no, or rejects",
         ledger.add(ID, "defective_records", found["defective"])],
        ["Share in the whole set, estimated", ledger.add(ID, "defect_estimate", found["estimate"], "share",
                                                         note="weighted by inclusion probability")],
        ["Effective sample size, after weighting", ledger.add(ID, "defect_effective_records",
                                                              round(found["effective_records"], 1))],
        ["Interval, from", ledger.add(ID, "defect_low", found["low"], "share", note="Wilson, two-sided")],
        ["to", ledger.add(ID, "defect_high", found["high"], "share", note="Wilson, two-sided")],
        [f"At most, with {100 * found['confidence']:g} % confidence",
         ledger.add(ID, "defect_upper_bound", found["upper_bound"], "share", note=bound)],
    ]
    return Grid("Defects", ("", "Value"), [*rows, *_two_stage(facts, ledger)])


def _two_stage(facts: Mapping[str, Any], ledger: Ledger) -> list[list[Cell]]:
    """The same share with the help of the judge, or why there is none."""
    found = facts.get("defect_two_stage")
    if found is None:
        return []
    note = f"{found['correction']} correction, judge weighs {found['judge_weight']:.2f}" if found["used"] else \
        f"not estimated: {found['why']}"
    said: list[list[Cell]] = [["Share, with the judge's scores of the whole set",
                               ledger.add(ID, "defect_two_stage", found.get("estimate"), "share", note=note)]]
    if not found["used"]:
        return said
    return [*said, ["Its interval, from", ledger.add(ID, "defect_two_stage_low", found["low"], "share")],
            ["to", ledger.add(ID, "defect_two_stage_high", found["high"], "share")],
            ["Records that a sample without a judge would need for it",
             ledger.add(ID, "defect_two_stage_records_worth", round(found["records_worth"], 1))]]


def _by_route(facts: Mapping[str, Any], ledger: Ledger) -> Grid:
    return Grid("Defects by route", ("Route", "Rated", "Defective"), [
        [word(route), ledger.add(ID, "rated_by_route", n["records"], group=route),
         ledger.add(ID, "defective_by_route", n["defective"], group=route)]
        for route, n in facts["defects_by_route"].items()])


def _by_stratum(facts: Mapping[str, Any], ledger: Ledger) -> Grid:
    return Grid("Defects by stratum", ("Stratum", "Rated", "Defective", "Share, 95 % interval", "At most"), [
        [name, ledger.add(ID, "rated_by_stratum", n["records"], group=name),
         ledger.add(ID, "defective_by_stratum", n["defective"], group=name),
         f"{n['low']:.1%} to {n['high']:.1%}",
         ledger.add(ID, "defect_bound_by_stratum", n["upper_bound"], "share", group=name)]
        for name, n in facts["defects_by_stratum"].items()])


def _conditions(facts: Mapping[str, Any], ledger: Ledger) -> Grid:
    rows: list[list[Cell]] = []
    for one in facts.get("gate", ()):
        kind: Unit = "score" if one["name"] == "agreement" else "share"
        found = ledger.add(ID, f"gate_{one['name']}", one["found"], kind, note="" if one["holds"] else one["missing"])
        wanted = ledger.add(ID, f"gate_{one['name']}_wanted", one["wanted"], kind)
        rows.append([_CONDITIONS[one["name"]], wanted, found,
                     "holds" if one["holds"] else f"missing: {one['missing']}"])
    return Grid("What a release that is no draft needs", ("", "Wanted", "Found", ""), rows)


def _axes(facts: Mapping[str, Any], ledger: Ledger) -> Grid:
    rows: list[list[Cell]] = []
    for axis, found in facts["axes"].items():
        row: list[Cell] = [word(axis), ledger.add(ID, "axis_ratings", found["ratings"], group=axis),
                           ledger.add(ID, "axis_mean", found["mean"], "score", group=axis)]
        row += [_coefficient(f"axis_{name}", found[name], axis, ledger) for name, _ in _ORDERED]
        row += _balance("axis", found, axis, ledger)
        rows.append(row)
    return Grid("Axes, 1 worst to 5 best", ("Axis", "Ratings", "Mean", *(label for _, label in _ORDERED), "Prevalence",
                                           "Bias"), rows)


def _agreement(facts: Mapping[str, Any], ledger: Ledger) -> Grid:
    asked = {"decision": facts["agreement"], **{gate: f["agreement"] for gate, f in facts["gates"].items()}}
    rows: list[list[Cell]] = []
    for question, found in asked.items():
        row: list[Cell] = [word(question)]
        row += [_coefficient(f"agreement_{name}", found[name], question, ledger, "share" if name == "raw" else "score")
                for name, _ in _AGREEMENT]
        row += _balance("agreement", found, question, ledger)
        rows.append([*row, _interval(found["gwet_ac1"]) or "none"])
    return Grid("Agreement between reviewers",
                ("Question", *(label for _, label in _AGREEMENT), "Prevalence", "Bias", "AC1 95 % interval"), rows)


def _balance(about: str, found: Mapping[str, Any], group: str, ledger: Ledger) -> list[Cell]:
    """Prevalence and bias index, to be read beside kappa."""
    held = found["balance"] or {}
    return [ledger.add(ID, f"{about}_{index}", held.get(index), "score", group=group, note="" if held else _UNDEFINED)
            for index in ("prevalence_index", "bias_index")]


def _coefficient(metric: str, found: Mapping[str, Any] | None, group: str, ledger: Ledger,
                 kind: Unit = "score") -> Cell:
    """A coefficient in the ledger, its interval as the note."""
    value = None if found is None else found["value"]
    return ledger.add(ID, metric, value, kind, group=group,
                      note=_UNDEFINED if value is None or found is None else _interval(found))


def _interval(found: Mapping[str, Any] | None) -> str:
    if found is None or found["low"] is None:
        return ""
    return f"{found['low']:.2f} to {found['high']:.2f}"
