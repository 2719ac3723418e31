"""Language of the output: a model that slips into another language, or a wrongly tagged source, shows here."""

from __future__ import annotations

from collections.abc import Sequence

from itd_pipeline.signals.signal import Columns, Records, Signal
from itd_pipeline.text.language import identify

MIN_WORDS = 20
"""Shorter outputs are `und`: the default of the profile's `cleaning.language_min_words`."""


def output_languages(outputs: Sequence[str], min_words: int = MIN_WORDS) -> list[str]:
    """ISO 639-1 code of each output, `und` where it is too short to tell."""
    return [identify(output, min_words) for output in outputs]


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""
    found = output_languages(records.column("output"))
    return {"output_language": found, "wrong_language": [
        language not in ("und", named) for language, named in zip(found, records.column("language"), strict=True)]}


SIGNAL = Signal(name="language", version=2, columns=("output_language", "wrong_language"), compute=measured,
                libraries=("py3langid",))
