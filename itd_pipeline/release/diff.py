"""What one release has that another has not, read from their files alone.

Belongs here: the comparison, and the semantic version that it asks for. Does not belong here: whether either release is
sound (`verify.py`), or how the difference is shown.

A record's id is the hash of its content, so a record that is in both says the same; what may differ is what is known
about it (review, licence, split). A record that went and one that came with the same question are one, *rewritten*.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq
import yaml

from itd_pipeline.errors import NotBuiltError
from itd_pipeline.release.content import SPLITS
from itd_pipeline.release.numbers import leaves

Bump = Literal["major", "minor", "patch", "none"]
_QUESTION = ("instruction", "input")
_HEADLINES = ("rows", "rows_per_split", "strong", "groups", "leaks", "seed_crossings", "lineage", "patient_data_rows",
              "illustrative_rows", "corrections", "rejected_rows")
"""Facts of a release whose numbers are compared, with those inside them; and of its report: `at_a_glance`."""


@dataclass(frozen=True)
class ReleaseDiff:
    """Everything that differs between an older and a newer release.

    Args:
        older, newer: their versions.
        added: why -> ids of records that came.
        removed: why -> ids of records that went.
        rewritten: (old id, new id) of records with the same question and another answer.
        corrected: of these, those whose answer experts corrected.
        changed: column -> how many records in both have another value there.
        columns: columns that came (`+name`) or went (`-name`).
        policy, prompts, sources, models, libraries: sentences on each.
        headlines: number -> (older, newer), where they differ; 0 where one of them does not tell it.
        bump: what a semantic version of the newer one must raise.
        because: why, in words.
    """

    older: str
    newer: str
    added: Mapping[str, list[str]]
    removed: Mapping[str, list[str]]
    rewritten: list[tuple[str, str]]
    changed: Mapping[str, int]
    columns: list[str]
    policy: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    headlines: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    bump: Bump = "none"
    because: list[str] = field(default_factory=list)
    corrected: list[tuple[str, str]] = field(default_factory=list)


def diff_releases(older: Path, newer: Path) -> ReleaseDiff:
    """Compare two release folders.

    Raises:
        NotBuiltError: one of them is no folder of a release.
    """
    before, after = _Folder.read(older), _Folder.read(newer)
    gone = sorted(before.records.keys() - after.records.keys())
    came = sorted(after.records.keys() - before.records.keys())
    # What experts corrected names its original; the rest is told by its question.
    corrected = [(after.corrects[r], r) for r in came if after.corrects.get(r) in before.records]
    known = {record_id for pair in corrected for record_id in pair}
    asked = {before.question(r): r for r in reversed(gone) if r not in known}
    rewritten = sorted([*corrected, *((asked.pop(after.question(r)), r) for r in came
                                      if r not in known and after.question(r) in asked)], key=lambda pair: pair[1])
    pairs_old, pairs_new = {old for old, _ in rewritten}, {new for _, new in rewritten}
    both = sorted(before.records.keys() & after.records.keys())
    shared = [c for c in before.columns if c in after.columns]
    changed = Counter(column for r in both for column in [*shared, "split"]
                      if before.records[r][column] != after.records[r][column])
    removed = _grouped((r, _why_gone(before.records[r], after)) for r in gone if r not in pairs_old)
    added = _grouped((r, _why_came(after.records[r], before)) for r in came if r not in pairs_new)
    columns = [f"+{c}" for c in after.columns if c not in before.columns]
    columns += [f"-{c}" for c in before.columns if c not in after.columns]
    facts = before.facts, after.facts
    bump, because = _version(before, after, added, removed, rewritten, changed)
    return ReleaseDiff(
        older=str(facts[0].get("version", older.name)), newer=str(facts[1].get("version", newer.name)),
        added=added, removed=removed, rewritten=rewritten, changed=dict(sorted(changed.items())), columns=columns,
        policy=_policy(before.policy, after.policy),
        prompts=_named("prompt", facts[0].get("prompts", {}), facts[1].get("prompts", {})),
        sources=_sources(*facts), models=_models(*facts),
        libraries=_named("library", before.versions, after.versions, show=True),
        headlines=_headlines(before, after), bump=bump, because=because, corrected=corrected,
    )


@dataclass(frozen=True)
class _Folder:
    facts: Mapping[str, Any]
    records: Mapping[str, Mapping[str, Any]]
    columns: list[str]
    policy: Mapping[str, Any]
    versions: Mapping[str, str]
    metrics: Mapping[str, float]
    rejected: Mapping[str, str]
    corrects: Mapping[str, str]

    @staticmethod
    def read(folder: Path) -> _Folder:
        if not (folder / "RELEASE.json").is_file():
            raise NotBuiltError(f"{folder.name} is no folder of a release: it holds no RELEASE.json.",
                                "Name two folders below data/lake/releases.")
        tables = [(split, pq.ParquetFile(folder / "data" / f"{split}-00000-of-00001.parquet").read())
                  for split in SPLITS if (folder / "data" / f"{split}-00000-of-00001.parquet").is_file()]
        rows = {row["record_id"]: {**row, "split": split} for split, table in tables for row in table.to_pylist()}
        columns = tables[0][1].column_names if tables else []
        return _Folder(
            facts=json.loads((folder / "RELEASE.json").read_bytes()), records=rows, columns=columns,
            policy=yaml.safe_load((folder / "policy.yaml").read_bytes()) or {},
            versions=json.loads((folder / "versions.json").read_bytes()), metrics=_metrics(folder / "report.json"),
            rejected=_rejected(folder / "rejected.parquet"), corrects=_corrects(folder / "corrections.parquet"),
        )

    def question(self, record_id: str) -> tuple[Any, ...]:
        return tuple(self.records[record_id].get(column) for column in _QUESTION)

    @property
    def documents(self) -> set[str]:
        return {d for row in self.records.values() for d in row.get("document_ids") or ()}


def _rejected(path: Path) -> dict[str, str]:
    """Id of a record that was turned away -> stage and reason. Rows of other kinds bear ids that no record has."""
    if not path.is_file():
        return {}
    table = pq.ParquetFile(path).read()
    if "row_id" not in table.column_names:
        return {}
    return {row["row_id"]: f"{row['stage']}, {row['reason']}"
            for row in table.select(["stage", "row_id", "reason"]).to_pylist()}


def _corrects(path: Path) -> dict[str, str]:
    """Id of a corrected record -> id of its original; empty for a release that tells of none."""
    rows = pq.ParquetFile(path).read(["record_id", "corrects"]).to_pylist() if path.is_file() else []
    return {row["record_id"]: row["corrects"] for row in rows if row["corrects"]}


def _metrics(path: Path) -> dict[str, float]:
    """Numbers of the report, by `section.metric` and group."""
    content = json.loads(path.read_bytes()) if path.is_file() else {}
    return {".".join(filter(None, (m["section"], m["metric"], m["group"]))): m["value"]
            for m in content.get("metrics", ()) if isinstance(m.get("value"), (int, float))}


def _why_gone(row: Mapping[str, Any], after: _Folder) -> str:
    if row["record_id"] in after.rejected:
        return f"turned away at {after.rejected[row['record_id']]}"
    if row["source"] not in {source["source"] for source in after.facts.get("sources", ())}:
        return "its source is no longer there"
    documents = set(row.get("document_ids") or ())
    if documents and not documents & after.documents:
        return "no record rests on its document any more: removed, changed, or all turned away"
    return "turned away, or made anew, while its document stayed"


def _why_came(row: Mapping[str, Any], before: _Folder) -> str:
    if row["source"] not in {s["source"] for s in before.facts.get("sources", ())}:
        return "from a new source"
    if row["record_id"] in before.rejected:
        return f"no longer turned away at {before.rejected[row['record_id']]}"
    documents = set(row.get("document_ids") or ())
    return "from a document that is new or changed" if documents and not documents & before.documents \
        else "from a document that was there already, or an expert"


def _grouped(pairs: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record_id, why in pairs:
        found.setdefault(why, []).append(record_id)
    return dict(sorted(found.items()))


def _policy(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = ({rule["name"]: rule for rule in policy.get("rules", ())} for policy in (before, after))
    said = [f"rule {name} is new" for name in new if name not in old]
    said += [f"rule {name} is gone" for name in old if name not in new]
    for name in new:
        if name in old and old[name] != new[name]:
            parts = [part for part in sorted({*old[name], *new[name]}) if old[name].get(part) != new[name].get(part)]
            said += [f"rule {name}: {part} was {_short(old[name].get(part))}, is {_short(new[name].get(part))}"
                     for part in parts if part != "note"] or [f"rule {name}: its note"]
    return said


def _named(kind: str, before: Mapping[str, str], after: Mapping[str, str], show: bool = False) -> list[str]:
    said = [f"{kind} {name} is new" for name in sorted(after.keys() - before.keys())]
    said += [f"{kind} {name} is gone" for name in sorted(before.keys() - after.keys())]
    return said + [f"{kind} {name} has changed" + (f": {before[name]} to {after[name]}" if show else "")
                   for name in sorted(before.keys() & after.keys()) if before[name] != after[name]]


def _sources(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = ({s["source"]: s for s in facts.get("sources", ())} for facts in (before, after))
    said = _named("source", dict.fromkeys(old, ""), dict.fromkeys(new, ""))
    for name in sorted(old.keys() & new.keys()):
        said += [f"source {name}: {part} was {_short(old[name].get(part))}, is {_short(new[name].get(part))}"
                 for part in ("documents", "records", "licences", "retrieved_on", "attribution", "patient_data")
                 if old[name].get(part) != new[name].get(part)]
    return said


def _models(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = ({row["model"] for row in facts.get("making", ()) if row["model"]} for facts in (before, after))
    return [f"model {m} is new" for m in sorted(new - old)] + [f"model {m} is gone" for m in sorted(old - new)]


def _headlines(before: _Folder, after: _Folder) -> dict[str, tuple[float, float]]:
    def numbers(folder: _Folder) -> dict[str, float]:
        told = {name: folder.facts[name] for name in _HEADLINES if name in folder.facts}
        found = {".".join(path): value for path, value in leaves(told)}
        return found | {name: value for name, value in folder.metrics.items() if name.startswith("at_a_glance.")}

    old, new = numbers(before), numbers(after)
    return {name: (old.get(name, 0), new.get(name, 0)) for name in sorted(old.keys() | new.keys())
            if old.get(name, 0) != new.get(name, 0)}


def _version(
    before: _Folder, after: _Folder, added: Mapping[str, list[str]], removed: Mapping[str, list[str]],
    rewritten: list[tuple[str, str]], changed: Mapping[str, int],
) -> tuple[Bump, list[str]]:
    """Major: who trained on the older one must look; minor: more or better of the same; patch: facts about it."""
    major = [f"column {c} is gone" for c in before.columns if c not in after.columns]
    if before.facts.get("schema_version") != after.facts.get("schema_version"):
        major.append("the schema has another version")
    if changed.get("split"):
        major.append(f"{changed['split']} records have changed their split")
    licences = sorted(set(after.facts.get("licences", {})) - set(before.facts.get("licences", {})))
    major += [f"licence {licence} is new" for licence in licences]
    if before.records and len(_all(removed)) > len(before.records) / 2:
        major.append(f"{len(_all(removed))} of {len(before.records)} records are gone")
    if major:
        return "major", major
    minor = [f"{count} records {what}" for what, count in (
        ("came", len(_all(added))), ("went", len(_all(removed))), ("were rewritten", len(rewritten))) if count]
    minor += [f"column {c} is new" for c in after.columns if c not in before.columns]
    if minor:
        return "minor", minor
    if before.facts.get("version") != after.facts.get("version"):
        return "patch", ["the records are the same; what is said about them is not"]
    return "none", ["the two are the same"]


def _all(grouped: Mapping[str, list[str]]) -> list[str]:
    return [record_id for ids in grouped.values() for record_id in ids]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
