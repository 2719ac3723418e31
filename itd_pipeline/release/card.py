"""`README.md`: the dataset card, in the shape of the Hugging Face Hub's template, from facts alone.

The words stand in `card.md.j2`; here is the front matter, and how numbers and tables are put. The front matter names
the data files, so that `datasets.load_dataset` reads these splits and no other file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.ports import canonical_json
from itd_pipeline.release.licences import for_hub
from itd_pipeline.release.printing import environment, measured, number
from itd_pipeline.release.training import configs, front_matter_configs
from itd_pipeline.settings import Dataset
from itd_pipeline.tables.records import RECORD_COLUMNS

TEMPLATE = Path(__file__).with_name("card.md.j2")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"))
_LONGEST_TABLE = 40
_LONGEST_REVIEW = 15
_FIRST = (
    "status", "records_sampled", "assignments", "assignments_answered", "reviewers", "records_rated",
    "records_rated_twice", "records_in_dispute", "defect.defective", "defect.estimate", "defect.upper_bound",
    "defect.confidence", "defect.low", "defect.high", "agreement.raw.value",
    "agreement.gwet_ac1.value", "agreement.gwet_ac1.low", "agreement.gwet_ac1.high", "records_needed_for_5_percent",
)
"""Facts of a review that come before all others, in this order."""
_COLUMNS = tuple(column for column in RECORD_COLUMNS if column.sensitivity != "identifying")


def card(
    dataset: Dataset, facts: Mapping[str, Any], policy: str, metrics: pa.Table, records: pa.Table | None = None,
) -> str:
    """The card as Markdown with YAML front matter.

    Args:
        facts: content of `RELEASE.json`.
        policy: the policy as YAML text.
        metrics: table in the schema METRICS; rows for the whole (empty group) are printed.
        records: records of the release, for an example; without them, or without a template record that rests on no
            patient data, none is printed.
    """
    composition = {**facts["composition"], "model": facts["models"]}
    whole = [row for row in metrics.to_pylist() if not row["group"]]
    body = environment().from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=dataset.title,
        description=dataset.description.strip() or "Not recorded.",
        facts=facts,
        composition=[(name, *_shortened(counts)) for name, counts in composition.items() if len(counts) > 1],
        uniform=[(name, next(iter(counts))) for name, counts in composition.items() if len(counts) == 1],
        columns=_COLUMNS,
        example=_example(records),
        has=facts["documents"],
        prompts={f"prompts/{name}": digest for name, digest in facts["prompts"].items()},
        funnel=facts["stages"],
        rules=list(_rules(policy, facts["rejected"])),
        metrics=[row for row in whole if row["section"] != "limits"],
        limits=[row["note"].removeprefix("count; ") for row in whole if row["section"] == "limits" and row["note"]],
        review=_review(facts["review"]),
        further=len(list(_flat(facts["review"]))) > _LONGEST_REVIEW,
    )
    front = yaml.safe_dump(_front_matter(dataset, facts), sort_keys=False, allow_unicode=True, width=120)
    return f"---\n{front}---\n\n{body}"


def _front_matter(dataset: Dataset, facts: Mapping[str, Any]) -> dict[str, Any]:
    routes = facts["composition"]["route"]
    tags = ["medical", "instruction-tuning", facts["status"]]
    if {"synthetic", "hybrid"} & set(routes):
        tags.append("synthetic")
    front: dict[str, Any] = {
        "pretty_name": dataset.title,
        **for_hub(facts["licences"]),
        "language": sorted(set(facts["composition"]["language"]) - {"und"}),
        "task_categories": ["question-answering", "text-generation"],
        "tags": tags,
        "size_categories": [next((word for limit, word in _SIZES if facts["rows"] < limit), "n>10M")],
    }
    if facts["rows"]:
        found = configs(list(facts["rows_per_split"]), list(facts["strong"]["rows_per_split"]))
        front["configs"] = front_matter_configs(found)
    return front


def _example(records: pa.Table | None) -> str:
    """One record of the route `template` as JSON, without fields that say nothing; never patient data."""
    rows = [] if records is None else records.select([column.name for column in _COLUMNS]).to_pylist()
    for row in rows:
        if row["route"] == "template" and not row["patient_data"]:
            said = {name: value for name, value in row.items() if value not in (None, "", [], "unspecified")}
            return json.dumps(said, ensure_ascii=False, indent=2)
    return ""


def _review(review: Mapping[str, Any]) -> list[tuple[str, str]]:
    """At most a short table of facts, those first that decide whether the data can be relied on."""
    flat = dict(_flat(review))
    ordered = [*(name for name in _FIRST if name in flat), *(name for name in flat if name not in _FIRST)]
    return [(name, flat[name]) for name in ordered[:_LONGEST_REVIEW]]


def _shortened(counts: Mapping[str, int]) -> tuple[dict[str, int], bool]:
    """The most frequent values, and whether there are others."""
    return dict(list(counts.items())[:_LONGEST_TABLE]), len(counts) > _LONGEST_TABLE


def _rules(policy: str, rejected: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rules of a policy that has a list or mapping `rules`; each that rejects with the count of its reason at
    `filtered_set`."""
    try:
        content = yaml.safe_load(policy)
    except yaml.YAMLError as error:
        raise ConfigError("The policy to be released is not readable as YAML.", "Mend its syntax.") from error
    rules = content.get("rules") if isinstance(content, dict) else None
    if isinstance(rules, dict):
        rules = [{"name": name, **(rule if isinstance(rule, dict) else {"is": rule})} for name, rule in rules.items()]
    counts = {row["reason"]: row["rejected_count"] for row in rejected if row["stage"] == "filtered_set"}
    for rule in rules or []:
        if not isinstance(rule, dict):
            rule = {"name": str(rule)}
        name = str(rule.get("name", rule.get("rule", "")))
        reason = str(rule.get("reason", name))
        rest = {key: value for key, value in rule.items() if key not in ("name", "rule", "reason")}
        says = ", ".join(f"{key} {value if isinstance(value, str) else canonical_json(value)}"
                         for key, value in rest.items())
        rejects = rule.get("action", "reject") == "reject"
        yield {"name": name, "says": says, "reason": reason,
               "rejected": number(counts.get(reason, 0)) if rejects else "warns only"}


def _flat(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested facts as (dotted key, value)."""
    for key, part in sorted(value.items()):
        if isinstance(part, Mapping):
            yield from _flat(part, f"{above}{key}.")
        elif part is None or (isinstance(part, (int, float)) and not isinstance(part, bool)):
            yield f"{above}{key}", measured(part)
        else:
            yield f"{above}{key}", part if isinstance(part, str) else canonical_json(part)
