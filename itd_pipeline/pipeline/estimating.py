"""What a build would ask models, and what that comes to. Belongs here: planning as the stage does, with a model that
counts. Not here: the arithmetic (`llm/money/estimating.py`)."""

from __future__ import annotations

from dataclasses import replace

from itd_pipeline import expand
from itd_pipeline.errors import NotBuiltError
from itd_pipeline.llm import open_model, price_of
from itd_pipeline.llm.money.estimating import CountingModel, Estimate, estimate
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.pipeline.records import model_store, writers_of
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.pipeline.tripwire import Tripwire, canary_patterns

BY_MODEL = frozenset({"synthetic", "hybrid"})


def estimate_source(scope: Scope, sample: int = 0) -> Estimate:
    """What the requests of one source come to. Nothing is sent but the sample, whose answers are stored.

    Args:
        sample: how many requests of each route are really sent.

    Raises:
        NotBuiltError: the source's passages, or the experts' seeds, have not been built.
        PermanentError: nobody knows the price.
    """
    settings, path = scope.settings, model_store(scope.settings, scope.lake)
    if not BY_MODEL & set(scope.source.routes):
        return Estimate()
    for stage, partition in (("cleaned_text", scope.partition), ("expert_seeds", "")):
        if scope.lake.manifest(stage, partition) is None:
            raise NotBuiltError(f"{stage} of {scope.partition} has not been built.",
                                "`itd build --select cleaned_text --select expert_seeds` builds it and asks no model.")
    refused = 0
    with AnswerStore(path, settings.model.store_journal) as store, \
            open_model(settings.model, path, scope.build, "synthetic_expansions") as chat:
        guarded = chat if chat.local else Tripwire(chat, canary_patterns(scope))
        counted = CountingModel(guarded, store, settings.model, sample)
        for batch in expand.expand(
            scope.lake.batches("cleaned_text", scope.partition), scope.lake.read("expert_seeds"), scope.partition,
            scope.source, settings.expansion, writers_of(scope, lambda role: counted),
        ):
            refused += batch.rejects.column("reason").to_pylist().count("egress_refused")
        return replace(estimate(counted, lambda: price_of(settings.model)), refused=refused)
