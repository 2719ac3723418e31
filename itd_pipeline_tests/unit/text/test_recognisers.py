"""The seam: recognisers of other packages, and models in a local folder."""

from __future__ import annotations

import importlib.metadata
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError
from itd_pipeline.text import deidentify
from itd_pipeline.text.deidentify import Deidentifier
from itd_pipeline.text.recognisers import Plug, made, registry, versions


class Nicknames:
    """Finds words that it is told."""

    version = "1"

    def __init__(self, word: str = "skipper", languages: Sequence[str] = (), kind: str = "name") -> None:
        self.languages, self.word, self.kind, self.asked = languages, word, kind, list[list[str]]()

    def find(self, texts: Sequence[str], language: str) -> list[list[tuple[int, int, str]]]:
        self.asked.append(list(texts))
        return [[(text.index(self.word), text.index(self.word) + len(self.word),
                  self.kind)] if self.word in text else []
                for text in texts]


class Point:
    """An entry point of a package that is not there."""

    name, dist = "nicknames", None

    def __init__(self, maker: Any) -> None:
        self.maker = maker

    def load(self) -> Any:
        if self.maker is None:
            raise OSError("disk")
        return self.maker


@pytest.fixture(autouse=True)
def _announced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(importlib.metadata, "entry_points",
                        lambda group: [Point(Nicknames)] if group == registry.ENTRY_POINTS else [])
    made.cache_clear()
    yield
    made.cache_clear()


def test_the_union_counts() -> None:
    text = "Mrs Vance says skipper fell on 3 May 2020."
    assert deidentify(text).text == "Mrs [NAME-1] says skipper fell on [DATE]."
    assert deidentify(text, further=[Plug("nicknames")]).text == "Mrs [NAME-1] says [NAME-2] fell on [DATE]."


def test_what_it_finds_once_is_searched_for_in_all_documents_of_the_patient() -> None:
    deidentifier = Deidentifier(further=[Plug("nicknames", (("word", "Ozzo"),))])
    deidentifier.learn("his cat ozzo, called Ozzo here", "p")
    assert "Ozzo" not in deidentifier.replace("Again Ozzo.", "p").text


def test_many_texts_are_given_at_once_and_none_twice() -> None:
    plug = Plug("nicknames")
    deidentifier = Deidentifier(further=[plug])
    deidentifier.look_ahead(["a skipper", "b", "a skipper"])
    for text in ("a skipper", "b"):
        deidentifier.learn(text, "p")
        deidentifier.replace(text, "p")
    assert made(plug).asked == [["a skipper", "b"]]  # type: ignore[attr-defined]


def test_a_language_that_it_does_not_read() -> None:
    plug = Plug("nicknames", (("languages", ("es",)),))
    assert "skipper" in deidentify("the skipper fell", further=[plug]).text
    assert "skipper" not in deidentify("el skipper se cayó", language="es", further=[plug]).text


@pytest.mark.parametrize(("plug", "says"), [
    (Plug("nobody"), "gliner, nicknames, transformers"), (Plug("nicknames", (("colour", "red"),)), "colour"),
    (Plug("nicknames", (("kind", "moniker"),)), "class of identifiers"), (Plug("gliner", (("path", "/nowhere"),)),
                                                                          "no such folder"),
])
def test_what_is_wrong_is_named(plug: Plug, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        deidentify("the skipper fell", further=[plug])


@pytest.mark.parametrize("answer", [[], [[(0, 99, "name")]], [[(3, 3, "name")]]])
def test_an_answer_that_does_not_fit(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(Nicknames, "find", lambda *_: answer)
    with pytest.raises(ConfigError, match="'nicknames' gave") as caught:
        deidentify("the skipper fell", further=[Plug("nicknames")])
    assert "skipper" not in str(caught.value)


def test_a_package_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Point(None)])
    with pytest.raises(ConfigError, match="cannot be loaded"):
        deidentify("x", further=[Plug("nicknames")])


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    return tmp_path


class FakeGliner:
    """Finds every `zed`, where it is asked for person names."""

    @classmethod
    def from_pretrained(cls, path: str, local_files_only: bool) -> FakeGliner:
        assert local_files_only
        return cls()

    def batch_predict_entities(self, texts: list[str], labels: list[str], threshold: float) -> list[list[dict[str,
                                                                                                              Any]]]:
        assert max(map(len, texts)) <= 1200
        return [[{"start": at, "end": at + 3, "label": "person name",
                  "score": 0.9} for at in range(len(text)) if text.startswith("zed", at)
                 and "person name" in labels] for text in texts]


def test_gliner_from_a_folder(monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> None:
    monkeypatch.setitem(sys.modules, "gliner", types.SimpleNamespace(GLiNER=FakeGliner))
    plug = Plug("gliner", (("path", str(model_folder)),))
    long = "no name is here. " * 100 + "Then zed came."
    assert deidentify(long, further=[plug]).text == long.replace("zed", "[NAME-1]")
    assert "zed" in deidentify(long, further=[Plug("gliner", (("labels", (("city", "address"),)), ("path",
                                                                                                   str(model_folder))))]).text


def test_transformers_from_a_folder(monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> None:
    def pipeline(task: str, model: str, tokenizer: str, aggregation_strategy: str) -> Any:
        assert (task, model) == ("token-classification", str(model_folder))
        return lambda texts: [[{"entity_group": "PATIENT", "score": score, "start": text.index(word) - 1,
                                "end": text.index(word) + 3}
                               for word, score in (("zed", 0.9), ("yon", 0.2))] for text in texts]

    monkeypatch.setitem(sys.modules, "transformers", types.SimpleNamespace(pipeline=pipeline))
    plug = Plug("transformers", (("path", str(model_folder)),))
    assert deidentify("see zed and yon", further=[plug]).text == "see [NAME-1] and yon"


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> None:
    monkeypatch.setitem(sys.modules, "gliner", None)
    with pytest.raises(ConfigError, match="pip install gliner"):
        deidentify("text", further=[Plug("gliner", (("path", str(model_folder)),))])


def test_another_model_has_another_version(model_folder: Path) -> None:
    plug = Plug("gliner", (("path", str(model_folder)),))
    first = versions([plug])
    made.cache_clear()
    (model_folder / "weights.bin").write_bytes(b"1" * (5 << 20))
    second = versions([plug])
    assert first != second
    assert second != versions([Plug("gliner", (("path", str(model_folder)), ("threshold", 0.7)))])


def test_the_profile_names_recognisers_and_their_versions_count() -> None:
    from itd_pipeline.pipeline.deid_gate import code_measured
    from itd_pipeline.pipeline.deid_recognisers import plugs, recogniser_versions

    plain = settings.load_settings("demo")
    deid = settings.Deidentification(recognisers=[{"name": "nicknames", "options": {"word": "ozzo"}}])  # type: ignore[list-item]
    ours = plain.model_copy(update={"deidentification": deid})
    assert plugs(ours) == (Plug("nicknames", (("word", "ozzo"),)),)
    assert recogniser_versions(ours) == {"nicknames": "1"}
    assert code_measured(ours) == code_measured(plain) + "; nicknames 1"
