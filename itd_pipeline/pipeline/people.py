"""Stages around the experts: what they are asked, and what they answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline import evaluation, review
from itd_pipeline.evaluation.judge_facts import READ
from itd_pipeline.pipeline.application_answers import application_digest, corrections_told, with_application
from itd_pipeline.pipeline.disputes_sheet import disputes_sheet, hand_out_disputes, handed_out_disputes
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.quarantine import quarantined
from itd_pipeline.pipeline.records import cited_passages, policy_digest
from itd_pipeline.pipeline.review_plan import review_plan
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.policy import load_policy
from itd_pipeline.ports import Batch
from itd_pipeline.review.risk import JUDGED, MIDDLE
from itd_pipeline.storage.lake import write_atomically
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.tables.review import RATINGS, REVIEW_SAMPLE


def review_folder(scope: Scope) -> Path:
    """Where spreadsheets for reviewers are put, one folder per sample."""
    return scope.lake.root / "review"


def _reviewing(scope: Scope) -> Mapping[str, Any]:
    return scope.settings.review.model_dump(mode="json", include={"sample_size", "reviewers", "seed", "oversample"})


def _gating(scope: Scope) -> Mapping[str, Any]:
    return scope.settings.review.gate.model_dump(mode="json")


def _rubric_digest(scope: Scope) -> Mapping[str, str]:
    return files_digest({"rubric": scope.settings.resolve(scope.settings.review.rubric)})


def _draw(scope: Scope) -> Iterator[Batch]:
    settings = scope.settings
    filtered, aside = scope.lake.read("filtered_set"), quarantined(scope)
    signals = scope.lake.read("candidate_signals", columns=["record_id", *JUDGED])
    drawn = review.draw_sample(filtered, settings.review, aside, signals, _judge_thresholds(scope))
    rubric = review.load_rubric(settings.resolve(settings.review.rubric))
    records = pa.concat_tables([filtered, aside])
    passages = cited_passages(scope, records)
    files = {
        f"{reviewer}.xlsx": review.write_workbook(drawn.rows, records, passages, rubric, reviewer)
        for reviewer in sorted(set(drawn.rows.column("reviewer").to_pylist()))
    }
    samples = drawn.rows.column("sample_id").to_pylist()[:1]
    candidates = filtered.num_rows - filtered.column("route").to_pylist().count("manual")
    plan = review_plan(drawn.rows.to_pylist(), candidates)
    yield replace(drawn, files=files, facts={**drawn.facts, "sample_id": samples[0] if samples else "", "plan": plan})


def _judge_thresholds(scope: Scope) -> list[float]:
    """Scores of the judge at which a rule of the policy decides; the middle of the scale where none does."""
    rules = load_policy(scope.settings.resolve(scope.settings.policy)).rules
    return [float(rule.value) for rule in rules if rule.signal == "judge_score" and rule.value is not None] or [MIDDLE]


def _drawing(scope: Scope) -> Mapping[str, str]:
    return {**_rubric_digest(scope), **policy_digest(scope)}


def _hand_out(scope: Scope, manifest: Manifest) -> None:
    """Copy the spreadsheets to where people find them; one that is there is never touched: it may be filled in."""
    for name in manifest.files:
        if not name.endswith(".xlsx"):
            continue
        target = review_folder(scope) / str(manifest.facts["sample_id"]) / name
        if not target.exists():
            write_atomically(target, scope.lake.read_bytes("review_sample", "", name))


def _handed_out(scope: Scope, manifest: Manifest) -> bool:
    folder = review_folder(scope) / str(manifest.facts["sample_id"])
    return all((folder / name).is_file() for name in manifest.files if name.endswith(".xlsx"))


def _returned(scope: Scope) -> list[Path]:
    folder = scope.settings.resolve(scope.settings.review.returned)
    return sorted(p for p in folder.glob("*.xlsx") if not p.name.startswith(("~$", "."))) if folder.is_dir() else []


def _answers_digest(scope: Scope) -> Mapping[str, str]:
    files = files_digest({path.name: path for path in _returned(scope)})
    return {**files, **_rubric_digest(scope), **application_digest(scope.settings)}


def _read_answers(scope: Scope) -> Iterator[Batch]:
    settings = scope.settings
    sample = scope.lake.read("review_sample")
    rubric = review.load_rubric(settings.resolve(settings.review.rubric))
    answers = with_application(review.read_returned(_returned(scope), sample, rubric), scope.settings, sample, rubric)
    filtered = scope.lake.read("filtered_set")
    # What was set aside is judged to test the policy's rules; it is no part of the set whose defects are counted.
    kept = sample.filter(pc.is_in(sample.column("record_id"), filtered.column("record_id").combine_chunks()))
    third = json.loads(answers.files[review.THIRD_OPINIONS])
    judged = evaluation.evaluate_ratings(answers.rows, kept, filtered, wanted=settings.review.gate, third=third,
                                         signals=scope.lake.read("candidate_signals", columns=list(READ)))
    judged |= {"corrections": corrections_told(answers, sample)}
    sheet = disputes_sheet(scope, answers.rows, third, sample, rubric)
    yield replace(answers, facts={**answers.facts, "human": judged}, files={**answers.files, **sheet})


SAMPLE = Stage(
    table=REVIEW_SAMPLE, compute=_draw, partitioned=False, upstream=("cleaned_text", "candidate_signals",
                                                                     "filtered_set"),
    rooms=("review", "spreadsheet", "text", "policy", "evaluation", "pipeline/people.py", "pipeline/review_plan.py",
           "pipeline/quarantine.py", "pipeline/records.py"),
    libraries=("openpyxl", "scipy"), group="people",
    params=_reviewing, outside=_drawing, publish=_hand_out, complete=_handed_out, may_be_empty=True,
    kinds=("python", "excel"),
)

HUMAN_EVALUATION = Stage(
    table=RATINGS, compute=_read_answers, partitioned=False, upstream=("cleaned_text", "candidate_signals",
                                                                       "filtered_set", "review_sample"),
    rooms=("review", "spreadsheet", "text", "evaluation", "review_store/ratings.py", "pipeline/people.py",
           "pipeline/application_answers.py", "pipeline/disputes_sheet.py"),
    libraries=("openpyxl", "scipy"), group="people", params=_gating, outside=_answers_digest,
    publish=hand_out_disputes, complete=handed_out_disputes, may_be_empty=True, kinds=("python", "excel"),
)
