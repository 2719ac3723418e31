"""What the report is made of.

Belongs here: the shape of the facts that the report is handed. Does not belong here: how they are gathered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from itd_pipeline.settings import Dataset


@dataclass(frozen=True)
class ReportInputs:
    """Run facts and tables. Nothing in it may depend on the clock or on what was cached: the report's bytes follow.

    Args:
        dataset: name, title, description, publisher.
        profile: name of the run profile.
        funnel: one mapping per stage and partition, in the order of the stages: `stage`, `partition` (empty where
            the stage has none), `unit` (what entered, such as `documents`), `units_in`, `rows_out`,
            `rejected` {reason: count}.
        filtered: table `filtered_set`.
        signals: table `candidate_signals`.
        human: facts of `ratings.evaluate_ratings`.
        cost: of the requests behind the candidates: `requests`, `prompt_tokens`, `completion_tokens`, `cost_usd`,
            and `by_model` {name: the same four}, and `by_recipe` {name@version: the same four, `accepted` records and
            `cost_usd_per_accepted`, None where none was}. Empty where no model was asked.
        sources: one mapping per source: `name`, `reader`, `licence`, `patient_data`, `documents`.
        coverage: cells of the grid that the profile asks for: `specialty`, `task_type`, `audience`, `difficulty`
            (None for any) and `wanted`.
        policy_rules: the policy's rules in words, one each.
    """

    dataset: Dataset
    profile: str
    funnel: Sequence[Mapping[str, Any]]
    filtered: pa.Table
    signals: pa.Table
    human: Mapping[str, Any]
    cost: Mapping[str, Any] = field(default_factory=dict)
    sources: Sequence[Mapping[str, Any]] = ()
    policy_rules: Sequence[str] = ()
    coverage: Sequence[Mapping[str, Any]] = ()
