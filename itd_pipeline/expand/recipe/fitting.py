"""Whether a passage fits a recipe. Belongs here: the test. Not here: which of them are drawn (`asking/`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from itd_pipeline.expand.recipe.model import Fits, Recipe


def fits_passage(recipe: Recipe, passage: Mapping[str, Any], reader: str, language: str) -> bool:
    """Whether a row of the passages table fits.

    Args:
        recipe: the recipe.
        passage: the row.
        reader: reader of its source.
        language: language of the source, for passages too short to tell theirs.
    """
    fits = recipe.fits
    if not fits.words[0] <= passage["word_count"] <= fits.words[1]:
        return False
    if fits.readers and reader not in fits.readers:
        return False
    spoken = language if passage["language"] == "und" else passage["language"]
    if fits.languages and spoken not in fits.languages:
        return False
    if fits.specialties and passage["specialty"] not in fits.specialties:
        return False
    if fits.audiences and passage["audience"] not in fits.audiences:
        return False
    if fits.patient_data is not None and passage["patient_data"] != fits.patient_data:
        return False
    heading = passage["section"]
    if fits.sections and not any(re.search(p, heading, re.IGNORECASE) for p in fits.sections):
        return False
    if any(re.search(p, heading, re.IGNORECASE) for p in fits.not_sections):
        return False
    if fits.kinds and _kind(passage["attributes"]) not in fits.kinds:
        return False
    return fits.contains is None or re.search(fits.contains, passage["text"], re.IGNORECASE) is not None


def fits_parent(fits: Fits, record: Mapping[str, Any]) -> bool:
    """Whether a record may be a parent."""
    return (not fits.tasks or record["task_type"] in fits.tasks) and (
        not fits.routes or record["route"] in fits.routes)


def _kind(attributes: str) -> str:
    try:
        fields = json.loads(attributes)
    except ValueError:
        return ""
    return str(fields.get("kind") or fields.get("resource_type") or "") if isinstance(fields, dict) else ""
