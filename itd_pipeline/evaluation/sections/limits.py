"""What was not measured, said plainly. A report that is silent about it would pass for a clean one."""

from __future__ import annotations

from itd_pipeline.evaluation.columns import tally
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Ledger, Lines, PageSection
from itd_pipeline.evaluation.sections.overlap import NOT_NAMED

ID = "limits"


def limits(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Sentences that hold for this run."""
    found = [*_human(inputs), *_automatic(inputs), *_always()]
    for name, sentence in found:
        ledger.add(ID, name, None, note=sentence)
    return PageSection(ID, "Limits", "What this report does not show.", [Lines([s for _, s in found])])


def _human(inputs: ReportInputs) -> list[tuple[str, str]]:
    facts = inputs.human
    if "defect" not in facts:
        needed = facts.get("records_needed_for_5_percent", 59)
        return [("no_ratings", "No expert has judged any record, so this is a draft. Medical correctness and harm were "
                 f"not measured. {needed} records rated without a defect would show at most 5 % defects with 95 % "
                 "confidence.")]
    found = []
    if facts["assignments_answered"] < facts["assignments"]:
        found.append(("ratings_missing", f"{facts['assignments'] - facts['assignments_answered']:,} of "
                      f"{facts['assignments']:,} ratings are missing. The estimate takes the missing ones to be like "
                      "the others."))
    if not facts["records_rated_twice"]:
        found.append(("no_second_rating", "No record was rated by two reviewers, so agreement was not measured."))
    found.append(("sample_only", f"Experts judged {facts['records_rated']:,} of {inputs.filtered.num_rows:,} records. "
                  "The others were never read by an expert. The defect bound takes weights into account by an "
                  "effective sample size, which is an approximation."))
    return found


def _automatic(inputs: ReportInputs) -> list[tuple[str, str]]:
    filtered, signals = inputs.filtered, inputs.signals
    found = []
    if signals.column("contamination_share").null_count == signals.num_rows:
        found.append(("contamination", f"Overlap with benchmarks was not measured: {NOT_NAMED}."))
    for column, what in (("novelty_rouge_l", "Novelty"), ("evidence_coverage", "Evidence coverage")):
        missing = signals.column(column).null_count
        if missing:
            found.append((column, f"{what} was not measured for {missing:,} of {signals.num_rows:,} candidates."))
    if signals.column("judge_status").null_count == signals.num_rows:
        found.append(("judge", "No automatic judge was asked."))
    if inputs.map_vectors is None:
        found.append(("map", "Meanings were not mapped, and no Vendi score was measured."))
    if inputs.last is None:
        found.append(("last_release", "Nothing was compared with an earlier release: the profile names none."))
    if not inputs.reference.get("ancestry"):
        found.append(("ancestry", "Mentions of ancestry were counted and compared with nothing: the profile gives no "
                      "reference shares."))
    undecided = tally(signals, "output_language").get("und", 0)
    if undecided:
        found.append(("output_language", f"The language of {undecided:,} outputs could not be told; they are short."))
    for column in ("specialty", "audience", "difficulty", "severity", "level_of_care"):
        missing = tally(filtered, column).get("unspecified", 0) if filtered.num_rows else 0
        if missing:
            found.append((column, f"{column.replace('_', ' ').capitalize()} is unspecified for {missing:,} of "
                          f"{filtered.num_rows:,} kept records."))
    if not filtered.num_rows:
        found.append(("nothing_kept", "No record was kept; every number about kept records is empty."))
    return found


def _always() -> list[tuple[str, str]]:
    return [
        ("meaning", "Groundedness compares words and numbers. A sentence can use the words of its evidence and still "
         "say something else."),
        ("identifiers", "Identifiers are found by patterns and lists. Rare names and indirect identifiers can stay "
         "unseen."),
        ("training", "What a model learns from these records does not stand here: `itd probe` measures it, when "
                     "asked."),
        ("examples", "Examples show at most the beginning of a text, and none where all rows of a reason are from "
         "patient data."),
        ("readability", "Grades count words, sentences and vowels. They do not tell whether a reader understands."),
        ("fairness", "Differences between groups of patients in quality or coverage were counted, not tested."),
    ]
