"""From documents to passages: cleaning and de-identification."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from itd_pipeline.settings.section import Section


class Quality(Section):
    """Limits on the shape of prose, after Gopher (Rae et al. 2021); a passage outside is `low_quality`."""

    min_words: int = Field(default=0, ge=0, description="Fewest words. Gopher: 50.")
    min_mean_word_length: float = Field(default=2.0, ge=0, description="Least mean length of words. Gopher: 3.")
    max_mean_word_length: float = Field(default=15.0, gt=0, description="Greatest mean length of words. Gopher: 10.")
    max_symbol_share: float = Field(default=0.1, ge=0, description="Hash marks and ellipses per word. Gopher: 0.1.")
    max_bullet_share: float = Field(default=1.0, ge=0, le=1, description="Share of lines that are bullets. "
                                    "Gopher: 0.9.")
    max_ellipsis_share: float = Field(default=0.3, ge=0, le=1, description="Share of lines that end in an ellipsis. "
                                      "Gopher: 0.3.")
    min_lettered_share: float = Field(default=0.5, ge=0, le=1, description="Share of words that hold a letter. "
                                      "Gopher: 0.8.")
    min_stop_words: int = Field(default=0, ge=0, description="Fewest English stop words. Gopher: 2.")


class Cleaning(Section):
    """From documents to passages."""

    max_words: int = Field(default=220, ge=20, description="Longest passage in words; longer sections are cut "
                           "between sentences.")
    min_words: int = Field(default=3, ge=1, description="Shorter passages are rejected (`too_short`).")
    languages: tuple[str, ...] = Field(default=("en",), description="Languages kept; others are rejected "
                                       "(`wrong_language`).")
    language_min_words: int = Field(default=20, ge=1, description="Texts shorter than this are tagged `und` and "
                                    "kept: nothing can tell their language.")
    overlap_words: int = Field(default=30, ge=0, description="Where a long section is cut, the next passage repeats "
                               "the last sentences of the one before, up to so many words and half of max_words.")
    near_duplicate_jaccard: float = Field(
        default=0.9, gt=0.5, le=1.0, description="Passages whose word 5-shingles are so similar are duplicates, unless "
        "they differ in a number, a negation, a side or a medical term; 1 turns it off.")
    boilerplate_share: float = Field(
        default=0.3, ge=0, le=1, description="A line that stands in this share of a source's documents (at least ten "
        "of them) is boilerplate and left out; 0 turns it off. Not used on text about patients.")
    min_medical_terms: int = Field(default=0, ge=0, description="Passages of prose with fewer words from medical "
                                   "terminologies are rejected (`not_medical`).")
    min_medical_density: float = Field(default=0.0, ge=0, le=1, description="The same, as a share of their words.")
    quality: Quality = Field(default_factory=Quality, description="Limits on the shape of prose "
                             "(`low_quality`).")
    workers: int = Field(default=0, ge=0, le=64, description="Processes that clean; 0 means one for each core. "
                         "Their number changes no byte of the result.")


class FurtherRecogniser(Section):
    """A recogniser beside our rules: of another package, or a model in a local folder."""

    name: str = Field(description="`gliner`, `transformers`, or the entry point of another package in the group "
                      "`itd_pipeline.recognisers`.")
    path: Path | None = Field(default=None, description="Folder of the model; nothing is downloaded.")
    labels: Mapping[str, str] = Field(default_factory=dict, description="Label of the model -> class of identifiers; "
                                      "empty for the usual ones.")
    threshold: float = Field(default=0.5, ge=0, le=1, description="Least score of a model's finding.")
    languages: tuple[str, ...] = Field(default=(), description="Languages that it reads; empty: every one.")
    options: Mapping[str, str | int | float | bool] = Field(default_factory=dict, description="For a recogniser of "
                                                            "another package: whatever it takes.")


class Deidentification(Section):
    """How text about patients is made harmless. What is found is described in docs/deidentification.md."""

    required_recall: Mapping[str, float] = Field(
        default_factory=dict, description="Class of identifiers, or `overall`, -> least lower bound of its 95 % "
        "interval in `itd deid evaluate`. Without a passing evaluation no patient data is cleaned.")
    replacement: Literal["tags", "surrogates"] = Field(
        default="tags", description="What stands in the place of identifiers: tags such as [NAME-1], or surrogates of "
        "the same kind, the same for a patient in all documents.")
    recognisers: tuple[FurtherRecogniser, ...] = Field(
        default=(), description="Recognisers beside our rules; what any of them finds is replaced.")
    key: Path | None = Field(default=None, description="File with the key that moves each patient's dates by the same "
                             "weeks in every run and decides the surrogates; `itd deid key` makes it. It must lie "
                             "outside the lake, readable by "
                             "its owner only. Without it dates are taken out, and nothing links two runs.")
    canaries: int = Field(default=24, ge=0, le=1000, description="Invented notes planted in each source of patient "
                          "data. Their identifiers are looked for in every later stage; one hit blocks.")
