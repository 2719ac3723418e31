"""Signals: one row per candidate, one column per thing measured. Thresholds stand in the policy, not here."""

from __future__ import annotations

import pyarrow as pa

from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Column, Table, flag, integer, number, records, term, text, texts

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


NEAR_DUPLICATE_FAMILIES = {
    "near_duplicate": "instruction, input and output together",
    "instruction_near_duplicate": "the instruction",
    "prompt_near_duplicate": "instruction and input together",
    "output_near_duplicate": "the output",
}
"""Prefix of the columns -> what is compared."""


MATCH_KINDS = ("exact", "cut", "paraphrase", "meaning", "overlap")

MATCH_FIELDS = {
    "benchmark": pa.string(), "item": pa.string(), "part": pa.string(), "field": pa.string(), "kind": pa.string(),
    "share": pa.float64(), "words": pa.int64(), "start": pa.int64(), "end": pa.int64(),
}

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
        flag("prompt_remains", "Output speaks to whoever asked for it, or of the passage it was made from."),
        flag("dangling_reference", "Instruction or output points at an image, table or text that the record does not "
                                   "hold."),
        number("repetition_share", "Share of output word 3-grams that are repeats.", minimum=0, maximum=1),
        text("output_language", "Language found in the output (ISO 639-1), `und` where too short to tell."),
        flag("wrong_language", "Output is in another language than the record names."),
        text("exact_duplicate_of", "Id of the record kept among exact twins, where this one is not it.",
             nullable=True),
        *(column for prefix, what in NEAR_DUPLICATE_FAMILIES.items() for column in _near_duplicates(prefix, what)),
        number("released_jaccard", "True Jaccard similarity (word 5-shingles of instruction, input and output) to the "
               "nearest record of an earlier release with another id, 0 below the profile's threshold; null where the "
               "profile names no release.", nullable=True, minimum=0, maximum=1),
        text("released_near_duplicate_of", "That record.", nullable=True),
        text("released_in", "Its release.", nullable=True),
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
        number("contamination_share", "Greatest aligned share of a benchmark item found in the record word by word, "
               "stock phrases left out; 0 where none, null where the profile names no benchmark.", nullable=True,
               minimum=0, maximum=1),
        integer("contamination_words", "Words in the longest run shared with a benchmark item that is more than "
                "boilerplate, from 13 words on; else 0. Null where the profile names no benchmark.", nullable=True,
                minimum=0),
        number("contamination_paraphrase", "Evidence that a benchmark item is told in other words: bonded share to the "
               "power of 2.5 times the item's weight, from 13 on; else 0. Null where the profile names no benchmark.",
               nullable=True, minimum=0),
        number("contamination_cosine", "Greatest cosine of sentences of the record with a benchmark item of about "
               "their length, 0 below 0.8; null where the profile names no `benchmark_embedding` or no benchmark, and "
               "where the model may not see the record.", nullable=True, minimum=0, maximum=1),
        text("contamination_item", "Benchmark and item of the gravest match.", nullable=True),
        records("contamination_matches", "Every benchmark item found in the record, from the gravest on: side table "
                "`contamination_matches`.", MATCH_FIELDS),
        flag("citations_verbatim", "Every cited span is found in its passage at its offsets."),
        integer("unsupported_number_count", "Numbers with unit, and codes, in the output that neither evidence, "
                                            "input nor "
                "question holds and no rule derives.", minimum=0),
        integer("unsupported_drug_count", "Drugs in the output that neither evidence, input nor question names.",
                minimum=0),
        integer("unsupported_test_count", "Tests in the output that neither evidence, input nor question names.",
                minimum=0),
        integer("unsupported_diagnosis_count", "Diagnoses in the output that neither evidence, input nor question "
                                               "names.",
                minimum=0),
        integer("reversed_claim_count", "Negations put in or left out, and words exchanged for their opposite, against "
                "the sentence of the evidence that the output's was made from.", minimum=0),
        integer("changed_sex_count", "Words of the other sex than the evidence has in their place, or a patient whose "
                "sex contradicts it.", minimum=0),
        integer("lint_critical_count", "Findings of the medical lint that may harm a patient.", minimum=0),
        integer("lint_major_count", "Findings of the medical lint that are wrong or misleading.", minimum=0),
        integer("lint_minor_count", "Findings of the medical lint that are a matter of style.", minimum=0),
        texts("lint_rules", "Ids of the lint's rules that found something."),
        number("harmful_request_score", "How much the request reads like a harmful one.", minimum=0, maximum=1),
        term("safety_category", "Harmful or harmless request, declined or answered.", v.SAFETY),
        number("entailment_least", "How far the evidence entails the least entailed sentence of the output, by the "
                                   "model of "
               "inference that is set; null where none is.", nullable=True, minimum=0, maximum=1),
        number("judge_score", "Mean score of the judge over all criteria and both orders; null where none was asked "
                              "or none "
               "answered.", nullable=True, minimum=1, maximum=5),
        term("judge_status", "What became of the judge's verdict; null where none was asked.", v.JUDGE_STATUS,
             nullable=True),
        text("judge_scores", "Criterion to score as canonical JSON; null without a verdict.", nullable=True),
        texts("unsupported_claims", "The claims behind these counts, as `kind: claim`.", sensitivity="text"),
        number("evidence_coverage", "Share of the output's content words found in evidence or input; null where "
               "there is no evidence.", nullable=True, minimum=0, maximum=1),
        texts("identifier_classes", "Classes of residual identifiers found in the record's text."),
        integer("identifier_count", "Residual identifiers found.", minimum=0),
        integer("patient_overlap_words", "Words in the longest run that instruction, output or rationale shares with a "
                "passage from patient data; 0 below eight, null where there is no patient data.", nullable=True,
                minimum=0),
        text("patient_overlap_passage", "The passage behind `patient_overlap_words`.", nullable=True),
        texts("injection_rules", "Rules that found text in the record that tries to command a model."),
        integer("injection_count", "Places that they found.", minimum=0),
        texts("source_injection_rules", "Rules that found such text in the record's passages."),
        integer("source_injection_count", "Places that they found.", minimum=0),
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

def _heads(prefix: str, what: str) -> tuple[Column, ...]:
    return (
        integer(f"{prefix}_shingles", f"Distinct word 5-shingles of {what}.", minimum=0),
        Column(f"{prefix}_head", pa.list_(pa.uint32()), "Upper 32 bits of its least shingle hashes, as many as a "
               "near-duplicate must share one of.", sensitivity="text"),
    )


NEAR_DUPLICATE_INDEX = Table(
    name="near_duplicate_index",
    description="What new candidates are compared with to find near-duplicates: a row depends on its candidate alone.",
    columns=(text("record_id", "The candidate."),
             *(column for prefix, what in NEAR_DUPLICATE_FAMILIES.items() for column in _heads(prefix, what))),
    key=("record_id",),
)

MATCHES = Table(
    name="contamination_matches",
    description="Every benchmark item found in a candidate, with its place.",
    columns=(
        text("record_id", "The candidate."),
        text("benchmark", "Name of the benchmark in the profile."),
        text("item", "Its item."),
        text("part", "Part of the item: prompt, prompt and options, answer, or a further text by name."),
        text("field", "Field of the record: instruction, input, output, rationale, or prompt (instruction, input and "
             "options as one text, a line each)."),
        term("kind", "exact: the whole part in one run; cut: half of it, or a run of 13 words and more; paraphrase: "
             "told in other words, by its rare words; meaning: near in meaning, by embedding; overlap: a fifth of it, "
             "no leak by itself.", MATCH_KINDS),
        number("share", "Share of the part's words that the field holds: aligned share, of a paraphrase the bonded "
               "share; of a meaning the cosine.", minimum=0, maximum=1),
        integer("words", "Words in the longest shared run; 0 for a paraphrase and a meaning.", minimum=0),
        integer("start", "First character of the match in the field.", minimum=0),
        integer("end", "One past its last character.", minimum=0),
    ),
    key=("record_id", "benchmark", "item", "part", "field", "start"),
)

VERDICTS = Table(
    name="verdicts",
    description="What every rule of the policy said of every candidate that it covers.",
    columns=(
        text("record_id", "The candidate."),
        text("rule", "Name of the rule in the policy."),
        integer("version", "Version of the rule.", minimum=1),
        text("reason", "Reason code that the rule gives."),
        term("action", "What the rule does to what it hits.", ("reject", "quarantine", "warn")),
        text("signal", "Signal that the rule reads."),
        text("value", "Value of the signal; for a rule on twins the id of the twin that stays."),
        text("threshold", "Comparison and threshold."),
        flag("passed", "Whether the candidate passes."),
    ),
    key=("record_id", "rule"),
)
