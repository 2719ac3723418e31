"""Signals: one row per candidate, one column per thing measured. Thresholds stand in the policy, not here."""

from __future__ import annotations

from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Column, Table, flag, integer, number, term, text, texts

QUALITY_ORDER = ("manual", "converted", "template", "hybrid", "synthetic")
"""Routes from the most to the least trusted: which of several twins is kept. An expert's own words come first, then
words of a published source, then a fixed form filled from a source, then a model led by experts, then a model."""


def _near_duplicates(prefix: str, what: str) -> tuple[Column, ...]:
    return (
        text(f"{prefix}_cluster", f"Least record id of the cluster of near-duplicates of {what}, where there is one.",
             nullable=True),
        text(f"{prefix}_of", "Id of the record kept in that cluster, where this one is not it.", nullable=True),
        number(f"{prefix}_jaccard", "True Jaccard similarity (word 5-shingles) to the nearest member of that cluster.",
               nullable=True, minimum=0, maximum=1),
    )


SIGNALS = Table(
    name="candidate_signals",
    description="One row per candidate (experts' own records included), one column per signal.",
    columns=(
        text("record_id", "The candidate."),
        text("source", "Its source."),
        term("route", "Its route.", v.ROUTE),
        term("task_type", "Its task.", v.TASK_TYPE),
        flag("patient_data", "Whether any of its evidence came from a source marked as patient data."),
        integer("quality_rank", "Place in the order in which one of several twins is kept, 1 is best: route (manual, "
                "converted, template, hybrid, synthetic), then greater evidence coverage, then least record id.",
                minimum=1),
        integer("instruction_words", "Words in the instruction.", minimum=0),
        integer("output_words", "Words in the output.", minimum=0),
        flag("output_truncated", "Output ends in the middle of a sentence."),
        flag("refusal", "Output refuses or speaks of itself as a language model."),
        flag("template_remains", "Braces, placeholders or prompt remains in instruction or output."),
        number("repetition_share", "Share of output word 3-grams that are repeats.", minimum=0, maximum=1),
        text("output_language", "Language found in the output (ISO 639-1), `und` where too short to tell."),
        text("exact_duplicate_of", "Id of the record kept among exact twins, where this one is not it.",
             nullable=True),
        *_near_duplicates("near_duplicate", "instruction, input and output together"),
        *_near_duplicates("instruction_near_duplicate", "the instruction"),
        *_near_duplicates("prompt_near_duplicate", "instruction and input together"),
        *_near_duplicates("output_near_duplicate", "the output"),
        number("novelty_rouge_l", "Greatest ROUGE-L F1 of the instruction against seeds and earlier kept "
               "instructions, 0 where it is below the profile's `novelty_floor`; null where the route is not "
               "measured.", nullable=True, minimum=0, maximum=1),
        text("novelty_nearest", "Record id behind `novelty_rouge_l`.", nullable=True),
        number("semantic_cosine", "Greatest cosine of instruction and output with a record of better quality rank in "
               "the same specialty and task; null where the profile names no embedding model.", nullable=True,
               minimum=0, maximum=1),
        text("semantic_nearest", "Record id behind `semantic_cosine`.", nullable=True),
        number("complexity_score", "How demanding prompt and output are, without a model.", minimum=0, maximum=1),
        number("quality_score", "Coverage by evidence without repeats; 0 for refusals, remains and cut outputs.",
               minimum=0, maximum=1),
        integer("strong_rank", "Place in the order of a small, strong release (complexity, quality, diversity), 1 is "
                "best; null beyond `strong_size`.", nullable=True, minimum=1),
        number("contamination_share", "Greatest aligned share of a benchmark item found in the record; 0 where none, "
               "null where the profile names no benchmark.", nullable=True, minimum=0, maximum=1),
        text("contamination_item", "Benchmark and item behind `contamination_share`.", nullable=True),
        flag("citations_verbatim", "Every cited span is found in its passage at its offsets."),
        number("unsupported_number_count", "Numbers in the output that neither evidence nor input holds.", minimum=0),
        number("evidence_coverage", "Share of the output's content words found in evidence or input; null where "
               "there is no evidence.", nullable=True, minimum=0, maximum=1),
        texts("identifier_classes", "Classes of residual identifiers found in the record's text."),
        integer("identifier_count", "Residual identifiers found.", minimum=0),
    ),
    key=("record_id",),
)

MEASURED = Table(
    name="measured",
    description="What each row of signals was computed from, so that unchanged records are not measured again.",
    columns=(
        text("record_id", "The candidate."),
        text("input_hash", "Hash of the record and of its evidence."),
    ),
    key=("record_id",),
)

VERDICTS = Table(
    name="verdicts",
    description="Every rule of the policy applied to every candidate it covers and does not pass.",
    columns=(
        text("record_id", "The candidate."),
        text("rule", "Name of the rule in the policy."),
        text("reason", "Reason code that the rule gives."),
        term("action", "What the rule does.", ("reject", "warn")),
        text("signal", "Signal that the rule reads."),
        text("value", "Value of the signal."),
        text("threshold", "Comparison and threshold."),
    ),
    key=("record_id", "rule"),
)
