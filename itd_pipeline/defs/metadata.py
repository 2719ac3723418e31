"""From manifests and contracts to what the Dagster UI shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg

from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.tables.contract import Table


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
