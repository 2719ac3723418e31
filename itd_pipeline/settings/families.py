"""Which family a model is of, by its name: a judge of the generator's own family prefers what it wrote.

Belongs here: names of models and who makes them. Does not belong here: what follows (`signals/judge.py`, the profile).
"""

from __future__ import annotations

import re

_VENDORS = {
    "openai": ("gpt", "o1", "o3", "o4", "chatgpt", "davinci"), "anthropic": ("claude",),
    "google": ("gemini", "palm", "gemma", "medgemma"),
    "meta": ("llama",), "mistral": ("mistral", "mixtral", "ministral", "magistral"), "alibaba": ("qwen", "qwq"),
    "deepseek": ("deepseek",), "microsoft": ("phi",), "cohere": ("command", "aya"), "huggingface": ("smollm", "zephyr"),
    "xai": ("grok",), "moonshot": ("kimi",), "zhipu": ("glm", "chatglm"), "nvidia": ("nemotron",), "ai21": ("jamba",),
}


def family_of(model: str) -> str:
    """Family of a model by its name, such as `meta` for `together/llama-3-70b`; the name itself where unknown."""
    name = model.lower().rsplit("/", 1)[-1]
    for family, beginnings in _VENDORS.items():
        if any(re.search(rf"(?:^|[^a-z]){re.escape(beginning)}", name) for beginning in beginnings):
            return family
    return name
