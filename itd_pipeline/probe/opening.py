"""Which model a name stands for.

Belongs here: that, and what to say where the extra is not installed. Does not belong here: a model.
"""

from __future__ import annotations

import importlib.util

from itd_pipeline.errors import ConfigError
from itd_pipeline.probe.student import Student
from itd_pipeline.probe.words import WordCounts
from itd_pipeline.settings import Probe

NEEDED = ("torch", "transformers", "peft", "gguf")
"""Packages of the extra `probe`."""


def missing_packages() -> list[str]:
    """Those of the extra that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def open_student(settings: Probe) -> Student:
    """The model of a profile.

    Raises:
        ConfigError: the extra `probe` is not installed, or the model cannot be found on this machine.
    """
    if settings.model == WordCounts.name:
        return WordCounts()
    if settings.model.startswith("fake/"):
        raise ConfigError(f"There is no model {settings.model!r} for the probe.", f"The one with fake/ is "
                          f"{WordCounts.name}.")
    if missing := missing_packages():
        raise ConfigError(f"The probe needs {', '.join(missing)}, which are not installed.",
                          "Install the optional extra: pip install 'itd-pipeline[probe]'. Nothing else needs it.")
    from itd_pipeline.probe.carried import TransformersStudent

    return TransformersStudent(settings)
