"""Policies and signals for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from itd_pipeline.policy import Policy, apply_policy, load_policy
from itd_pipeline.ports import Batch
from itd_pipeline.tables.contract import Column
from itd_pipeline.tables.records import CANDIDATES, DEFAULTS
from itd_pipeline.tables.signals import SIGNALS

GOOD: dict[str, Any] = {
    "source": "s", "route": "synthetic", "task_type": "question_answering", "patient_data": False, "quality_rank": 1,
    "instruction_words": 7, "output_words": 40, "output_truncated": False, "refusal": False, "template_remains": False,
    "repetition_share": 0.0, "output_language": "en", "exact_duplicate_of": None, "near_duplicate_cluster": None,
    "released_jaccard": None, "released_near_duplicate_of": None, "released_in": None,
    "near_duplicate_of": None, "near_duplicate_jaccard": None, "novelty_rouge_l": 0.2, "novelty_nearest": None,
    "contamination_share": 0.0, "contamination_item": None, "citations_verbatim": True, "unsupported_number_count": 0,
    "evidence_coverage": 0.9, "identifier_classes": [], "identifier_count": 0,
    "complexity_score": 0.5, "quality_score": 0.9,
}


def _neutral(column: Column) -> Any:
    """What a column holds where nothing is wrong: nothing, none or zero."""
    if column.nullable:
        return None
    if column.vocabulary:
        return column.vocabulary[0]
    return [] if pa.types.is_list(column.type) else False if pa.types.is_boolean(column.type) else (
        "" if pa.types.is_string(column.type) else 0)


GOOD = {**{column.name: _neutral(column) for column in SIGNALS.columns if column.name != "record_id"}, **GOOD}


def decide_on(policy: Policy, rows: list[dict[str, Any]]) -> Batch:
    """`rows` are departures from a record that passes everything; ids and ranks follow the order unless given."""
    full = [{**GOOD, "record_id": f"r{i}", "quality_rank": i + 1, **row} for i, row in enumerate(rows)]
    records = [
        {**DEFAULTS, "record_id": row["record_id"], "route": row["route"], "task_type": row["task_type"],
         "source": row["source"], "instruction": "secret question", "output": "secret answer", "author": "expert_7",
         "author_role": "clinician", "group_id": "g", "licence": "CC0-1.0"}
        for row in full
    ]
    batch = apply_policy(CANDIDATES.from_rows(records[::-1]), SIGNALS.from_rows(full), policy)
    assert batch.units_in == batch.rows.num_rows + batch.rejects.num_rows == len(rows)
    assert batch.rows.column("record_id").to_pylist() == sorted(batch.rows.column("record_id").to_pylist())
    return batch


@pytest.fixture
def decide() -> Callable[..., Batch]:
    return decide_on


@pytest.fixture
def policy_of(tmp_path: Path) -> Callable[..., Policy]:
    """Rules as dicts -> a policy, through a file."""

    def write(*rules: dict[str, Any]) -> Policy:
        path = tmp_path / "policy.yaml"
        path.write_text(yaml.safe_dump({"version": "t", "rules": list(rules)}), encoding="utf-8")
        return load_policy(path)

    return write


@pytest.fixture
def good_signals() -> dict[str, Any]:
    return dict(GOOD)


@pytest.fixture(scope="session")
def shipped() -> Policy:
    return load_policy(Path(__file__).resolve().parents[3] / "conf" / "policy.yaml")
