"""The last release, from its folder alone: what the report and the probe compare with.

It is named in the profile, never looked for: a build must not depend on what happens to lie in the lake. Belongs here:
reading it. Does not belong here: comparing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.errors import ConfigError
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.settings import Settings


def last_release_folder(settings: Settings) -> Path | None:
    """The folder that the profile names; raises ConfigError where it holds no release."""
    if settings.evaluation.last_release is None:
        return None
    folder = settings.resolve(settings.evaluation.last_release)
    if not (folder / "RELEASE.json").is_file():
        raise ConfigError(f"evaluation.last_release: {folder} holds no release.",
                          "Name the folder of a release: the one with RELEASE.json.")
    return folder


def last_release_digest(settings: Settings) -> dict[str, str]:
    """Digest of its checksums, which speak for every file of it."""
    if settings.evaluation.last_release is None:
        return {}
    folder = settings.resolve(settings.evaluation.last_release)
    return files_digest({"last_release": folder / "SHA256SUMS"})


def last_records(folder: Path) -> pa.Table:
    """Its records, each once, by id, with the split that it stands in; only the columns that all its files have."""
    tables = []
    for path in sorted(folder.glob("data/**/*.parquet")):
        with pq.ParquetFile(path) as file:
            if "instruction" in file.schema_arrow.names:
                table = file.read()
                if "split" not in table.column_names:
                    table = table.append_column("split", pa.array([path.name.split("-")[0]] * len(table), pa.string()))
                tables.append(table)
    if not tables:
        raise ConfigError(f"evaluation.last_release: {folder} holds no records.",
                          "Name the folder of a whole release: the one with RELEASE.json.")
    common = [name for name in tables[0].column_names if all(name in table.column_names for table in tables)]
    whole = pa.concat_tables([table.select(common) for table in tables], promote_options="permissive")
    seen: set[str] = set()
    first = [not (record in seen or seen.add(record))  # type: ignore[func-returns-value]
             for record in whole.column("record_id").to_pylist()]
    return whole.filter(pa.array(first, pa.bool_())).sort_by("record_id")


def last_report(folder: Path) -> Mapping[str, Any]:
    """Version and numbers of its report: `version`, `metrics` {section|metric|group: value}."""
    version = json.loads((folder / "RELEASE.json").read_text(encoding="utf-8")).get("version", folder.name)
    path = folder / "report.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["metrics"] if path.is_file() else []
    return {"version": version, "metrics": {f"{r['section']}|{r['metric']}|{r['group']}": r["value"] for r in rows}}
