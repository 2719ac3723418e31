"""One asset per stage: refresh it, report what came of it."""

from dataclasses import replace

import dagster as dg

from itd_pipeline.defs.metadata import column_schema, metadata_in, report_link
from itd_pipeline.defs.partitions import SOURCES
from itd_pipeline.defs.progress import Asked
from itd_pipeline.defs.resources import Pipeline
from itd_pipeline.errors import ItdError, TransientError
from itd_pipeline.pipeline.fingerprint import code_version
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.refresh import refresh
from itd_pipeline.pipeline.stage import Stage

OWNERS = {"sources": "team:data-engineering", "records": "team:data-engineering", "quality": "team:data-engineering",
          "people": "team:clinicians", "outcome": "team:data-engineering"}
MODEL_POOL = "model"
_PATIENCE = {"max_retries": 3, "seconds_to_wait": 20}


def asset_for(stage: Stage, report: str) -> dg.AssetsDefinition:
    """The asset of a stage. What costs money has no automation: someone has to ask for it.

    Args:
        report: address of the evaluation report.
    """

    @dg.asset(
        name=stage.name,
        deps=list(stage.upstream),
        partitions_def=SOURCES if stage.partitioned else None,
        group_name=stage.group,
        kinds=set(stage.kinds),
        owners=[OWNERS[stage.group]],
        description=stage.table.description,
        metadata={"dagster/column_schema": column_schema(stage.table), "rooms": ", ".join(stage.rooms),
                  "report": report_link(stage.name, report)},
        code_version=code_version(stage.rooms),
        pool=MODEL_POOL if "litellm" in stage.kinds else None,
    )
    def _asset(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.MaterializeResult[None]:
        partition = context.partition_key if stage.partitioned else ""
        asked = Asked(context.log.info, pipeline.answered, pipeline.estimated)
        scope = pipeline.scope(partition, context.run.root_run_id or context.run.run_id)
        try:
            done = refresh(stage, STAGES, replace(scope, answered=asked.answered, estimated=asked.estimated),
                           pipeline.observe)
        except TransientError as error:
            raise dg.RetryRequested(**_PATIENCE) from error
        except ItdError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={**metadata_in(stage, scope, done.manifest, done.computed, report), **asked.metadata},
            data_version=dg.DataVersion(done.manifest.data_version),
        )

    return _asset
