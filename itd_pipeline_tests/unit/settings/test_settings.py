"""A profile is read whole or not at all, and every mistake is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from itd_pipeline.errors import ConfigError
from itd_pipeline.settings import Model, load_settings

GOOD = """
dataset: {name: small, title: Small, description: A small one.}
sources:
  notes: {reader: text, path: notes, licence: CC0-1.0}
"""


def profile(folder: Path, text: str, name: str = "conf/small.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_in_conf_resolves_paths_against_the_project(tmp_path: Path) -> None:
    settings = load_settings(profile(tmp_path, GOOD))
    assert settings.profile == "small"
    assert settings.resolve(Path("notes")) == tmp_path / "notes"
    assert settings.lake_path == tmp_path / "data" / "lake"


def test_a_profile_elsewhere_resolves_paths_against_its_own_folder(tmp_path: Path) -> None:
    settings = load_settings(profile(tmp_path, GOOD, "ours/small.yaml"))
    assert settings.resolve(Path("notes")) == tmp_path / "ours" / "notes"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (GOOD + "polcy: x\n", ["unknown key 'polcy'", "did you mean 'policy'", "valid keys: profile, dataset"]),
        (GOOD + "cleaning: {max_word: 3}\n", ["cleaning.max_word", "did you mean 'max_words'", "languages"]),
        (GOOD.replace("licence", "license"), ["sources.notes.license", "did you mean 'licence'"]),
        (GOOD + "model: {temperature: 3}\n", ["model.temperature", "less than or equal to 2"]),
        (GOOD.replace("notes:", "Notes:"), ["'Notes'", "lower-case"]),
        (GOOD + "root: /\n", ["root is not a key"]),
        ("- a\n- b\n", ["mapping"]),
        ("a: [\n", ["line 2", "YAML"]),
        ("a: 1\nx: " + "[" * 20_000, ["small.yaml", "nested too deeply"]),
        ("when: 2024-13-45\n", ["small.yaml", "YAML"]),
        (GOOD + "1: 2\n", ["line 5", "'1' is not a name"]),
        (GOOD + "on: 2\n", ["line 5", "'on' is not a name"]),
        (GOOD + "? [a, b]\n: 2\n", ["line 5", "is not a name"]),
        (GOOD + "x: &x {1: 2}\n<<: *x\n", ["line 5", "'1' is not a name"]),
        (GOOD + "seeds: {}\nlake: data\nseeds: {}\n", ["line 7", "'seeds' stands twice, first in line 5"]),
        (GOOD + "model: {seed: 1, seed: 2}\n", ["line 5", "'seed' stands twice"]),
        (GOOD + "  notes: {reader: text, licence: MIT}\n", ["line 5", "'notes' stands twice, first in line 4"]),
        (GOOD.replace("path: notes", "path: ''"), ["sources.notes.path", "a path is blank"]),
        (GOOD.replace("path: notes", "path: ' '"), ["sources.notes.path", "a path is blank"]),
        (GOOD + "seeds: {paths: [a, '']}\n", ["seeds.paths", "a path is blank"]),
        (GOOD + "signals: {benchmarks: {b: {path: '', columns: [q]}}}\n", ["benchmarks.b.path", "a path is blank"]),
        (GOOD + "review: {returned: ''}\n", ["review.returned", "a path is blank"]),
        (GOOD + "lake: ''\n", ["lake", "a path is blank"]),
        (GOOD + "release: {validation_share: 0.4, test_share: 0.7}\n", ["test_share"]),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(tmp_path: Path, text: str, named: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(profile(tmp_path, text))
    for part in named:
        assert part in str(caught.value)


def test_a_missing_profile_lists_those_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"Profiles here: small"):
        load_settings("larger")


def test_merged_keys_may_be_overridden_and_the_folder_itself_may_be_named(tmp_path: Path) -> None:
    text = GOOD + "  base: &base {reader: text, path: ., licence: MIT}\n  other: {<<: *base, licence: CC0-1.0}\n"
    sources = load_settings(profile(tmp_path, text)).sources
    assert (sources["base"].licence, sources["other"].licence, sources["other"].path) == ("MIT", "CC0-1.0", Path())


@pytest.mark.parametrize("address", [
    "https://user:secret@llm.example/v1", "https://llm.example/v1?api-key=abc", "https://llm.example/v1?access_token=a",
    "secret@llm.example", "http://localhost@evil.example/v1",
])
def test_an_address_carries_no_key(address: str) -> None:
    for section in ({"name": "openai/x", "api_base": address},
                    {"name": "openai/x", "deployments": [{"name": "openai/x", "api_base": address}]}):
        with pytest.raises(ValidationError, match="keys come from the environment") as caught:
            Model.model_validate(section)
        assert "key_env" in str(caught.value)
    plain = "https://llm.example:8443/v1?api-version=2024-06-01"
    assert Model(name="openai/x", api_base=plain).api_base == plain
