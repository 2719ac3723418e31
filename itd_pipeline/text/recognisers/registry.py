"""Recognisers by name: the adapters of this package, and those that other packages announce.

To add one from a package of your own: an entry point in the group `itd_pipeline.recognisers`, named like the
recogniser, that gives a class or function which makes it from the options of the profile.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.text.recognisers.models import GlinerRecogniser, TransformersRecogniser
from itd_pipeline.text.recognisers.seam import TextsRecogniser

ENTRY_POINTS = "itd_pipeline.recognisers"
_OURS: Mapping[str, Callable[..., TextsRecogniser]] = {"gliner": GlinerRecogniser,
                                                       "transformers": TransformersRecogniser}


@dataclass(frozen=True)
class Plug:
    """Which recogniser, with which options. Holds no model, so that it can be handed to another process.

    Args:
        name: of an entry point, `gliner` or `transformers`.
        options: keyword arguments of what makes it.
    """

    name: str
    options: tuple[tuple[str, Any], ...] = ()


@cache
def made(plug: Plug) -> TextsRecogniser:
    """The recogniser; made once in a process.

    Raises:
        ConfigError: nobody knows the name, or it cannot be made; names the package.
    """
    maker = _OURS.get(plug.name) or _announced(plug.name)
    options = {name: dict(value) if isinstance(value, tuple) and name == "labels" else value for name,
               value in plug.options}
    try:
        recogniser = maker(**options)
    except TypeError as error:
        raise ConfigError(f"The recogniser {plug.name!r} does not take the options "
                          f"{', '.join(sorted(options)) or 'none'}.",
                          "Look at its documentation, and at `deidentification.recognisers` in the profile.") from error
    if not isinstance(recogniser, TextsRecogniser):
        raise ConfigError(f"The recogniser {plug.name!r} has no `find`, `version` and `languages`.",
                          "docs/deidentification.md shows what a recogniser is.")
    return recogniser


def versions(plugs: Sequence[Plug]) -> dict[str, str]:
    """Name -> version of each, for fingerprints."""
    return {plug.name: made(plug).version for plug in plugs}


def _announced(name: str) -> Callable[..., TextsRecogniser]:
    points = {point.name: point for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}
    point = points.get(name)
    if point is None:
        known = sorted({*_OURS, *points})
        raise ConfigError(f"deidentification.recognisers: there is no recogniser {name!r}.",
                          f"There are: {', '.join(known)}.")
    try:
        maker: Callable[..., TextsRecogniser] = point.load()
    except Exception as error:  # a foreign package may fail in any way; the message names it
        package = point.dist.name if point.dist else "unknown"
        raise ConfigError(f"The recogniser {name!r} of the package {package} cannot be loaded "
                          f"({type(error).__name__}).",
                          "Mend or uninstall the package.") from error
    return maker
