"""What has changed since the last release: records that came and went, and the headline numbers then and now."""

from __future__ import annotations

from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Block, Cell, Grid, Ledger, Lines, PageSection, Unit, in_words

ID = "changes"
HEADLINES: tuple[tuple[str, str, Unit], ...] = (
    ("at_a_glance|records_kept|", "Records kept", "count"),
    ("at_a_glance|candidates|", "Candidates", "count"),
    ("at_a_glance|records_rated|", "Records rated by experts", "count"),
    ("at_a_glance|defect_upper_bound|", "Defective records, at most", "share"),
    ("at_a_glance|agreement|", "Agreement between experts", "score"),
    ("at_a_glance|kept_with_overlap|", "Kept records with benchmark overlap", "count"),
    ("at_a_glance|kept_with_identifiers|", "Kept records with identifiers found", "count"),
    ("at_a_glance|cost_per_accepted_record|", "Cost per accepted record", "usd"),
    ("diversity|vendi_score|", "Vendi score", "score"),
    ("groundedness|coverage_median|kept", "Coverage by evidence, median", "share"),
)


def changes(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Comparison with the release that the profile names; runs after the other sections have entered their numbers."""
    title = "What changed since the last release"
    if inputs.last is None:
        ledger.add(ID, "records_added", None, note="the profile names no last release")
        return PageSection(ID, title, "Not measured: the profile names no last release (`evaluation.last_release`).")
    now, then = (set(table.column("record_id").to_pylist())
                 for table in (inputs.filtered, inputs.last["records"]))
    blocks: list[Block] = [Grid("Records", ("", "Count"), [
        ["Came", ledger.add(ID, "records_added", len(now - then))],
        ["Went", ledger.add(ID, "records_removed", len(then - now))],
        ["Stayed", ledger.add(ID, "records_in_both", len(now & then))]])]
    rows: list[list[Cell]] = []
    for key, label, unit in HEADLINES:
        before, found = inputs.last["metrics"].get(key), ledger.value(key)
        old = ledger.add(ID, "before", before, unit, group=key.strip("|").replace("|", "."))
        same = before == found
        rows.append([label, old, in_words(found, unit), "the same" if same else _step(before, found, unit)])
    blocks.append(Grid("Headline numbers", ("", "Last release", "This one", "Change"), rows))
    blocks.append(Lines(["A record's id is the hash of its content: a record that was rewritten counts as one that "
                         "went "
                         "and one that came. `itd release diff` says why each did."]))
    return PageSection(ID, title, f"Against {inputs.last['version']}.", blocks)


def _step(before: float | None, found: float | None, unit: Unit) -> str:
    if before is None or found is None:
        return "measured now" if before is None else "no longer measured"
    said = in_words(abs(found - before), unit)
    return f"{'+' if found > before else chr(0x2212)}{said}"
