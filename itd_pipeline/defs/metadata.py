"""From manifests and contracts to what the Dagster UI shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg

from itd_pipeline.pipeline.column_lineage import columns_behind
from itd_pipeline.pipeline.fingerprint import code_version
from itd_pipeline.pipeline.graph import TABLES
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.tables.contract import Table

REPORT_SECTION: Mapping[str, str] = {
    "raw_sources": "sources", "cleaned_text": "funnel", "expert_seeds": "drift", "synthetic_expansions": "cost",
    "candidate_signals": "groundedness", "filtered_set": "coverage", "review_sample": "human",
    "human_evaluation": "human", "evaluation_report": "at_a_glance", "dataset_release": "changes",
    "downstream_probe": "limits",
}
"""Stage -> section of the evaluation report that says more."""
_FIRST = ("dagster/row_count", "units_in", "rows_rejected", "rejected_by_reason", "cost_usd", "report")


def report_link(stage: str, report: str) -> dg.MetadataValue[Any]:
    """Address of the section of the report that belongs to a stage.

    Args:
        report: address of the page; `itd ui` serves it beside the Dagster UI.
    """
    return dg.MetadataValue.url(f"{report}#{REPORT_SECTION[stage]}")


def column_lineage(stage: Stage) -> dg.TableColumnLineage:
    """Where each column comes from, as the UI draws it."""
    tables = {table.name: table for table in TABLES}
    return dg.TableColumnLineage({
        column: [dg.TableColumnDep(asset_key=dg.AssetKey(name), column_name=upstream) for name, upstream in behind]
        for column, behind in columns_behind(stage, tables).items()})


def columns_in_words(stage: Stage) -> dg.MetadataValue[Any]:
    """The same as a table, since the open-source UI reads column lineage and does not draw it."""
    behind = columns_behind(stage, {table.name: table for table in TABLES})
    rows = "\n".join(f"| {column} | {', '.join(f'{name}.{upstream}' for name, upstream in behind.get(column, ()))} |"
                     if column in behind else f"| {column} | made by this stage |" for column in stage.table.names)
    return dg.MetadataValue.md(f"| column | comes from |\n|---|---|\n{rows}")


def metadata_in(stage: Stage, scope: Scope, manifest: Manifest, computed: bool, report: str) -> dict[str, Any]:
    """All that the UI shows of a materialisation: counts and reasons, cost, figures, versions, lineage, the report."""
    shown = {**metadata_of(manifest, computed), "report": report_link(stage.name, report),
             "dagster/column_schema": column_schema(stage.table), "dagster/column_lineage": column_lineage(stage),
             "columns_come_from": columns_in_words(stage),
             "code_version": code_version(stage.rooms), "data_version": manifest.data_version}
    if scope.partition:
        source = scope.source
        shown |= {"source_owner": source.owner or "not named", "source_licence": source.licence,
                  "source_reader": source.reader, "patient_data": dg.MetadataValue.bool(source.patient_data)}
    ordered = {name: shown[name] for name in _FIRST if name in shown}
    return ordered | {name: value for name, value in shown.items() if name not in ordered}


def column_schema(table: Table) -> dg.TableSchema:
    """Columns with type, description, nullability and sensitivity."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=str(column.type),
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=table.key == (column.name,)),
                tags={"sensitivity": column.sensitivity},
            )
            for column in table.columns
        ]
    )


def metadata_of(manifest: Manifest, computed: bool) -> dict[str, Any]:
    """Counts, reasons, seconds and facts of a manifest; never text of a row."""
    shown: dict[str, Any] = {
        "dagster/row_count": manifest.rows_out,
        "units_in": manifest.units_in,
        "rows_rejected": manifest.rows_rejected,
        "recomputed": dg.MetadataValue.bool(computed),
        "seconds": manifest.seconds,
        "cost_usd": float(manifest.facts.get("cost_usd") or 0),
        "files": dg.MetadataValue.json({name: f.file for name, f in manifest.files.items()}),
    }
    if manifest.rejected:
        shown["rejected_by_reason"] = _table("reason", "rows", manifest.rejected)
    for name, value in manifest.facts.items():
        shown[name] = value if isinstance(value, (str, int, float, bool)) else _structured(value)
    return shown


def _structured(value: Any) -> dg.MetadataValue[Any]:
    """A mapping of numbers as a table, anything else as JSON."""
    if isinstance(value, Mapping) and value and all(v is None or isinstance(v, (int, float)) for v in value.values()):
        return _table("figure", "value", value)
    return dg.MetadataValue.json(json.loads(json.dumps(value)))


def _table(left: str, right: str, values: Mapping[str, float | None]) -> dg.MetadataValue[Any]:
    rows = "\n".join(f"| {name} | {'not measured' if value is None else f'{value:,.6g}'} |"
                     for name, value in sorted(values.items()))
    return dg.MetadataValue.md(f"| {left} | {right} |\n|---|---:|\n{rows}")
