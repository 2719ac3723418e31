"""The whole in a few numbers."""

from __future__ import annotations

import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import only, true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Ledger, PageSection, Tile
from itd_pipeline.evaluation.sections.cost import cost_per_kept

ID = "at_a_glance"


def glance(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Size, review, defect bound, contamination, identifiers, cost."""
    facts, kept = inputs.human, only(inputs.signals, "record_id", inputs.filtered.column("record_id"))
    ready = bool(facts.get("ready"))
    size = ledger.add(ID, "records_kept", inputs.filtered.num_rows)
    candidates = ledger.add(ID, "candidates", inputs.signals.num_rows)
    rated = ledger.add(ID, "records_rated", facts.get("records_rated", 0))
    identifiers = ledger.add(ID, "kept_with_identifiers", true_count(pc.greater(kept.column("identifier_count"), 0)))
    compared = kept.num_rows - kept.column("contamination_share").null_count
    overlap = ledger.add(ID, "kept_with_overlap", true_count(pc.greater(kept.column("contamination_share"), 0))
                         if compared else None, note="" if compared else "no kept record was compared")
    price = ledger.add(ID, "cost_per_accepted_record", cost_per_kept(inputs), "usd",
                       note="" if inputs.cost.get("requests") else "no model was asked")
    return PageSection(ID, "At a glance", inputs.dataset.description, [
        Tile("Records kept", size, "by the policy; the release's own gate may hold some back"
             + (f". Version {inputs.data_version[:12]} of the set" if inputs.data_version else "")),
        Tile("Candidates", candidates, "records measured before the policy was applied"),
        Tile("Status", "reviewed" if ready else "draft",
             "experts judged enough, agree enough and found few enough defects" if ready else
             "what experts judged does not suffice yet" if "defect" in facts else "no expert has judged it",
             "plain" if ready else "warn"),
        Tile("Records rated by experts", rated),
        _defect_tile(inputs, ledger),
        _agreement_tile(inputs, ledger),
        Tile("Kept records with benchmark overlap", overlap if compared else "not measured",
             "any shared text at all, below the policy's threshold too" if compared else "no benchmark was compared",
             "plain" if compared else "warn"),
        Tile("Kept records with identifiers found", identifiers, "by patterns and lists",
             "warn" if identifiers.value else "plain"),
        Tile("Cost per accepted record", price if price.value is not None else "none",
             "of those that a model wrote" if inputs.cost.get("requests") else "no model was asked"),
        _changes_tile(inputs, ledger),
    ])


def _agreement_tile(inputs: ReportInputs, ledger: Ledger) -> Tile:
    """The coefficient that the profile's gate asks for."""
    label = "Agreement between experts"
    asked = next((one for one in inputs.human.get("gate", ()) if one["name"] == "agreement"), None)
    found = asked["found"] if asked and "defect" in inputs.human else None
    value = ledger.add(ID, "agreement", found, "score", note="" if found is not None else "no two experts judged one")
    return Tile(label, value if found is not None else "not measured",
                f"on the decision; {asked['wanted']:g} is wanted" if asked else "needs ratings by experts",
                "warn" if found is None or not asked or not asked["holds"] else "plain")


def _changes_tile(inputs: ReportInputs, ledger: Ledger) -> Tile:
    label = "Changed since the last release"
    if inputs.last is None:
        ledger.add(ID, "records_changed", None, note="the profile names no last release")
        return Tile(label, "not measured", "the profile names no last release")
    now, then = (set(table.column("record_id").to_pylist()) for table in (inputs.filtered, inputs.last["records"]))
    changed = ledger.add(ID, "records_changed", len(now ^ then))
    return Tile(label, changed, f"records: {len(now - then):,} came, {len(then - now):,} went")


def _defect_tile(inputs: ReportInputs, ledger: Ledger) -> Tile:
    label, found = "Defective records, at most", inputs.human.get("defect")
    if not found:
        ledger.add(ID, "defect_upper_bound", None, "share", note="not reviewed")
        return Tile(label, "not reviewed", "needs ratings by experts", "warn")
    bound = ledger.add(ID, "defect_upper_bound", found["upper_bound"], "share",
                       note=f"one-sided, confidence {found['confidence']:g}")
    return Tile(label, bound, f"with {100 * found['confidence']:g} % confidence; {found['defective']} defects in "
                f"{found['records']} records rated")
