"""From manifests and contracts to what the Dagster UI shows."""

from __future__ import annotations

import json
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
        rows = "\n".join(f"| {reason} | {count:,} |" for reason, count in sorted(manifest.rejected.items()))
        shown["rejected_by_reason"] = dg.MetadataValue.md(f"| reason | rows |\n|---|---:|\n{rows}")
    for name, value in manifest.facts.items():
        simple = isinstance(value, (str, int, float, bool))
        shown[name] = value if simple else dg.MetadataValue.json(json.loads(json.dumps(value)))
    return shown
