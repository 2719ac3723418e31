"""What the model's answers cost, by model and per record kept; and where the documents come from."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, PageSection

ID = "cost"
_SPENT = ("requests", "prompt_tokens", "completion_tokens")


def cost_per_kept(inputs: ReportInputs) -> float | None:
    """US dollars per kept record that a model wrote; None where no model was asked or nothing of it was kept."""
    routes = inputs.filtered.column("route")
    written = true_count(pc.is_in(routes, pa.array(["synthetic", "hybrid"])))
    return inputs.cost["cost_usd"] / written if inputs.cost.get("requests") and written else None


def cost(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Requests, tokens and dollars."""
    title = "Cost"
    if not inputs.cost.get("requests"):
        cell = ledger.add(ID, "requests", 0)
        return PageSection(ID, title, "No model was asked.", [Grid("Requests", ("", "Count"), [["Requests", cell]])])
    rows: list[list[Cell]] = []
    models = sorted((inputs.cost.get("by_model") or {}).items())
    for name, spent in (*models, ("", inputs.cost)):
        rows.append([name or "all models", *(ledger.add(ID, m, spent.get(m), group=name) for m in _SPENT),
                     ledger.add(ID, "cost_usd", spent.get("cost_usd"), "usd", group=name)])
    per_record = ledger.add(ID, "cost_per_accepted_record", cost_per_kept(inputs), "usd",
                            note="per kept record of the routes synthetic and hybrid")
    return PageSection(ID, title, "Requests behind the candidates. Each is paid once, however often a run repeats.", [
        Grid("Spent", ("Model", "Requests", "Tokens sent", "Tokens received", "US dollars"), rows),
        Grid("Price of a record", ("", "US dollars"), [["Per kept record that a model wrote", per_record]])])


def sources(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Where the documents come from, and the policy they met."""
    rows: list[list[Cell]] = [
        [s["name"], s.get("owner") or "not named", s["reader"], s["licence"], "yes" if s["patient_data"] else "no",
         ledger.add("sources", "documents", s["documents"], group=s["name"])] for s in inputs.sources]
    blocks: list[Block] = [Grid("Sources", ("Source", "Owner", "Reader", "Licence", "Patient data", "Documents"), rows)]
    if inputs.policy_rules:
        blocks.append(Lines(inputs.policy_rules))
    return PageSection("sources", "Sources and policy", "Where documents come from, and the rules that records met.",
                       blocks)
