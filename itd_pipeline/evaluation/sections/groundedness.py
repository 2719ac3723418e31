"""Whether outputs stand in their evidence, and whether identifiers remain."""

from __future__ import annotations

import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import only, quantiles, tally, tally_items, true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Cell, Grid, Ledger, PageSection, shares, word


def groundedness(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Citations, unsupported numbers and coverage, among candidates and kept records."""
    section = "groundedness"
    rows: list[list[Cell]] = [["Citations verbatim"], ["With a number that no evidence holds"],
                              ["Coverage measured"], ["Coverage, lower quartile"], ["Coverage, median"]]
    kept = only(inputs.signals, "record_id", inputs.filtered.column("record_id"))
    for group, table in (("candidates", inputs.signals), ("kept", kept)):
        whole = table.num_rows
        cover = table.column("evidence_coverage")
        lower, median = quantiles(cover, [0.25, 0.5])
        verbatim = true_count(table.column("citations_verbatim")) / whole if whole else None
        unsupported = true_count(pc.greater(table.column("unsupported_number_count"), 0))
        for row, cell in zip(rows, (
            ledger.add(section, "citations_verbatim_share", verbatim, "share", group=group),
            ledger.add(section, "with_unsupported_number", unsupported, group=group),
            ledger.add(section, "coverage_measured", whole - cover.null_count, group=group),
            ledger.add(section, "coverage_lower_quartile", lower, "share", group=group),
            ledger.add(section, "coverage_median", median, "share", group=group),
        ), strict=True):
            row.append(cell)
    of_route, found = tally(kept, "route"), tally(kept.filter(pc.greater(kept.column("unsupported_number_count"), 0)),
                                                  "route")
    routes: list[list[Cell]] = [
        [word(route), ledger.add(section, "kept_of_route", count, group=route),
         ledger.add(section, "kept_of_route_with_unsupported_number", found.get(route, 0), group=route)]
        for route, count in of_route.items()]
    return PageSection(section, "Groundedness", "Coverage is the share of the output's content words found in evidence "
                       "or input. It compares words, not meaning. Numbers in experts' own records and in forms (such "
                       "as codes) come from the expert or from fields of the source, which the evidence need not "
                       "repeat; what a model wrote must have them from the evidence.",
                       [Grid("Evidence", ("", "Candidates", "Kept"), rows),
                        Grid("Kept records with a number that no evidence holds, by route",
                             ("Route", "Kept", "With such a number"), routes)])


def privacy(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Residual identifiers by class, and what is known about the kept records."""
    section = "privacy"
    kept = only(inputs.signals, "record_id", inputs.filtered.column("record_id"))
    among, among_kept = tally_items(inputs.signals, "identifier_classes"), tally_items(kept, "identifier_classes")
    rows: list[list[Cell]] = [["any class", *(
        ledger.add(section, "with_identifiers", true_count(pc.greater(t.column("identifier_count"), 0)), group=group)
        for group, t in (("candidates", inputs.signals), ("kept", kept)))]]
    rows += [[word(name), ledger.add(section, "with_identifier_class", count, group=f"candidates / {name}"),
              ledger.add(section, "with_identifier_class", among_kept.get(name, 0), group=f"kept / {name}")]
             for name, count in among.items()]
    blocks = [Grid("Records with identifiers found", ("Class", "Candidates", "Kept"), rows)]
    if inputs.filtered.num_rows:
        blocks.append(Grid("Kept records by privacy status", ("Status", "Records", "Share"),
                           shares(ledger, section, "records_by_privacy_status",
                                  tally(inputs.filtered, "privacy_status"))))
    return PageSection(section, "Identifiers", "Found by patterns and lists. None found does not prove that there is "
                       "none.", blocks)
