"""Which recognisers read which language. A further language is one more function here."""

from __future__ import annotations

from itd_pipeline.text.identifiers.finding import Recogniser
from itd_pipeline.text.identifiers.prefilter import Joint

ENGLISH, SPANISH = Joint(), Joint()
"""What the recognisers of a language share; see `Joint`."""


def recognisers(language: str) -> tuple[Recogniser, ...]:
    """The recognisers of a language.

    Args:
        language: ISO 639-1 code.

    Raises:
        ValueError: nobody has written recognisers for it; names those that exist.
    """
    pack = _PACKS.get(language)
    if pack is None:
        raise ValueError(f"{language}: no recognisers for this language; there are: {', '.join(sorted(_PACKS))}")
    return pack()


def _english() -> tuple[Recogniser, ...]:
    from itd_pipeline.text.deidentify import RECOGNISERS  # imports this module in turn

    return RECOGNISERS


def _spanish() -> tuple[Recogniser, ...]:
    from itd_pipeline.text.identifiers.spanish import RECOGNISERS

    return RECOGNISERS


_PACKS = {"en": _english, "es": _spanish}
LANGUAGES = tuple(sorted(_PACKS))
