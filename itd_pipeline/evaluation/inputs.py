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
        sources: one mapping per source: `name`, `owner`, `reader`, `licence`, `patient_data`, `documents`.
        coverage: cells of the grid that the profile asks for: `specialty`, `task_type`, `audience`, `difficulty`
            (None for any) and `wanted`.
        policy_rules: the policy's rules in words, one each.
        examples: rejected rows to show, never from patient data: `stage`, `reason`, `row_id`, `source`, `detail`,
            `text` (its beginning; empty where it may not be shown) and `withheld` (why not).
        rules: (stage, reason) -> what the rule says and where it comes from.
        seeds: table `expert_seeds`.
        ratings: table `human_evaluation`.
        third_opinions: record id -> verdict of a third reviewer.
        last: the last release: `version`, `records` (table), `metrics` {section|metric|group: value}; None where the
            profile names none.
        hpo_branches: code of the Human Phenotype Ontology -> names of its branches; empty where no record has one.
        map_texts, map_specialties, map_vectors: a sample of kept instructions, their specialties and their embeddings
            (rows of length 1 in double precision); None where no map is asked for.
        map_clusters: clusters on the map.
        reference: shares of the population by `sex`, `age` and `ancestry`.
        benchmark_items: items in each benchmark that was compared.
        data_version: of the filtered set: a hash of its content.
        code_version: of the software.
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
    examples: Sequence[Mapping[str, Any]] = ()
    rules: Mapping[tuple[str, str], str] = field(default_factory=dict)
    seeds: pa.Table | None = None
    ratings: pa.Table | None = None
    third_opinions: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, Any] | None = None
    hpo_branches: Mapping[str, Sequence[str]] = field(default_factory=dict)
    map_texts: Sequence[str] = ()
    map_specialties: Sequence[str] = ()
    map_vectors: Any = None
    map_clusters: int = 8
    reference: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    benchmark_items: Mapping[str, int] = field(default_factory=dict)
    data_version: str = ""
    code_version: str = ""
