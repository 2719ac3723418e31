"""Forget a document, a patient or a source, or recall a seed: find every row that rests on it, at every stage and in
every release, and remove them. For erasure requests, such as those under article 17 of the General Data Protection
Regulation.

What is removed at once: the rows, the answers of models, the spreadsheets handed out for review, the releases. What
else stood in a removed table is made again by the next build: answers of models are kept for it, and of the clean
texts only the forgotten ones go. A tombstone keeps what was forgotten away when the source is read again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa

from itd_pipeline.errors import ConfigError
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.pipeline.descendants import descendants
from itd_pipeline.pipeline.graph import STAGES
from itd_pipeline.pipeline.records import model_store
from itd_pipeline.pipeline.release_contents import contents_path, records_from, records_of_seed
from itd_pipeline.pipeline.review_round import store_path
from itd_pipeline.pipeline.split_history import forget_splits
from itd_pipeline.ports import Batch
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.forgetting import forget_items
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake, write_atomically
from itd_pipeline.storage.queries import column_names, connect, create_view
from itd_pipeline.storage.tombstones import Tombstone, What, add_tombstones, document_key
from itd_pipeline.tables.passages import CLEANED_DOCUMENTS, PASSAGES
from itd_pipeline.tables.rejects import REJECTS

WITHDRAWN = "withdrawn.jsonl"
_BATCH = 2000


@dataclass(frozen=True)
class Hit:
    """Rows of one partition of one stage that rest on what is to be forgotten."""

    stage: str
    partition: str
    rows: int
    rejects: int


@dataclass(frozen=True)
class Removal:
    """What `carry_out` removes.

    Args:
        what, source: what is forgotten, and its source.
        documents: ids of the documents that lie in the lake now.
        keys: tombstone keys: `document_key` of each document, `group_id` of a patient, the source's name, or the
            record id of a seed.
        hits: by stage and partition, in the order of the graph.
        releases: version -> records that rest on it; None where an old release keeps no list, which is withdrawn too.
        answers: ids of requests whose answers are deleted.
        records: ids of records that rest on it; the review application forgets them, too.
        workbooks: spreadsheets handed out for review that hold such records.
    """

    what: What
    source: str
    documents: tuple[str, ...]
    keys: tuple[str, ...]
    hits: tuple[Hit, ...] = ()
    releases: dict[str, int | None] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    workbooks: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


def find(settings: Settings, lake: Lake, what: What, name: str, source: str | None = None) -> Removal:
    """Everything that rests on a document, a patient or a source; nothing is changed.

    Args:
        what: `document` by its id in the lake or the source's own id, `patient` by the source's own key or the group's
            id, `source` by its name, `seed` by its record id.
        source: where to look; all sources without one.

    Raises:
        ConfigError: nothing has that name, or several sources know it.
    """
    if what == "seed":
        held = lake.read("expert_seeds", columns=["record_id"]).column(0).to_pylist()
        if name not in held:
            raise ConfigError(f"No seed in the lake has the id {name}.",
                              "`itd sql \"SELECT record_id, left(instruction, 60) FROM expert_seeds\"` shows them; a "
                              "seed's own id stands in its file.")
        return _traced(settings, lake, Removal(what, "expert_seeds", (), (name,)))
    if what == "source":
        if name not in {*settings.sources, *lake.partitions("raw_sources")}:
            raise ConfigError(f"{name}: no such source.", f"Sources: {', '.join(sorted(settings.sources))}.")
        documents = {d[0]: d for d in _documents(lake, name, "TRUE", [])}
        return _traced(settings, lake, Removal(what, name, tuple(sorted(documents)), (name,)))
    condition, value = {
        "document": ("document_id = ?1 OR external_id = ?1", name),
        "patient": ("patient_data AND (patient_id = ?1 OR group_id = ?1)", name),
    }[what]
    places = [source] if source else lake.partitions("raw_sources")
    found = {place: rows for place in places if (rows := _documents(lake, place, condition, [value]))}
    if not found:
        raise ConfigError(
            f"No {what} in the lake has that id.",
            "`itd sql \"SELECT source, external_id, document_id, group_id FROM raw_sources LIMIT 5\"` shows ids. A "
            "document that was turned away when it was read is found by its `document_id`.")
    if len(found) > 1:
        raise ConfigError(f"Several sources hold it: {', '.join(sorted(found))}.", "Give `--in SOURCE`.")
    place, rows = found.popitem()
    keys = {row[2] for row in rows} if what == "patient" else {document_key(place, row[1]) for row in rows}
    return _traced(settings, lake, Removal(what, place, tuple(sorted(row[0] for row in rows)), tuple(sorted(keys))))


def carry_out(settings: Settings, lake: Lake, removal: Removal, when: str, why: str) -> None:
    """Remove what was found. The tombstone comes first: whatever stops this, a second call or the next build ends it.

    Args:
        when: ISO date.
        why: for the tombstone; it must not name the patient.
    """
    add_tombstones(lake.root, [Tombstone(removal.what, removal.source, key, when, why, forgotten=True)
                               for key in removal.keys])
    for version in removal.releases:
        _withdraw(lake, version, when, why)
    forget_splits(lake, set(removal.records), set(removal.documents), set(removal.keys),
                  removal.source if removal.what == "source" else "")
    with AnswerStore(model_store(settings, lake), settings.model.store_journal) as store:
        store.forget(removal.answers)
    if store_path(settings).is_file():
        with Store(store_path(settings)) as reviewed:
            forget_items(reviewed, removal.records)
    for workbook in removal.workbooks:
        (lake.root / workbook).unlink(missing_ok=True)
    touched = {hit.stage for hit in removal.hits}
    if touched - {"raw_sources", "cleaned_text"}:
        shutil.rmtree(lake.root / "report", ignore_errors=True)
        lake.drop("evaluation_report", "")
    for hit in reversed(removal.hits):
        if hit.stage == PASSAGES.name and removal.what != "source":
            _without(lake, hit.partition, frozenset(removal.documents))
        else:
            lake.drop(hit.stage, hit.partition)
    _drop_waiting_release(lake)


def _documents(lake: Lake, partition: str, condition: str, values: Sequence[str]) -> list[tuple[str, str, str]]:
    """(document id, external id, group id), also of documents that were turned away when they were read."""
    manifest = lake.manifest("raw_sources", partition)
    if manifest is None:
        return []
    folder = lake.folder("raw_sources", partition)
    with connect(lake) as connection:
        create_view(connection, "rows", [folder / manifest.files["rows"].file])
        create_view(connection, "rejected", [folder / manifest.files["rejected"].file])
        kept = connection.execute(
            f"SELECT document_id, external_id, group_id FROM rows WHERE {condition}", values).fetchall()
        turned_away = connection.execute(
            "WITH r AS (SELECT row_id AS document_id, row->>'$.external_id' AS external_id, "
            "row->>'$.group_id' AS group_id, row->>'$.patient_id' AS patient_id, "
            "coalesce((row->>'$.patient_data')::BOOLEAN, FALSE) AS patient_data FROM rejected) "
            f"SELECT document_id, coalesce(external_id, ''), coalesce(group_id, '') FROM r WHERE {condition}",
            values).fetchall()
    return [(str(a), str(b), str(c)) for a, b, c in [*kept, *turned_away]]


_QUERIES: dict[str, tuple[str, str]] = {
    "raw_sources": ("document_id IN (FROM documents)", "row_id IN (FROM documents)"),
    "cleaned_text": ("document_id IN (FROM documents)",
                     "parent_id IN (FROM documents) OR row_id IN (FROM documents)"),
    "synthetic_expansions": (
        "list_has_any(document_ids, (SELECT list(id) FROM documents)) OR "
        "list_has_any(passage_ids, (SELECT list(id) FROM passages))",
        "parent_id IN (FROM passages) OR parent_id IN (FROM documents) OR row->>'$.passage_id' IN (FROM passages)"),
}
_OF_SEED: dict[str, tuple[str, str]] = {
    "expert_seeds": ("record_id IN (FROM records)", "row_id IN (FROM records)"),
    "synthetic_expansions": ("record_id IN (FROM records)", "row_id IN (FROM records)"),
}
_BY_RECORD = ("record_id IN (FROM records)", "row_id IN (FROM records) OR parent_id IN (FROM records)")


def _traced(settings: Settings, lake: Lake, removal: Removal) -> Removal:
    hits = []
    answers: set[str] = set()
    with connect(lake) as connection:
        recalled = descendants(settings, lake, removal.keys[0]) if removal.what == "seed" else frozenset()
        for name, ids in (("documents", removal.documents), ("passages", ()), ("records", sorted(recalled))):
            connection.execute(f"CREATE TABLE {name} (id VARCHAR)")
            _add(connection, name, ids)
        for stage in STAGES:
            if stage == "evaluation_report" or (recalled and stage in {"raw_sources", "cleaned_text"}):
                continue
            if stage == "expert_seeds" and not recalled:
                continue
            for folder in lake.partitions(stage):
                partition = "" if folder == "all" else folder
                hit = _look(connection, lake, stage, partition, answers, bool(recalled))
                if removal.what == "source" and partition == removal.source and hit is None:
                    hit = Hit(stage, partition, 0, 0)
                if hit is not None:
                    hits.append(hit)
        records = tuple(sorted(str(row[0]) for row in connection.execute("FROM records").fetchall()))
    workbooks = tuple(sorted(str(path.relative_to(lake.root)) for path in (lake.root / "review").rglob("*.xlsx"))
                      ) if any(hit.stage == "review_sample" for hit in hits) else ()
    return replace(removal, hits=tuple(hits), answers=tuple(sorted(answers)), workbooks=workbooks,
                   records=records,
                   releases=_releases(settings, lake, removal, recalled))


def _look(connection: duckdb.DuckDBPyConnection, lake: Lake, stage: str, partition: str,
          answers: set[str], by_seed: bool = False) -> Hit | None:
    """Rows and rejects of a partition that rest on the ids known so far; their own ids are added to these."""
    manifest = lake.manifest(stage, partition)
    if manifest is None:
        return None
    folder = lake.folder(stage, partition)
    create_view(connection, "rows", [folder / manifest.files["rows"].file])
    create_view(connection, "rejected", [folder / manifest.files["rejected"].file])
    of_rows, of_rejects = (_OF_SEED if by_seed else _QUERIES).get(stage, _BY_RECORD)
    if stage == "dataset_release" and "filtered_id" in column_names(connection, "rows"):
        of_rows += " OR filtered_id IN (FROM records)"  # a corrected record, whose original goes
    rows: pa.Table = connection.sql(f"SELECT * FROM rows WHERE {of_rows}").to_arrow_table()
    rejects: pa.Table = connection.sql(f"SELECT row_id, row FROM rejected WHERE {of_rejects}").to_arrow_table()
    if not rows.num_rows and not rejects.num_rows:
        return None
    rejected_ids = rejects.column("row_id").to_pylist()
    if stage == "cleaned_text":
        _add(connection, "passages", [*rows.column("passage_id").to_pylist(), *rejected_ids])
    elif stage == "synthetic_expansions":
        _add(connection, "records", [*rows.column("record_id").to_pylist(), *rejected_ids])
        asked = rows.column("request_id").to_pylist()
        asked += [request for more in rows.column("further_request_ids").to_pylist() for request in more]
        for row in map(json.loads, rejects.column("row").to_pylist()):
            asked += [row.get("request_id"), *(row.get("further_request_ids") or ())]
        answers.update(request for request in asked if request)
    elif stage == "dataset_release":
        _add(connection, "records", rows.column("record_id").to_pylist())
    return Hit(stage, partition, rows.num_rows, rejects.num_rows)


def _add(connection: duckdb.DuckDBPyConnection, table: str, ids: Sequence[str]) -> None:
    held = pa.table({"id": pa.array(sorted(set(ids)), pa.string())})
    connection.register("more", held)
    connection.execute(f"INSERT INTO {table} SELECT id FROM more")
    connection.unregister("more")


def _releases(settings: Settings, lake: Lake, removal: Removal, recalled: frozenset[str]) -> dict[str, int | None]:
    folder = settings.lake_path / "releases"
    versions = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    keys = frozenset(removal.keys)
    found: dict[str, int | None] = {}
    for version in versions:
        if version.startswith("."):
            continue
        if removal.what == "seed":
            records = records_of_seed(lake, version, removal.keys[0], recalled)
        else:
            records = records_from(lake, version, removal.source, keys, keys, removal.what == "source")
        if records is None or records:
            found[version] = records
    return found


def _withdraw(lake: Lake, version: str, when: str, why: str) -> None:
    """The release's folder goes; one line says that it was there."""
    path = lake.root / "releases" / WITHDRAWN
    held = path.read_text(encoding="utf-8") if path.is_file() else ""
    line = json.dumps({"version": version, "when": when, "why": why}, sort_keys=True, ensure_ascii=False)
    write_atomically(path, (held + line + "\n").encode())
    shutil.rmtree(lake.root / "releases" / version, ignore_errors=True)
    contents_path(lake, version).unlink(missing_ok=True)


def _drop_waiting_release(lake: Lake) -> None:
    if lake.manifest("dataset_release") is None:
        shutil.rmtree(lake.folder("dataset_release"), ignore_errors=True)


def _without(lake: Lake, partition: str, documents: frozenset[str]) -> None:
    """Rewrite the clean texts of a source without some documents, so that the next build need not make the others
    again. The partition is marked as not checked: nothing reads it until then."""
    manifest = lake.require(PASSAGES.name, partition)

    def kept(name: str, columns: Sequence[str]) -> list[pa.Table]:
        tables = []
        for table in lake.batches(PASSAGES.name, partition, name, batch_rows=_BATCH):
            wanted = pa.array([not any(row[c] in documents for c in columns)
                               for row in table.select(list(columns)).to_pylist()], pa.bool_())
            tables.append(table.filter(wanted))
        return tables

    rows, rejects = kept("rows", ["document_id"]), kept("rejected", ["parent_id", "row_id"])
    units = kept(CLEANED_DOCUMENTS.name, ["document_id"])
    nothing = Batch(PASSAGES.from_rows([]), REJECTS.from_rows([]), 0)
    batches = [replace(nothing, rows=table, units_in=table.num_rows) for table in rows]
    batches += [replace(nothing, rejects=table, units_in=table.num_rows) for table in rejects]
    batches += [replace(nothing, sides={CLEANED_DOCUMENTS.name: table}) for table in units]
    lake.mark(PASSAGES.name, partition, manifest.data_version, passed=False)
    lake.write(PASSAGES, partition, batches, fingerprint="after itd forget", inputs=dict(manifest.inputs),
               sides=(CLEANED_DOCUMENTS,), basis=manifest.basis)
