"""litellm's quirks and the carried model. Marked `model`: importing litellm and loading a model takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm import ledger_totals, open_model
from itd_pipeline.llm.provider import PassingFailure, RequestFailure
from itd_pipeline.ports import ChatRequest

SCHEMA = json.dumps({
    "type": "object",
    "properties": {"quote": {"enum": ["Anosmia is the loss of smell."]}, "answer": {"type": "string", "maxLength": 40}},
    "required": ["quote", "answer"], "additionalProperties": False,
})
REQUESTS = [
    ChatRequest((("user", "Text: Anosmia is the loss of smell. What is anosmia?"),), SCHEMA, max_tokens=64, seed=7),
    ChatRequest((("user", "Text: Anosmia is the loss of smell. Which sense is lost?"),), SCHEMA, max_tokens=64, seed=7),
]


def test_importing_the_room_imports_nothing_heavy() -> None:
    code = "import itd_pipeline.llm, sys; sys.exit(any(m in sys.modules for m in ('litellm', 'xllamacpp', 'jinja2')))"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_carried_model_answers_alike_in_any_order(tmp_path: Path) -> None:
    texts = []
    for turn, order in enumerate((REQUESTS, REQUESTS[::-1])):
        with open_model(settings.Model(), tmp_path / f"{turn}.sqlite") as model:
            assert model.local
            got = {a.request_id: a.text for a in model.answer(order)}
        texts.append([got[r.payload_hash(model.identity)] for r in REQUESTS])
        assert ledger_totals(tmp_path / f"{turn}.sqlite")["cost_usd"] == 0
    assert texts[0] == texts[1]
    assert all(json.loads(text)["quote"] == "Anosmia is the loss of smell." for text in texts[0])


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_failures_of_litellm_keep_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    import litellm

    from itd_pipeline.llm.litellm_provider import LitellmProvider

    known: Any = litellm.exceptions
    provider = LitellmProvider(settings.Model(name="openai/some", price_per_million_tokens=(1.0, 2.0)))
    secret = "the prompt itself"
    basics: dict[str, Any] = {"message": secret, "model": "some", "llm_provider": "openai"}
    for error, wanted, kind in (
        (known.Timeout(**basics), PassingFailure, "timeout"),
        (known.RateLimitError(**basics), PassingFailure, "rate_limit"),
        (known.InternalServerError(**basics), PassingFailure, "server_error"),
        (known.ServiceUnavailableError(**basics), PassingFailure, "server_error"),
        (known.APIConnectionError(**basics), PassingFailure, "connection"),
        (known.ContextWindowExceededError(**basics), RequestFailure, "context_length"),
        (known.ContentPolicyViolationError(**basics), RequestFailure, "content_filter"),
        (known.BadRequestError(**basics), RequestFailure, "bad_request"),
        (known.AuthenticationError(**basics), PermanentError, ""),
        (known.NotFoundError(**basics), PermanentError, ""),
    ):
        def fail(error: Exception = error, **_: object) -> None:
            raise error

        monkeypatch.setattr(litellm, "completion", fail)
        with pytest.raises(wanted) as caught:
            provider.send(REQUESTS[0], "id")
        assert getattr(caught.value, "kind", "") == kind
        assert secret not in str(caught.value)


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_what_is_no_answer_concerns_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    import litellm

    from itd_pipeline.llm.litellm_provider import LitellmProvider

    provider = LitellmProvider(settings.Model(name="openai/some", price_per_million_tokens=(1.0, 2.0)))
    for choices in ([], None, [SimpleNamespace(finish_reason="stop", message=None)],
                    [SimpleNamespace(finish_reason="stop", message=SimpleNamespace(content=["the prompt"]))]):
        monkeypatch.setattr(litellm, "completion", lambda c=choices, **_: SimpleNamespace(choices=c))
        with pytest.raises(RequestFailure, match=r"^bad_response: [A-Za-z]+Error$") as caught:
            provider.send(REQUESTS[0], "id")
        assert caught.value.billed


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_refusal_beside_an_empty_content_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import litellm
    from litellm.litellm_core_utils.llm_response_utils.convert_dict_to_response import convert_to_model_response_object

    from itd_pipeline.llm.litellm_provider import LitellmProvider

    provider = LitellmProvider(settings.Model(name="openai/some", price_per_million_tokens=(1.0, 2.0)))
    for content, wanted in ((None, '{"refusal":"Not that."}'), ("", '{"refusal":"Not that."}'), ("Fine.", "Fine.")):
        response = convert_to_model_response_object(
            {"id": "1", "model": "m", "object": "chat.completion", "created": 1,
             "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
             "choices": [{"index": 0, "finish_reason": "stop",
                          "message": {"role": "assistant", "content": content, "refusal": "Not that."}}]},
            litellm.ModelResponse())
        monkeypatch.setattr(litellm, "completion", lambda r=response, **_: r)
        reply = provider.send(REQUESTS[0], "id")
        assert (reply.text, reply.finish_reason, reply.prompt_tokens) == (wanted, "stop", 3)


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_price_must_be_known() -> None:
    from itd_pipeline.llm.litellm_provider import LitellmProvider

    assert LitellmProvider(settings.Model(name="openai/gpt-4o-mini")).price_per_million_tokens()[0] > 0
    assert LitellmProvider(settings.Model(name="openai/x", api_base="http://127.0.0.1:9/v1")) \
        .price_per_million_tokens() == (0.0, 0.0)
    with pytest.raises(PermanentError, match="price_per_million_tokens"):
        LitellmProvider(settings.Model(name="openai/never-heard-of"))
