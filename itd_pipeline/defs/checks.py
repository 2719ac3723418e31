"""One multi-asset check per asset: row accounting, the contract by Great Expectations, and rules in SQL."""

import warnings
from collections.abc import Iterable, Iterator

import dagster as dg

from itd_pipeline.defs.partitions import SOURCES
from itd_pipeline.defs.resources import Pipeline
from itd_pipeline.pipeline import judge_verdict, release_gate, seed_balance
from itd_pipeline.pipeline.canary_search import DESCRIPTION, NO_CANARIES, searched
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.inspect import Outcome, blocks, verify
from itd_pipeline.pipeline.stage import Stage
from itd_pipeline.quality.expectations import CHECKS, checks_for
from itd_pipeline.quality.rules import RULES
from itd_pipeline.quality.watch import WATCHED
from itd_pipeline.settings import Settings

ROWS_ACCOUNTED = "rows_accounted"


def specs_for(stage: Stage, settings: Settings) -> list[dg.AssetCheckSpec]:
    """One spec per check of a stage. Which of them block is the profile's word for one of them, see `release_gate`."""
    described = {ROWS_ACCOUNTED: ("Rows in = rows out + rejected, by reason; every upstream row is accounted for.",
                                  True)}
    described |= {name: (CHECKS[name], True) for name in checks_for(stage.table, stage.may_be_empty)}
    if searched(stage):
        described[NO_CANARIES] = (DESCRIPTION, True)
    described |= {name: (description, False) for name, description in WATCHED.get(stage.name, ())}
    if stage.name == seed_balance.STAGE:
        described |= {name: (says, False) for name, says in seed_balance.DESCRIPTIONS.items()}
    if stage.name == judge_verdict.STAGE:
        described |= {name: (says, False) for name, says in judge_verdict.DESCRIPTIONS.items()}
    if stage.name == release_gate.STAGE:
        described[release_gate.CHECK] = (release_gate.DESCRIPTION, release_gate.stops(settings))
    described |= {rule.check: (rule.description, rule.blocking) for rule in RULES.get(stage.name, ())}
    with warnings.catch_warnings():
        # Partitioned checks are a preview feature of Dagster; its version is pinned for that.
        warnings.simplefilter("ignore", category=dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name=name, asset=stage.name, description=description, blocking=blocking,
                partitions_def=SOURCES if stage.partitioned else None,
            )
            for name, (description, blocking) in described.items()
        ]


def check_for(stage: Stage, settings: Settings) -> dg.AssetChecksDefinition:
    """The check of a stage. It yields a result for every spec, whatever happens: one that is missing blocks nothing."""
    specs = specs_for(stage, settings)

    @dg.multi_asset_check(name=f"{stage.name}_checks", specs=specs)
    def _check(
        context: dg.AssetCheckExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterable[dg.AssetCheckResult]:
        partition = context.partition_key if stage.partitioned else ""
        scope = pipeline.scope(partition)
        outcomes = {outcome.check: outcome for outcome in verify(stage, STAGES, scope)}
        # The profile may have been edited since these definitions were loaded: it decides anew.
        yield from _results(stage, {spec.name: blocks(stage, spec.name, scope.settings) for spec in specs}, outcomes)

    return _check


def _results(stage: Stage, blocking: dict[str, bool], outcomes: dict[str, Outcome]) -> Iterator[dg.AssetCheckResult]:
    for name, stops in blocking.items():
        outcome = outcomes.get(name, Outcome(name, False, "The check did not run."))
        yield dg.AssetCheckResult(
            asset_key=stage.name,
            check_name=name,
            passed=outcome.held,
            severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
            description=outcome.sentence,
            metadata=dict(outcome.numbers),
        )
