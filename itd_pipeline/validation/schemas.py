"""JSON Schemas of an instruction record, a rubric and a report: the profile as other programs read it.

Written from the same definitions as the tables, so that they cannot drift apart (`itd docs` writes them to
`docs/schemas/`). Dialect: JSON Schema 2020-12. The version in a name rises with any change that makes valid data
invalid.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from itd_pipeline.tables.contract import Column
from itd_pipeline.tables.records import DEFAULTS, RECORD_COLUMNS, SCHEMA_VERSION
from itd_pipeline.tables.review import METRICS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """File name -> schema."""
    return {
        f"itd-record-{SCHEMA_VERSION}.schema.json": record_schema(),
        "itd-rubric-1.schema.json": rubric_schema(),
        "itd-report-1.schema.json": report_schema(),
    }


def record_schema() -> dict[str, Any]:
    """One instruction record. Columns that may point at a person are no part of a released record."""
    columns = [column for column in RECORD_COLUMNS if column.sensitivity != "identifying"]
    return {
        "$schema": _DIALECT,
        "title": "Instruction record",
        "description": "A row that a language model is fine-tuned on, with everything known about it.",
        "type": "object",
        "properties": {column.name: _property(column) for column in columns},
        "required": [column.name for column in columns if not column.nullable and column.name not in DEFAULTS],
        "additionalProperties": False,
    }


def rubric_schema() -> dict[str, Any]:
    """What experts are asked about a record."""
    words = {"type": "string", "minLength": 1}

    def listed(**properties: Any) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": list(properties), "properties": properties}}

    anchors = {"type": "array", "minItems": 2, "items": words}
    return {
        "$schema": _DIALECT, "title": "Review rubric", "type": "object",
        "required": ["version", "gates", "axes", "decisions"],
        "properties": {
            "version": words, "gates": listed(id=words, question=words),
            "axes": listed(id=words, question=words, anchors=anchors),
            "decisions": listed(id=words, meaning=words), "error_tags": listed(id=words, meaning=words)},
    }


def report_schema() -> dict[str, Any]:
    """Every number of an evaluation report, one item each."""
    return {
        "$schema": _DIALECT, "title": "Evaluation report", "type": "object", "required": ["status", "metrics"],
        "properties": {
            "status": {"type": "string"},
            "metrics": {"type": "array", "items": {
                "type": "object", "required": [c.name for c in METRICS.columns if not c.nullable],
                "properties": {c.name: _property(c) for c in METRICS.columns}}},
        },
    }


def _property(column: Column) -> dict[str, Any]:
    found = _typed(column.type)
    if column.vocabulary:
        found["enum"] = [*column.vocabulary, *([None] if column.nullable else [])]
    if column.minimum is not None:
        found["minLength" if pa.types.is_string(column.type) else "minimum"] = int(column.minimum)
    if column.maximum is not None:
        found["maxLength" if pa.types.is_string(column.type) else "maximum"] = int(column.maximum)
    if column.nullable:
        found["type"] = [found["type"], "null"]
    return {**found, "description": column.description}


def _typed(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"type": "array", "items": _typed(kind.value_type)}
    if pa.types.is_struct(kind):
        return {"type": "object", "properties": {field.name: _nullable(field.type) for field in kind}}
    if pa.types.is_boolean(kind):
        return {"type": "boolean"}
    if pa.types.is_integer(kind):
        return {"type": "integer"}
    return {"type": "number"} if pa.types.is_floating(kind) else {"type": "string"}


def _nullable(kind: pa.DataType) -> dict[str, Any]:
    found = _typed(kind)
    return {**found, "type": [found["type"], "null"]}
