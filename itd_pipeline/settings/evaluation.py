"""The evaluation report: what it compares with, how much of it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from itd_pipeline.settings.section import Section, not_blank

REFERENCE: Mapping[str, Mapping[str, float]] = {
    "sex": {"female": 0.503, "male": 0.497},
    "age": {"child": 0.30, "adult": 0.60, "older_adult": 0.10},
}


class Evaluation(Section):
    """What the evaluation report compares with, and how much of it is shown."""

    last_release: Path | None = Field(default=None, description="Folder of the last release. The report then tells "
                                      "what has changed since, and the probe trains on it, too. None where there is "
                                      "none.")
    examples: int = Field(default=3, ge=0, le=10, description="Rejected rows shown for each reason, never from patient "
                          "data and never where the licence forbids passing text on.")
    map_records: int = Field(default=300, ge=0, le=2000, description="Records on the map of meanings, drawn by a hash "
                             "of their id; 0 draws no map and measures no Vendi score.")
    map_clusters: int = Field(default=8, ge=2, le=12, description="Clusters on the map.")
    reference: Mapping[str, Mapping[str, float]] = Field(
        default_factory=lambda: REFERENCE, description="Shares of the population that the dataset is meant for, by "
        "`sex` (female, male), `age` (child, adult, older_adult) and `ancestry` (african, american_indigenous, "
        "east_asian, european, latin_american, middle_eastern, south_asian). The default: the whole world, rounded, "
        "without ancestry; write your own.")

    _paths = field_validator("last_release", mode="before")(not_blank)
