"""The instruction record: the row that a language model is fine-tuned on, with everything known about it."""

from __future__ import annotations

import pyarrow as pa

from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Column, Table, flag, integer, number, term, text, texts

SCHEMA_VERSION = "2"

CITATION = pa.struct(
    [
        pa.field("passage_id", pa.string()),
        pa.field("start", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("quote", pa.string()),
        pa.field("reference", pa.string()),
    ]
)

TURN = pa.struct([pa.field("role", pa.string()), pa.field("content", pa.string())])

_IDENTITY = (
    text("record_id", "Hash of content, route, seeds and passages."),
    text("schema_version", "Version of this schema."),
    texts("seed_ids", "Seeds that stood in the prompt, as examples or as the record that was evolved."),
    texts("parent_ids", "Records that this one was evolved from."),
)
_CONTENT = (
    text("instruction", "What the model is asked to do.", minimum=1, sensitivity="text"),
    text("input", "Material that the instruction works on.", nullable=True, sensitivity="text"),
    Column("turns", pa.list_(TURN),
           "Earlier turns of a conversation, by `user` and `assistant` in turn, the user first and last; the output is "
           "the next one. Empty for all other records. `input` holds the same as a transcript.", sensitivity="text"),
    text("output", "The answer to learn.", minimum=1, sensitivity="text"),
    text("rationale", "Reasoning behind the answer.", nullable=True, sensitivity="text"),
    texts("options", "Answer options of a multiple-choice record.", sensitivity="text"),
    text("answer_key", "Letter of the right option.", nullable=True),
    Column("citations", pa.list_(CITATION),
           "Evidence: passage id with character span and quote (`passage.text[start:end] == quote`), or a reference "
           "in words with an empty passage id.", sensitivity="text"),
)
_TASK = (
    term("task_type", "What kind of task.", v.TASK_TYPE),
    term("question_type", "What the question is about.", v.QUESTION_TYPE),
)
_CLINICAL = (
    term("specialty", "Clinical specialty.", v.SPECIALTY),
    term("level_of_care", "Level of care.", v.LEVEL_OF_CARE),
    term("severity", "Severity of the condition at hand.", v.SEVERITY),
    term("age_group", "Age group that the record is about.", v.AGE_GROUP),
    term("sex", "Sex that the record is about.", v.SEX),
    term("audience", "Who the output is written for.", v.AUDIENCE),
    integer("difficulty", "1 (everyday) to 5 (expert); null where nobody said.", nullable=True, minimum=1, maximum=5),
    term("jurisdiction", "Where the guidance applies.", v.JURISDICTION),
    texts("codes", "Codes as `SYSTEM:code`, such as ICD-10-CM:E11.9 or HP:0001250."),
    text("language", "ISO 639-1 code."),
)
_PROVENANCE = (
    term("route", "How the record was made.", v.ROUTE),
    text("author", "Pseudonym of the expert, name of the model, or id of the template."),
    term("author_role", "Role of the author.", v.AUTHOR_ROLE),
    text("source", "Source of the evidence; `expert_seeds` for experts' own records."),
    texts("document_ids", "Documents behind the record."),
    texts("passage_ids", "Passages behind the record."),
    text("group_id", "Splits never part a group."),
    text("licence", "Licence of the record, from its source."),
    text("model", "Model that wrote the output, as the profile names it.", nullable=True),
    text("model_version", "What exactly answered, as far as the provider or the package tells.", nullable=True),
    text("prompt_id", "Name and version of recipe or template.", nullable=True),
    text("prompt_hash", "SHA-256 of the recipe with its prompts, or of the template file.", nullable=True),
    text("parameters", "Sampling parameters as canonical JSON.", nullable=True),
    text("request_id", "SHA-256 of the full payload sent to the model.", nullable=True),
    texts("further_request_ids", "Requests besides, in order: tries of the answerer that confirmed the record."),
    integer("attempt", "Which try of the answerer agreed; 1 where nothing was confirmed.", nullable=True, minimum=1),
    integer("prompt_tokens", "Tokens sent, over all requests of the record.", nullable=True, minimum=0),
    integer("completion_tokens", "Tokens received, over all requests of the record.", nullable=True, minimum=0),
    number("cost_usd", "Price of all requests of the record in US dollars.", nullable=True, minimum=0),
)
_TIME = (
    text("evidence_date", "ISO date (or year) of the evidence.", nullable=True),
    text("review_due", "ISO date by which an expert should look again.", nullable=True),
)
_PRIVACY_AND_REVIEW = (
    flag("patient_data", "Whether any evidence came from a source marked as patient data."),
    term("privacy_status", "What is known about identifiers in the evidence.", v.PRIVACY_STATUS),
    flag("illustrative", "Whether the record is an illustration, not medical guidance."),
    term("contamination_status", "Overlap with the benchmarks named in the profile.", v.CONTAMINATION_STATUS),
    term("review_status", "What experts decided; ratings live in their own table.", v.REVIEW_STATUS),
)

RECORD_COLUMNS = _IDENTITY + _CONTENT + _TASK + _CLINICAL + _PROVENANCE + _TIME + _PRIVACY_AND_REVIEW


def _records(name: str, description: str, references: dict[str, str] | None = None) -> Table:
    return Table(name=name, description=description, columns=RECORD_COLUMNS, key=("record_id",), references=references)


SEEDS = _records("expert_seeds", "Records that experts wrote, validated.")
CANDIDATES = _records("synthetic_expansions", "Candidate records of every route, one partition per source.")
RECIPE_ACCOUNTS = Table(
    name="recipe_accounts",
    description="Records that each recipe planned for a source, counted before any request was sent. Rows and rejects "
    "of the recipe add up to it.",
    columns=(
        text("recipe", "Name and version of the recipe; `prompt_id` of its records."),
        term("route", "Route of the records.", v.ROUTE),
        integer("planned", "Records planned.", minimum=1),
    ),
    key=("recipe", "route"),
)
MODEL_REQUESTS = Table(
    name="model_requests",
    description="Every request behind the records and rejects of a source, with what the store of answers says of it. "
    "A record names its requests in `request_id` and `further_request_ids`. Times stand here and not in the record, "
    "because the same inputs give the same bytes; an answer is stored once, so a later run gives the same times.",
    columns=(
        text("request_id", "SHA-256 of the full payload sent to the model."),
        text("role", "What it was asked for: `writer`, `answerer` or another role that a recipe names."),
        text("model", "Model that answered, as the profile names it."),
        text("model_version", "What exactly answered, as far as the provider or the package tells."),
        text("answered_at", "When the answer came: ISO 8601, UTC; null where nothing was sent.", nullable=True),
        number("seconds", "From the first sending to the answer, over all tries.", minimum=0),
        integer("attempts", "How often it was sent: after a time-out, a reset, a malformed or a cut answer. Answers "
                            "429 do not count.", minimum=0),
        integer("prompt_tokens", "Tokens sent, over all tries.", minimum=0),
        integer("cached_tokens", "Of these, tokens that the provider had in its prompt cache.", minimum=0),
        integer("completion_tokens", "Tokens received, over all tries.", minimum=0),
        number("cost_usd", "Price in US dollars, over all tries.", minimum=0),
        text("finish_reason", "Why the answer ended: `stop`, `length`, `content_filter` or `error`."),
        text("error", "Kind of the failure; empty where there was none."),
    ),
    key=("request_id",),
    clocked=True,
)
FILTERED = _records("filtered_set", "Candidates and experts' own records that the policy keeps.")

DEFAULTS: dict[str, object] = {
    "schema_version": SCHEMA_VERSION,
    "seed_ids": [],
    "parent_ids": [],
    "further_request_ids": [],
    "turns": [],
    "options": [],
    "citations": [],
    "codes": [],
    "document_ids": [],
    "passage_ids": [],
    "question_type": v.UNSPECIFIED,
    "specialty": v.UNSPECIFIED,
    "level_of_care": v.UNSPECIFIED,
    "severity": v.UNSPECIFIED,
    "age_group": v.UNSPECIFIED,
    "sex": v.UNSPECIFIED,
    "audience": v.UNSPECIFIED,
    "jurisdiction": v.UNSPECIFIED,
    "language": "en",
    "patient_data": False,
    "privacy_status": "no_patient_data",
    "illustrative": False,
    "contamination_status": "not_checked",
    "review_status": "unreviewed",
}
"""Values of columns that a maker of records need not name."""
