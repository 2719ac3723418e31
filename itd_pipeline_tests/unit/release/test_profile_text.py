from __future__ import annotations

import traceback

import pytest
import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.release.build import build_release
from itd_pipeline.release.profile_text import API_BASE_NOTE


def _released(make_inputs, config):
    return build_release(make_inputs(config=config)).files["config.yaml"].decode()


@pytest.mark.parametrize("address", ["http://gpu7.ward.internal:8000/v1", "https://user:password@models.example/v1"])
def test_the_address_of_a_model_and_its_options_do_not_leave(make_inputs, address):
    told = _released(
        make_inputs, f"profile: tiny\nmodel:\n  name: x/y\n  api_base: {address}\n  options: {{key: s3}}\n")
    assert yaml.safe_load(told) == {"profile": "tiny", "model": {"name": "x/y", "api_base": API_BASE_NOTE}}


@pytest.mark.parametrize("config", ["model:\n  api_base: null\n", "model: {}\n", "profile: tiny\n"])
def test_an_address_that_is_not_set_gets_no_note(make_inputs, config):
    assert _released(make_inputs, config) == yaml.safe_dump(yaml.safe_load(config))


def test_keys_are_sorted_and_long_values_stay_on_one_line(make_inputs):
    long = "word " * 60 + "end"
    assert _released(make_inputs, f"z: {long}\na: 1\n") == f"a: 1\nz: {long}\n"


@pytest.mark.parametrize("config", ["model: {api_base: 'http://user:secret@host", "- a list", ""])
def test_a_profile_that_cannot_be_read_is_not_released_and_not_quoted(make_inputs, config):
    with pytest.raises(ConfigError, match="profile to be released") as caught:
        _released(make_inputs, config)
    assert "secret" not in "".join(traceback.format_exception(caught.value)).split("_released(make_inputs, config)")[-1]
