"""What experts are asked, and what leaves the building."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from itd_pipeline.settings.section import Section, not_blank


class Review(Section):
    """Who is asked, how many records, and where answers come back."""

    sample_size: int = Field(default=60, ge=0, description="Records per reviewer.")
    reviewers: int = Field(default=2, ge=1, le=10, description="Independent reviewers per record.")
    seed: int = Field(default=7, description="Decides which records are drawn.")
    calibration: int = Field(default=4, ge=0, le=50, description="Records that every reviewer of `itd review serve` "
                             "judges first, for practice. They are not in the sample and do not count.")
    repeat_share: float = Field(default=0.05, ge=0, le=0.5, description="Share of a reviewer's records that come "
                                "twice, unannounced, to measure agreement with oneself.")
    rubric: Path = Field(default=Path("data/rubric.yaml"), description="The rubric: questions, axes, anchors.")
    returned: Path = Field(default=Path("data/reviews"), description="Folder where filled-in spreadsheets are put.")

    _paths = field_validator("rubric", "returned", mode="before")(not_blank)


class Release(Section):
    """What leaves the building."""

    validation_share: float = Field(default=0.05, ge=0, lt=0.5, description="Share of groups in the validation split.")
    test_share: float = Field(default=0.05, ge=0, lt=0.5, description="Share of groups in the test split.")
    licences: tuple[str, ...] = Field(default=(), description="Licences that may be released; empty allows every "
                                      "declared licence. Others are rejected (`licence_not_allowed`).")
    allow_patient_data: bool = Field(default=False, description="Whether records from de-identified patient data "
                                     "may be released.")
    require_review: bool = Field(default=False, description="Stop instead of releasing a draft where experts have "
                                 "not yet reviewed the sample.")
