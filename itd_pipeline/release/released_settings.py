"""The profile as a stranger reads it from `config.yaml`: what the rules of licence and privacy were."""

from __future__ import annotations

from collections.abc import Mapping

import yaml
from pydantic import ValidationError

from itd_pipeline.settings import Settings


def released_settings(files: Mapping[str, bytes]) -> tuple[Settings | None, list[str]]:
    """Settings, or None and why they cannot be read. Nothing in them is looked for on this machine."""
    try:
        content = yaml.safe_load(files.get("config.yaml", b""))
        if not isinstance(content, dict):
            return None, ["config.yaml is missing or holds no profile: licences cannot be checked."]
        return Settings.model_validate(content), []
    except (yaml.YAMLError, ValidationError) as error:
        return None, [f"config.yaml is no profile of this version ({type(error).__name__}): licences cannot be "
                      "checked."]
