"""Text: from documents to clean passages, and the text functions that other rooms share.

The way in is `clean`. `words`, `normalise`, `language`, `deidentify` and `scan` each hold one idea and can be used
alone. Nothing here knows about sources, models or orchestration.
"""

from itd_pipeline.text.cleaning import clean, survey
from itd_pipeline.text.deidentify import DeidentifiedText, Deidentifier, deidentify
from itd_pipeline.text.identifiers.finding import Finding, Recogniser
from itd_pipeline.text.language import identify
from itd_pipeline.text.normalise import normalise
from itd_pipeline.text.scan import scan_identifiers
from itd_pipeline.text.words import fold_space, numbers_with_units, sentences, shingles, words

__all__ = [
    "DeidentifiedText",
    "Deidentifier",
    "Finding",
    "Recogniser",
    "clean",
    "deidentify",
    "fold_space",
    "identify",
    "normalise",
    "numbers_with_units",
    "scan_identifiers",
    "sentences",
    "shingles",
    "survey",
    "words",
]
