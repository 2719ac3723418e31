"""`croissant.json`: the release described for machines, in Croissant 1.1 (MLCommons) with its RAI terms.

`datePublished` is demanded by the format, but a release holds no clock: it is the newest date that is a fact of the
content (`facts.newest_date`), is said to be that in the description, and is left out where there is none.
The version must be semantic there: `<schema version>.0.0+<version of the release>`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from itd_pipeline.release.licences import for_croissant, parts
from itd_pipeline.settings import Dataset
from itd_pipeline.tables.contract import Column

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

RecordSets = Mapping[str, tuple[str, str, tuple[Column, ...]]]
"""Name of the record set -> its Parquet file, its description, its columns."""


def croissant(
    dataset: Dataset, facts: Mapping[str, Any], files: Mapping[str, bytes], record_sets: RecordSets
) -> dict[str, Any]:
    """The JSON-LD as plain data.

    Args:
        facts: content of `RELEASE.json`.
        files: the files of the release; must hold every file that `record_sets` names.
    """
    draft = facts["status"] == "draft"
    described = dataset.description.strip()
    if draft:
        described = "DRAFT, not reviewed by experts. " + described
    if facts["newest_date"]:
        described += " datePublished is the newest retrieval or evidence date behind the records."
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": dataset.name,
        "alternateName": dataset.title,
        "description": described,
        "version": f"{facts['schema_version']}.0.0+{facts['version']}",
        "identifier": facts["version"],
        "creativeWorkStatus": "Draft" if draft else "Published",
        "citeAs": _cite_as(dataset, facts),
        "license": sorted({for_croissant(part) for name in facts["licences"] for part in parts(name)}),
        "inLanguage": sorted(set(facts["composition"]["language"]) - {"und"}),
        "keywords": ["medical", "instruction tuning"],
        "distribution": [_file(path, files[path]) for path, _, _ in record_sets.values()],
        "recordSet": [
            {
                "@type": "cr:RecordSet", "@id": name, "name": name, "description": description,
                "field": list(_fields(name, path, columns)),
            }
            for name, (path, description, columns) in record_sets.items()
        ],
        "rai:personalSensitiveInformation": [
            f"{facts['patient_data_rows']} of {facts['rows']} records rest on de-identified patient data."
        ],
        "rai:dataLimitations": [
            "Not medical advice.",
            "No expert has reviewed this release." if draft else "Experts reviewed a sample.",
        ],
    }
    if dataset.publisher:
        for role in ("creator", "publisher"):
            document[role] = {"@type": "sc:Organization", "name": dataset.publisher}
    if facts["newest_date"]:
        document["datePublished"] = facts["newest_date"]
    return document


def _cite_as(dataset: Dataset, facts: Mapping[str, Any]) -> str:
    publisher = f" {dataset.publisher}." if dataset.publisher else ""
    return f"{dataset.title}, version {facts['version']} ({facts['status']}).{publisher}"


def _file(path: str, raw: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject", "@id": path, "name": path, "contentUrl": path, "contentSize": f"{len(raw)} B",
        "encodingFormat": "application/x-parquet", "sha256": hashlib.sha256(raw).hexdigest(),
    }


def _fields(record_set: str, path: str, columns: tuple[Column, ...]) -> Iterator[dict[str, Any]]:
    for column in columns:
        extract = {"fileObject": {"@id": path}, "extract": {"column": column.name}}
        field: dict[str, Any] = {
            "@type": "cr:Field", "@id": f"{record_set}/{column.name}", "name": column.name,
            "description": column.description,
        }
        kind = column.type
        if pa.types.is_list(kind):
            field |= {"isArray": True, "arrayShape": "-1"}
            kind = kind.value_type
        if pa.types.is_struct(kind):
            field["subField"] = [
                {
                    "@type": "cr:Field", "@id": f"{record_set}/{column.name}/{part.name}", "name": part.name,
                    "dataType": _data_type(part.type), "source": {**extract, "transform": {"jsonPath": part.name}},
                }
                for part in kind
            ]
        else:
            field |= {"dataType": _data_type(kind), "source": extract}
        yield field


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"
