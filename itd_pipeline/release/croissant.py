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
from itd_pipeline.release.lineage import LINEAGE
from itd_pipeline.release.responsible import responsible
from itd_pipeline.release.training import parquet_path
from itd_pipeline.release.version import SELF_NAMING
from itd_pipeline.settings import Dataset
from itd_pipeline.tables.contract import Column
from itd_pipeline.tables.review import CORRECTIONS

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "annotation": "cr:annotation",
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
    "prov": "http://www.w3.org/ns/prov#",
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

_FULL, _STRONG = "data", "strong"
_FORMATS = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines", "json": "application/json",
            "yaml": "application/yaml", "html": "text/html", "sql": "application/sql"}
"""Ending of a file -> its media type; all others are plain text."""
_PROV = {
    "source": "prov:hadPrimarySource", "document_id": "prov:wasDerivedFrom", "passage_id": "prov:wasQuotedFrom",
    "seed_ids": "prov:wasInfluencedBy", "request_id": "prov:wasGeneratedBy", "prompt_hash": "prov:hadPlan",
    "model": "prov:wasAttributedTo", "author": "prov:wasAttributedTo", "record_id": "prov:entity",
}
"""Columns of the lineage -> what they say in PROV-O."""
_ORIGIN = {"document_ids": "prov:wasDerivedFrom", "passage_ids": "prov:wasQuotedFrom",
           "seed_ids": "prov:wasInfluencedBy", "author": "prov:wasAttributedTo"}
"""Columns of a record that annotate its output with where that came from."""


def croissant(
    dataset: Dataset, facts: Mapping[str, Any], files: Mapping[str, bytes], columns: tuple[Column, ...]
) -> dict[str, Any]:
    """The JSON-LD as plain data.

    Provenance stands at two levels: of the whole, and of every record. For the latter, Croissant 1.1 lets a field be
    annotated by others: `output` by document, passage, seeds and author. The record set `lineage` says the rest, a row
    for each piece of evidence, and its columns name their terms of PROV-O.

    Args:
        facts: content of `RELEASE.json`.
        files: the files of the release so far.
        columns: columns of the records.
    """
    draft = facts["status"] == "draft"
    described = dataset.description.strip()
    if draft:
        described = "DRAFT, not reviewed by experts. " + described
    if facts["newest_date"]:
        described += " datePublished is the newest retrieval or evidence date behind the records."
    tables = sorted(path for path in files if path.endswith(".parquet"))
    others = sorted(path for path in files if path not in (*tables, *SELF_NAMING))
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
        "distribution": [_file(path, files[path]) for path in (*tables, *others)],
        "recordSet": list(_record_sets(facts, columns)),
        **responsible(facts),
        "prov:wasDerivedFrom": [_source(source) for source in facts["sources"]],
        "prov:wasGeneratedBy": _activity(facts),
    }
    if dataset.publisher:
        for role in ("creator", "publisher"):
            document[role] = {"@type": "sc:Organization", "name": dataset.publisher}
    if facts["newest_date"]:
        document["datePublished"] = facts["newest_date"]
    return document


def _record_sets(facts: Mapping[str, Any], columns: tuple[Column, ...]) -> Iterator[dict[str, Any]]:
    if not facts["rows"]:
        return
    for folder, prefix, counts in ((_FULL, "", facts["rows_per_split"]),
                                   (_STRONG, "strong-", facts["strong"]["rows_per_split"])):
        for split in counts:
            name = f"{prefix}{split}"
            made = _record_set(name, parquet_path(folder, split), f"Records of the split {split}, configuration "
                               f"{'strong' if prefix else 'full'}.", columns)
            made["key"] = {"@id": f"{name}/record_id"}
            for field in made["field"]:
                if field["name"] == "output":
                    field["annotation"] = [
                        {**{k: v for k, v in other.items() if k != "name"}, "@id": f"{name}/output/{other['name']}",
                         "name": f"output/{other['name']}", "equivalentProperty": _ORIGIN[other["name"]]}
                        for other in made["field"] if other["name"] in _ORIGIN]
            yield made
    made = _record_set("lineage", "lineage.parquet", LINEAGE.description, LINEAGE.columns)
    for field in made["field"]:
        if field["name"] in _PROV:
            field["equivalentProperty"] = _PROV[field["name"]]
    yield made
    if facts["corrections"]["records"]:
        yield _record_set("corrections", "corrections.parquet", CORRECTIONS.description, CORRECTIONS.columns)


def _record_set(name: str, path: str, description: str, columns: tuple[Column, ...]) -> dict[str, Any]:
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "description": description,
            "field": list(_fields(name, path, columns))}


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    return {"@type": "prov:Entity", "@id": f"urn:itd:source:{source['source']}",
            "prov:label": source["attribution"] if source["attribution"] != "not recorded" else source["source"]}


def _activity(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The run: its program, and the models that wrote records."""
    models = [name for name in facts["models"] if name not in ("none (no model)", "not recorded")]
    return {
        "@type": "prov:Activity", "prov:label": f"itd_pipeline {facts['code_version']}",
        "prov:wasAssociatedWith": [{"@type": "prov:SoftwareAgent", "prov:label": name}
                                   for name in (f"itd_pipeline {facts['code_version']}", *sorted(models))],
    }


def _cite_as(dataset: Dataset, facts: Mapping[str, Any]) -> str:
    publisher = f" {dataset.publisher}." if dataset.publisher else ""
    return f"{dataset.title}, version {facts['version']} ({facts['status']}).{publisher}"


def _file(path: str, raw: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject", "@id": path, "name": path, "contentUrl": path, "contentSize": f"{len(raw)} B",
        "encodingFormat": _FORMATS.get(path.rpartition(".")[2], "text/plain"),
        "sha256": hashlib.sha256(raw).hexdigest(),
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
