"""Which column upstream each column comes from: what the lineage view of the Dagster UI draws.

A column that bears the name of one upstream is handed on; what is made of other columns is named here. A column in
neither is made by the stage itself (an id, an order, a draw). Belongs here: that map. Does not belong here: lineage of
records (`lineage.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from itd_pipeline.pipeline.stage import Stage
from itd_pipeline.tables.contract import Table

_RECORD = ("instruction", "input", "output", "citations")
_MADE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cleaned_text": {
        "passage_id": ("raw_sources.document_id", "raw_sources.text"), "ordinal": ("raw_sources.text",),
        "section": ("raw_sources.sections",), "start": ("raw_sources.text",), "end": ("raw_sources.text",),
        "word_count": ("raw_sources.text",), "privacy_status": ("raw_sources.patient_data", "raw_sources.text"),
        "identifier_classes": ("raw_sources.text", "raw_sources.identifiers"),
        "text": ("raw_sources.text", "raw_sources.identifiers"),
    },
    "synthetic_expansions": {
        "instruction": ("cleaned_text.text", "cleaned_text.question", "cleaned_text.attributes",
                        "expert_seeds.instruction"),
        "input": ("cleaned_text.text",), "output": ("cleaned_text.text", "cleaned_text.attributes"),
        "rationale": ("cleaned_text.text",), "options": ("cleaned_text.text", "cleaned_text.attributes"),
        "answer_key": ("cleaned_text.attributes",), "codes": ("cleaned_text.attributes",),
        "citations": ("cleaned_text.passage_id", "cleaned_text.text"), "seed_ids": ("expert_seeds.record_id",),
        "document_ids": ("cleaned_text.document_id",), "passage_ids": ("cleaned_text.passage_id",),
        "record_id": ("cleaned_text.passage_id", "expert_seeds.record_id"),
    },
    "review_sample": {
        "stratum": ("candidate_signals.route", "filtered_set.specialty", "filtered_set.task_type"),
        "inclusion_probability": (
            "filtered_set.severity", "filtered_set.age_group", "candidate_signals.judge_score"),
        "why": ("filtered_set.route",),
        "assignment_id": ("filtered_set.record_id",), "sample_id": ("filtered_set.record_id",),
    },
    "evaluation_report": {
        "value": ("filtered_set.record_id", "candidate_signals.record_id", "human_evaluation.decision",
                  "expert_seeds.specialty", "synthetic_expansions.cost_usd", "raw_sources.document_id"),
        "group": ("filtered_set.specialty", "filtered_set.task_type", "filtered_set.audience", "filtered_set.route"),
        "note": ("human_evaluation.gate",),
    },
    "dataset_release": {
        "filtered_id": ("filtered_set.record_id",), "split": ("filtered_set.group_id",),
        "record_id": ("filtered_set.record_id", "human_evaluation.correction"),
        "near_duplicate_cluster": ("filtered_set.instruction", "filtered_set.input", "filtered_set.output"),
        "version": ("filtered_set.record_id", "evaluation_report.value"),
    },
    "downstream_probe": {
        "value": ("dataset_release.split", "filtered_set.output", "synthetic_expansions.output"),
        "low": ("dataset_release.split",), "high": ("dataset_release.split",),
    },
}
_HANDED_ON: Mapping[str, tuple[str, ...]] = {
    "synthetic_expansions": ("cleaned_text",), "filtered_set": ("synthetic_expansions", "expert_seeds"),
    "review_sample": ("filtered_set", "candidate_signals"), "human_evaluation": ("review_sample",),
    "candidate_signals": ("synthetic_expansions", "expert_seeds"),
    "dataset_release": ("filtered_set",), "cleaned_text": ("raw_sources",),
}
"""Stages whose columns of the same name are handed on, from the nearest; the others hand none on."""


def columns_behind(stage: Stage, tables: Mapping[str, Table]) -> dict[str, list[tuple[str, str]]]:
    """Column of `stage` -> (upstream stage, column) pairs that it comes from; columns that the stage makes are left
    out."""
    found: dict[str, list[tuple[str, str]]] = {}
    made = _MADE.get(stage.name, {})
    for column in stage.table.names:
        if column in made:
            found[column] = [(name, upstream) for name, _, upstream in (one.partition(".") for one in made[column])]
            continue
        handed = [(name, column) for name in _HANDED_ON.get(stage.name, ()) if column in tables[name].names]
        if not handed and stage.name == "candidate_signals":  # every measure is taken of the record's text
            handed = [(name, text) for name in ("synthetic_expansions", "expert_seeds") for text in _RECORD]
        if handed:
            found[column] = handed
    return found
