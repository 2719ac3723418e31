"""Local servers by their address, without litellm: where a request goes, under which name, with which key."""

from __future__ import annotations

import sys

import pytest

from itd_pipeline.llm.wire.resolving import on_this_machine


@pytest.mark.parametrize(("name", "base", "url", "wire_name"), [
    ("hosted_vllm/meta-llama/Llama-3.1-8B", "http://localhost:8000/v1", "http://localhost:8000/v1/chat/completions",
     "meta-llama/Llama-3.1-8B"),
    ("openai/qwen", "http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/chat/completions", "qwen"),
    ("ollama/llama3", "http://localhost:11434", "http://localhost:11434/v1/chat/completions", "llama3"),
    ("ollama/llama3", "http://localhost:11434/v1", "http://localhost:11434/v1/chat/completions", "llama3"),
    ("llamafile/some", "http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions", "some"),
])
def test_a_local_server_is_asked_as_it_is(name: str, base: str, url: str, wire_name: str) -> None:
    before = "litellm" in sys.modules
    target = on_this_machine(name, base, None)
    assert target is not None
    assert (target.url, target.name, target.local) == (url, wire_name, True)
    assert ("litellm" in sys.modules) is before


@pytest.mark.parametrize(("name", "base"), [
    ("openai/some", None), ("openai/some", "https://llm.example/v1"), ("sagemaker/some", "http://localhost:8000"),
    ("some", "http://localhost:8000/v1"),
])
def test_others_are_not(name: str, base: str | None) -> None:
    assert on_this_machine(name, base, None) is None


def test_the_key_is_the_variables_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS_KEY", "sk-very-secret")
    target = on_this_machine("openai/some", "http://localhost:8000/v1", "OURS_KEY")
    assert target is not None
    assert target.headers["Authorization"] == "Bearer sk-very-secret"
    assert "sk-very-secret" not in repr(target)
