"""What a build would ask models, and what that comes to, for `itd estimate`. Belongs here: one source, apart from any
build. Not here: the plan and the models (`estimate_first.py`), the arithmetic (`llm/money/estimating.py`)."""

from __future__ import annotations

from contextlib import ExitStack

from itd_pipeline.errors import NotBuiltError
from itd_pipeline.pipeline.estimate_first import LookAhead
from itd_pipeline.pipeline.records import model_store, models_of, writers_of
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import Estimate

BY_MODEL = frozenset({"synthetic", "hybrid"})


def estimate_source(scope: Scope, sample: int = 0) -> Estimate:
    """What the requests of one source come to, over all models. Nothing is sent but the sample, whose answers are
    stored.

    Args:
        sample: how many requests of each route are really sent.

    Raises:
        NotBuiltError: the source's passages, or the experts' seeds, have not been built.
        PermanentError: nobody knows the price.
    """
    if not BY_MODEL & set(scope.source.routes):
        return Estimate()
    for stage, partition in (("cleaned_text", scope.partition), ("expert_seeds", "")):
        if scope.lake.manifest(stage, partition) is None:
            raise NotBuiltError(f"{stage} of {scope.partition} has not been built.",
                                "`itd build --select cleaned_text --select expert_seeds` builds it and asks no model.")
    with ExitStack() as stack:
        ahead = LookAhead(scope, models_of(scope, stack), lambda models: writers_of(scope, models),
                          model_store(scope.settings, scope.lake), sample)
        return sum(ahead.estimate().values(), Estimate())
