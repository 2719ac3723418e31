"""The jobs a person starts: everything, one source, re-filter, evaluate, release."""

import dagster as dg

from itd_pipeline.defs.build import build
from itd_pipeline.defs.resources import Pipeline
from itd_pipeline.pipeline.graph import PARTITIONED

ASKED_FOR = dg.AssetSelection.assets("downstream_probe")
"""Runs only when somebody asks for it by name."""
ONE_SOURCE = dg.define_asset_job(
    "one_source",
    selection=dg.AssetSelection.all() - ASKED_FOR,
    description="One source from its files to the release: its partitions and the assets that all sources share.",
)
REFILTER = dg.define_asset_job(
    "refilter",
    selection=dg.AssetSelection.assets("filtered_set").downstream() - ASKED_FOR,
    description="Apply the policy again, and what follows from it. Nothing is measured or paid anew.",
)
EVALUATE = dg.define_asset_job(
    "evaluate",
    selection=["review_sample", "human_evaluation", "evaluation_report"],
    description="Draw the review sample, read what reviewers returned, write the report.",
)
RELEASE = dg.define_asset_job(
    "release", selection=["evaluation_report", "dataset_release"], description="Write the report and the release.")
PROBE = dg.define_asset_job(
    "probe", selection=ASKED_FOR, description="Train a small model on the release and say what it learned.")

PARTITIONED_ASSETS = [dg.AssetKey(name) for name in PARTITIONED]


@dg.op(description="Build every source, one run each, then what they share.")
def build_everything(context: dg.OpExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
    """Starts the same runs as `itd build`; each shows in Dagster with its own lineage.

    It takes no slot of the pool `model` itself: the runs that it starts do.
    """
    from itd_pipeline.defs.graph import build_definitions

    settings = pipeline.reload()
    definitions = build_definitions(settings, pipeline.reload)
    for outcome in build(definitions, settings, context.instance):
        context.log.info(f"{outcome.name}: {'done' if outcome.succeeded else outcome.problem}")
        if not outcome.succeeded:
            raise dg.Failure(description=f"{outcome.name}: {outcome.problem}", allow_retries=False)


@dg.job(description="Every source, then what they share: the same runs as `itd build`.",
        executor_def=dg.in_process_executor)
def everything() -> None:
    build_everything()


JOBS = (everything, ONE_SOURCE, REFILTER, EVALUATE, RELEASE, PROBE)
