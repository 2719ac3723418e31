"""What experts are asked, and what leaves the building."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from itd_pipeline.settings.section import Section, not_blank


class ReviewGate(Section):
    """What experts must have shown before a release is no draft."""

    min_reviewed_share: float = Field(default=1.0, ge=0, le=1, description="Share of the ratings asked for that have "
                                      "come back.")
    coefficient: Literal["raw", "cohen_kappa", "fleiss_kappa", "conger_kappa", "brennan_prediger", "gwet_ac1",
                         "krippendorff_alpha"] = Field(default="gwet_ac1", description="Which agreement on the "
                                                       "decision counts. Gwet's AC1 stays meaningful where nearly all "
                                                       "records are accepted.")
    min_agreement: float = Field(default=0.6, ge=-1, le=1, description="Least agreement.")
    max_defect_bound: float = Field(default=0.05, gt=0, lt=1, description="Greatest upper bound of the share of "
                                    "defective records, at 95 % confidence. No defect in 59 records shows 0.05, in 299 "
                                    "0.01.")


class Review(Section):
    """Who is asked, how many records, and where answers come back."""

    sample_size: int = Field(default=60, ge=0, description="Records to judge that are no expert's own. Every "
                             "record that an expert wrote is judged besides.")
    reviewers: int = Field(default=2, ge=1, le=10, description="Independent reviewers per record. Experts' own "
                           "records have two at least.")
    seed: int = Field(default=7, description="Decides which records are drawn.")
    calibration: int = Field(default=4, ge=0, le=50, description="Records that every reviewer of `itd review serve` "
                             "judges first, for practice. They are not in the sample and do not count.")
    repeat_share: float = Field(default=0.05, ge=0, le=0.5, description="Share of a reviewer's records that come "
                                "twice, unannounced, to measure agreement with oneself.")
    rubric: Path = Field(default=Path("data/rubric.yaml"), description="The rubric: questions, axes, anchors.")
    returned: Path = Field(default=Path("data/reviews"), description="Folder where filled-in spreadsheets are put.")

    oversample: float = Field(default=3.0, ge=1, le=20, description="How many times likelier a record is drawn where "
                              "an error would harm more (high severity, doses, children, pregnancy) or the automatic "
                              "judge is in doubt.")
    gate: ReviewGate = Field(default_factory=ReviewGate, description="What must hold before a release is no draft.")

    _paths = field_validator("rubric", "returned", mode="before")(not_blank)


class Release(Section):
    """What leaves the building."""

    validation_share: float = Field(default=0.05, ge=0, lt=0.5, description="Share of groups in the validation split.")
    test_share: float = Field(default=0.05, ge=0, lt=0.5, description="Share of groups in the test split.")
    earlier: tuple[Path, ...] = Field(default=(), description="Folders of earlier releases whose splits stand, beside "
                                      "those that this lake has made: for a lake that is new.")
    licences: tuple[str, ...] = Field(default=(), description="Licences that may be released; empty allows every "
                                      "declared licence. Others are rejected (`licence_not_allowed`).")
    allow_patient_data: bool = Field(default=False, description="Whether records from de-identified patient data "
                                     "may be released.")
    require_review: bool = Field(default=False, description="The check `human_evaluation` of the release blocks "
                                 "where `review.gate` does not hold yet, instead of warning: no draft is published.")

    _paths = field_validator("earlier", mode="before")(not_blank)
