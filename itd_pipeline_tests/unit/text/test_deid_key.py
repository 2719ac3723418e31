"""The file of the key: made once, outside the lake, for its owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.deid_key import key_name, make_key, read_key
from itd_pipeline.settings import Settings


def with_key(small: Settings, path: str | None) -> Settings:
    deidentification = small.deidentification.model_copy(update={"key": None if path is None else Path(path)})
    return small.model_copy(update={"deidentification": deidentification})


def test_it_is_made_once_for_the_owner_only(small: Settings, project: Path) -> None:
    settings = with_key(small, "secret/deid.key")
    assert read_key(settings) is None
    assert key_name(settings) == ""
    path = make_key(settings)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_key(settings) or b"") == 32
    assert len(key_name(settings)) == 16
    assert key_name(settings) not in path.read_text()
    with pytest.raises(ConfigError, match="there already"):
        make_key(settings)


def test_others_must_not_read_it(small: Settings) -> None:
    settings = with_key(small, "deid.key")
    make_key(settings).chmod(0o640)
    with pytest.raises(ConfigError, match="others than its owner"):
        read_key(settings)


def test_it_must_not_lie_in_the_lake(small: Settings) -> None:
    settings = with_key(small, str(small.lake_path / "deid.key"))
    for work in (make_key, read_key):
        with pytest.raises(ConfigError, match="lies in the lake"):
            work(settings)


def test_a_file_that_holds_no_key(small: Settings, project: Path) -> None:
    path = project / "deid.key"
    path.write_text("not hexadecimal")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="holds no key"):
        read_key(with_key(small, str(path)))


def test_a_profile_that_names_none(small: Settings) -> None:
    assert read_key(small) is None
    with pytest.raises(ConfigError, match="names no file"):
        make_key(small)
