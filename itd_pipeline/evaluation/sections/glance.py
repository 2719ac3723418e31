"""The whole in seven numbers."""

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
        Tile("Records kept", size),
        Tile("Candidates", candidates, "records measured before the policy was applied"),
        Tile("Status", "reviewed" if ready else "draft",
             "experts judged enough, agree enough and found few enough defects" if ready else
             "what experts judged does not suffice yet" if "defect" in facts else "no expert has judged it",
             "plain" if ready else "warn"),
        Tile("Records rated by experts", rated),
        _defect_tile(inputs, ledger),
        Tile("Kept records with benchmark overlap", overlap if compared else "not measured",
             "any shared text at all, below the policy's threshold too" if compared else "no benchmark was compared",
             "plain" if compared else "warn"),
        Tile("Kept records with identifiers found", identifiers, "by patterns and lists",
             "warn" if identifiers.value else "plain"),
        Tile("Cost per accepted record", price if price.value is not None else "none",
             "of those that a model wrote" if inputs.cost.get("requests") else "no model was asked"),
    ])


def _defect_tile(inputs: ReportInputs, ledger: Ledger) -> Tile:
    label, found = "Defective records, at most", inputs.human.get("defect")
    if not found:
        ledger.add(ID, "defect_upper_bound", None, "share", note="not reviewed")
        return Tile(label, "not reviewed", "needs ratings by experts", "warn")
    bound = ledger.add(ID, "defect_upper_bound", found["upper_bound"], "share",
                       note=f"one-sided, confidence {found['confidence']:g}")
    return Tile(label, bound, f"with {100 * found['confidence']:g} % confidence; {found['defective']} defects in "
                f"{found['records']} records rated")
