"""What Dagster loads. The profile is named by ITD_PROFILE (default `demo`); nothing else is read from outside here."""

import os

from itd_pipeline.defs.graph import build_definitions
from itd_pipeline.settings import Settings, load_settings


def _profile() -> Settings:
    return load_settings(os.environ.get("ITD_PROFILE", "demo"))


defs = build_definitions(_profile(), reload=_profile)
