"""The profile as it is released: without what only concerns the place that it ran at.

`model.api_base` names hosts of a house, and may hold a user and password: a note stands for it. `model.options` may
hold anything and is dropped. Paths of the machine are rewritten by `machine_paths.py`.
"""

from __future__ import annotations

import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.release.machine_paths import without_machine_paths
from itd_pipeline.settings import Settings

API_BASE_NOTE = "set, not released"


def released_profile(config: str, settings: Settings) -> str:
    """`config` (the profile as YAML text) for `config.yaml`, keys sorted.

    Raises:
        ConfigError: it is not readable as YAML, or no mapping.
    """
    try:
        content = yaml.safe_load(config)
    except yaml.YAMLError:
        # The parser's own error quotes lines of the profile.
        raise ConfigError("The profile to be released is not readable as YAML.", "Mend its syntax.") from None
    if not isinstance(content, dict):
        raise ConfigError("The profile to be released is no mapping.", "Give the profile as YAML keys and values.")
    model = content.get("model")
    if isinstance(model, dict):
        model.pop("options", None)
        if model.get("api_base"):
            model["api_base"] = API_BASE_NOTE
    # One line per value: a folded path would not be found.
    text = yaml.safe_dump(content, sort_keys=True, allow_unicode=True, width=float("inf"))
    return without_machine_paths(text, settings)
