"""What experts are asked and what they answered."""

from __future__ import annotations

from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Table, flag, integer, number, term, text, texts

REVIEW_SAMPLE = Table(
    name="review_sample",
    description="Which records which reviewer should judge, and why those.",
    columns=(
        text("assignment_id", "Hash of sample, record and reviewer slot."),
        text("sample_id", "Hash of the records drawn; names the spreadsheet."),
        text("record_id", "Record to judge."),
        text("reviewer", "Reviewer slot: reviewer_1, reviewer_2 ..."),
        integer("position", "Order in that reviewer's sheet, from 1.", minimum=1),
        text("stratum", "Stratum it was drawn from."),
        number("inclusion_probability", "Probability that the design drew it.", minimum=0, maximum=1),
        text("why", "Why this record: `stratified draw`, `every seed`, `quarantined` ..."),
    ),
    key=("assignment_id",),
    references={"record_id": "candidate_signals.record_id"},
)

RATINGS = Table(
    name="human_evaluation",
    description="Ratings that came back, one row per assignment; none where nobody has reviewed yet.",
    columns=(
        text("assignment_id", "Assignment answered."),
        text("record_id", "Record judged."),
        text("reviewer", "Pseudonym of the reviewer."),
        text("rubric_version", "Version of the rubric used."),
        term("decision", "The decision.", v.DECISION),
        text("gate", "Gate questions as canonical JSON {question: yes|no}."),
        text("axes", "Axes as canonical JSON {axis: 1..5}."),
        text("harm", "Extent and likelihood of harm as canonical JSON; {} where nobody said.", nullable=True),
        text("error_tags", "Error tags, comma separated; may be empty."),
        text("comment", "Comment.", nullable=True, sensitivity="text"),
        text("correction", "Proposed output.", nullable=True, sensitivity="text"),
        text("origin", "Spreadsheet and row."),
        text("answered_on", "ISO date of the answer; null where its channel keeps none.", nullable=True),
    ),
    key=("assignment_id", "reviewer"),
    references={"assignment_id": "review_sample.assignment_id", "record_id": "candidate_signals.record_id"},
)

METRICS = Table(
    name="evaluation_report",
    description="Every number of the report, one row each.",
    columns=(
        text("section", "Section of the report."),
        text("metric", "Name of the number."),
        text("group", "What it is counted for; empty for the whole."),
        number("value", "The number; null where it was not measured.", nullable=True),
        text("note", "Unit, interval or why it was not measured; may be empty."),
    ),
    key=("section", "metric", "group"),
)

CORRECTIONS = Table(
    name="corrections",
    description="Records whose output experts corrected, original and correction side by side; in a release as "
    "`corrections.parquet`. The corrected record stands in the data, the original among the rejected rows "
    "(`replaced_by_correction`).",
    columns=(
        text("record_id", "The corrected record."),
        text("corrects", "The record that it replaces; left out of a release where it rests on patient data.",
             nullable=True),
        text("original_output", "The output as experts saw it; null in a release that may not show it, see `withheld`.",
             nullable=True, sensitivity="text"),
        text("corrected_output", "The output as it now stands.", minimum=1, sensitivity="text"),
        term("basis", "Whose words they are: a third person's, or those on which reviewers agreed.",
             v.CORRECTION_BASIS),
        texts("decided_by", "Pseudonyms of who wrote these words."),
        texts("rubric_versions", "Versions of the rubric that they judged by."),
        text("decided_on", "ISO date of the decision; null where the channel of review keeps none.", nullable=True),
        text("withheld", "Why the original output is not shown; null where it is, and in the lake.", nullable=True),
    ),
    key=("record_id",),
)

RELEASED = Table(
    name="dataset_release",
    description="Which record stands in which release, in which split, with its whole lineage.",
    columns=(
        text("record_id", "The record."),
        text("filtered_id", "Record of the filtered set that it is, or whose output experts corrected."),
        text("version", "Release it stands in."),
        term("split", "Split it stands in.", v.SPLIT),
        text("group_id", "Splits never part a group."),
        text("source", "Its source."),
        term("route", "Its route.", v.ROUTE),
        text("licence", "Its licence."),
        flag("patient_data", "Whether any evidence came from patient data."),
        text("near_duplicate_cluster", "Least record id of its near-duplicates in the release, where it has any.",
             nullable=True),
    ),
    key=("record_id",),
    references={"filtered_id": "filtered_set.record_id"},
)
