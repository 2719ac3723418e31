"""What is generated is up to date, and the full profile shows every setting."""

import re
from pathlib import Path

from itd_pipeline.commands.docs import pages
from itd_pipeline.settings import Source, load_settings

ROOT = Path(__file__).resolve().parents[3]


def test_generated_pages_are_up_to_date() -> None:
    for name, text in pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, f"run `itd docs`: {name} is out of date"


def test_the_full_profile_is_valid_and_shows_every_setting() -> None:
    settings = load_settings(ROOT / "conf" / "full.yaml")
    text = (ROOT / "conf" / "full.yaml").read_text(encoding="utf-8")
    shown = set(re.findall(r"^[\s#]*([a-z_]+):", text, flags=re.MULTILINE)) | {"root"}
    for section in (settings, settings.dataset, settings.cleaning, settings.seeds, settings.model,
                    settings.expansion, settings.signals, settings.review, settings.release):
        assert set(type(section).model_fields) <= shown
    assert set(Source.model_fields) <= shown
