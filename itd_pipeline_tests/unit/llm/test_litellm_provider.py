"""litellm's quirks and the carried model. Marked `model`: importing litellm and loading a model takes seconds."""

from __future__ import annotations

import asyncio
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
from itd_pipeline.llm.money.prices import Price, listed_price, own_price
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


def full_path() -> Any:
    from itd_pipeline.llm.wire.litellm_path import LitellmProvider

    return LitellmProvider("openai/some", None, None, 5)


def at_once(response: Any) -> Any:
    async def complete(**_: object) -> Any:
        return response

    return complete


def test_importing_the_room_imports_nothing_heavy() -> None:
    code = ("import itd_pipeline.llm, sys; "
            "sys.exit(any(m in sys.modules for m in ('litellm', 'xllamacpp', 'jinja2', 'aiohttp', 'jsonschema')))")
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

    known: Any = litellm.exceptions
    provider = full_path()
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
        async def fail(error: Exception = error, **_: object) -> None:
            raise error

        monkeypatch.setattr(litellm, "acompletion", fail)
        with pytest.raises(wanted) as caught:
            asyncio.run(provider.send(REQUESTS[0], "id"))
        assert getattr(caught.value, "kind", "") == kind
        assert secret not in str(caught.value)


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_what_is_no_answer_concerns_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    import litellm

    provider = full_path()
    for choices in ([], None, [SimpleNamespace(finish_reason="stop", message=None)],
                    [SimpleNamespace(finish_reason="stop", message=SimpleNamespace(content=["the prompt"]))]):
        monkeypatch.setattr(litellm, "acompletion", at_once(SimpleNamespace(choices=choices)))
        with pytest.raises(RequestFailure, match=r"^bad_response: [A-Za-z]+Error$") as caught:
            asyncio.run(provider.send(REQUESTS[0], "id"))
        assert caught.value.billed


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_refusal_beside_an_empty_content_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import litellm
    from litellm.litellm_core_utils.llm_response_utils.convert_dict_to_response import convert_to_model_response_object

    provider = full_path()
    for content, wanted in ((None, '{"refusal":"Not that."}'), ("", '{"refusal":"Not that."}'), ("Fine.", "Fine.")):
        response = convert_to_model_response_object(
            {"id": "1", "model": "m", "object": "chat.completion", "created": 1,
             "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
             "choices": [{"index": 0, "finish_reason": "stop",
                          "message": {"role": "assistant", "content": content, "refusal": "Not that."}}]},
            litellm.ModelResponse())
        monkeypatch.setattr(litellm, "acompletion", at_once(response))
        reply = asyncio.run(provider.send(REQUESTS[0], "id"))
        assert (reply.text, reply.finish_reason, reply.prompt_tokens) == (wanted, "stop", 3)


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_price_must_be_known() -> None:
    from itd_pipeline.llm.wire.litellm_path import load_litellm

    table = load_litellm().model_cost
    listed = listed_price(table, ("openai/gpt-4o-mini", "gpt-4o-mini"), "openai/gpt-4o-mini")
    assert 0 < listed.sent < listed.received
    assert listed.cached is not None
    assert listed.cached < listed.sent
    assert listed.batch_share == 0.5
    assert own_price(settings.Model(name="openai/x", api_base="http://127.0.0.1:9/v1")) == Price()
    assert own_price(settings.Model(name="openai/x")) is None
    with pytest.raises(PermanentError, match="price_per_million_tokens"):
        listed_price(table, ("openai/never-heard-of",), "openai/never-heard-of")
