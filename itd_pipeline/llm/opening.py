"""Opening a model by its profile section. Belongs here: which provider a name stands for. Not here: any provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError, PermanentError
from itd_pipeline.llm.client.limiter import Limiter
from itd_pipeline.llm.client.route import Route, known_gate
from itd_pipeline.llm.fake import FAKE, FakeProvider
from itd_pipeline.llm.local_server import server_count
from itd_pipeline.llm.locality import CARRIED, host_of, is_local
from itd_pipeline.llm.money.prices import Price, listed_price, own_price
from itd_pipeline.llm.provider import InThreads, Provider
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.llm.stored import Opened, StoredModel, Watch
from itd_pipeline.ports import ChatModel

if TYPE_CHECKING:
    from itd_pipeline.llm.wire.resolving import Target


@contextmanager
def open_model(model: settings.Model, store_path: Path, build: str = "", stage: str = "",
               watch: Watch | None = None) -> Iterator[ChatModel]:
    """The model of a profile, with its store; follows `ports.ChatModel`.

    Nothing is started or imported until a request has to be sent: a run whose answers are all stored needs no model.

    Args:
        model: the profile's model section.
        store_path: SQLite file that keeps the answers.
        build: id of the build that asks. All models opened with the same id share one spending cap, in this process
            and after it; without an id the cap holds for this opening alone.
        stage: name of the stage that asks, for its cap and for the ledger.
        watch: told of the progress about twice a second.

    Raises:
        ConfigError: a `local/` or `fake/` name that does not exist, or a wrong option.
        StorageError: the store cannot be opened.
    """
    for prefix, known in (("local/", CARRIED), ("fake/", FAKE)):
        if model.name.startswith(prefix) and model.name != known:
            raise ConfigError(f"There is no model {model.name!r}.", f"Valid names with {prefix}: {known}.")
    if model.mode == "batch" and model.name.startswith(("local/", "fake/")):
        raise ConfigError(f"{model.name} has no batch interface.", "Set model.mode: live.")
    fake = FakeProvider(model) if model.name == FAKE else None
    with ExitStack() as stack:

        def opened() -> Opened:
            if fake is not None:
                return alone(InThreads(fake), "fake", model.concurrency, own_price(model) or Price())
            if model.name == CARRIED:
                from itd_pipeline.llm.local_server import serve

                return _carried(model, stack.enter_context(serve(model.seed, server_count())))
            return _deployed(model)

        store = stack.enter_context(AnswerStore(store_path, model.store_journal))
        if model.mode == "batch":
            from itd_pipeline.llm.batch.model import BatchModel

            yield BatchModel(model, store, lambda: _for_batches(model), build, stage, watch)
            return
        chat = stack.enter_context(StoredModel(model, store, opened, build, stage, watch))
        yield chat


def alone(provider: Provider, place: str, concurrency: int, price: Price) -> Opened:
    """One deployment."""

    async def routes() -> Sequence[Route]:
        return [Route(place, provider, Limiter(concurrency))]

    return Opened(price, routes)


def _carried(model: settings.Model, addresses: Sequence[str]) -> Opened:
    """The carried model: one deployment for each server in this process, one request at a time each."""
    from itd_pipeline.llm.wire.resolving import on_this_machine
    from itd_pipeline.llm.wire.transport import LeanProvider

    targets = [on_this_machine("openai/" + model.name.removeprefix("local/"), address, None) for address in addresses]

    async def routes() -> Sequence[Route]:
        return [Route(target.place, LeanProvider(target, model.timeout_s, 1), Limiter(1)) for target in targets
                if target is not None]

    return Opened(own_price(model) or Price(), routes)


def places_of(model: settings.Model) -> list[settings.Deployment]:
    """Every deployment of a model, its own first."""
    return [settings.Deployment(
        name=model.name, api_base=model.api_base, key_env=model.key_env, concurrency=model.concurrency,
        requests_per_minute=model.requests_per_minute, tokens_per_minute=model.tokens_per_minute), *model.deployments]


def _deployed(model: settings.Model) -> Opened:
    """Every deployment that the profile names. litellm is imported only where one of them is not on this machine, or
    the profile asks for it.

    Raises:
        PermanentError: nobody knows the price, the provider or the key.
    """
    from itd_pipeline.llm.wire.transport import LeanProvider

    makers = [(place, *_resolved(model, place)) for place in places_of(model)]
    price = makers[0][2]

    async def routes() -> Sequence[Route]:
        made = []
        for place, target, _ in makers:
            most = place.concurrency or model.concurrency
            if target is not None:
                provider: Provider = LeanProvider(target, model.timeout_s, most)
                host = target.place
            else:
                from itd_pipeline.llm.wire.litellm_path import LitellmProvider

                provider = LitellmProvider(place.name, place.api_base, place.key_env, model.timeout_s)
                host = host_of(place.api_base or "") or place.name.partition("/")[0]
            limiter, breaker = known_gate(place.api_base or host, place.name, most, place.requests_per_minute,
                                          place.tokens_per_minute)
            made.append(Route(host, provider, limiter, breaker))
        return made

    return Opened(price, routes)


def _resolved(model: settings.Model, place: settings.Deployment) -> tuple[Target | None, Price]:
    """(where the lean transport sends, or None for litellm's full path; the price). litellm is imported only where the
    place is not on this machine, the price is not the profile's, or the profile asks for litellm."""
    from itd_pipeline.llm.wire.resolving import elsewhere, on_this_machine

    target = on_this_machine(place.name, place.api_base, place.key_env) if model.wire == "auto" else None
    price = own_price(model)
    if target is not None and price is not None:
        return target, price
    from itd_pipeline.llm.wire.litellm_path import load_litellm

    litellm = load_litellm([host_of(place.api_base or "")] if is_local(model) else [])
    if price is None:
        price = listed_price(litellm.model_cost, (model.name, model.name.partition("/")[2]), model.name)
    if target is None and model.wire == "auto":
        target = elsewhere(litellm, place.name, place.api_base, place.key_env)
    return target, price


def price_of(model: settings.Model) -> Price:
    """What a model costs. Raises PermanentError where nobody knows."""
    return own_price(model) or _resolved(model, places_of(model)[0])[1]


def _for_batches(model: settings.Model) -> tuple[Price, Target]:
    """Price and target for the batch interface. Raises PermanentError where the provider has none of OpenAI's form."""
    target, price = _resolved(model, places_of(model)[0])
    if target is None:
        raise PermanentError(f"{model.name}: its provider has no batch interface of OpenAI's form.",
                             "Set model.mode: live.")
    return price, target
