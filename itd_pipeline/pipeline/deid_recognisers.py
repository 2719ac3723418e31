"""The profile's further recognisers of identifiers, as the text room takes them."""

from __future__ import annotations

from typing import Any

from itd_pipeline.settings import Settings
from itd_pipeline.text.recognisers import Plug, versions

_OF_MODELS = frozenset({"gliner", "transformers"})


def plugs(settings: Settings) -> tuple[Plug, ...]:
    """One for each of the profile, in its order; paths are made absolute."""
    found = []
    for given in settings.deidentification.recognisers:
        options: dict[str, Any] = dict(given.options)
        if given.path is not None:
            options["path"] = str(settings.resolve(given.path))
        if given.name in _OF_MODELS:
            options.update(threshold=given.threshold, languages=given.languages)
            if given.labels:
                options["labels"] = tuple(sorted(given.labels.items()))
        found.append(Plug(given.name, tuple(sorted(options.items()))))
    return tuple(found)


def recogniser_versions(settings: Settings) -> dict[str, str]:
    """Name -> version of each, for fingerprints and for the verdict of an evaluation."""
    return versions(plugs(settings))
