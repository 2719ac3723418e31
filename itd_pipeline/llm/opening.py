"""Opening a model by its profile section. Belongs here: which provider a name stands for. Not here: any provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from itd_pipeline import settings
from itd_pipeline.errors import ConfigError
from itd_pipeline.llm.fake import FAKE, FakeProvider
from itd_pipeline.llm.local_server import server_count
from itd_pipeline.llm.locality import CARRIED
from itd_pipeline.llm.provider import Provider
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.llm.stored import StoredModel


@contextmanager
def open_model(model: settings.Model, store_path: Path, build: str = "") -> Iterator[StoredModel]:
    """The model of a profile, with its store; follows `ports.ChatModel`.

    Nothing is started or imported until a request has to be sent: a run whose answers are all stored needs no model.

    Args:
        model: the profile's model section.
        store_path: SQLite file that keeps the answers.
        build: id of the build that asks. All models opened with the same id share one spending cap, in this process
            and after it; without an id the cap holds for this opening alone.

    Raises:
        ConfigError: a `local/` or `fake/` name that does not exist, or a wrong option.
        StorageError: the store cannot be opened.
    """
    for prefix, known in (("local/", CARRIED), ("fake/", FAKE)):
        if model.name.startswith(prefix) and model.name != known:
            raise ConfigError(f"There is no model {model.name!r}.", f"Valid names with {prefix}: {known}.")
    fake = FakeProvider(model) if model.name == FAKE else None
    workers = server_count() if model.name == CARRIED else model.concurrency
    with ExitStack() as stack:

        def provider() -> Provider:
            if fake is not None:
                return fake
            from itd_pipeline.llm.litellm_provider import LitellmProvider

            if model.name != CARRIED:
                return LitellmProvider(model)
            from itd_pipeline.llm.local_server import serve

            return LitellmProvider(model, served_at=stack.enter_context(serve(model.seed, workers)))

        yield StoredModel(model, stack.enter_context(AnswerStore(store_path)), provider, workers, build=build)
