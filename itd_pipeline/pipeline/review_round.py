"""A round of review in the application: what is judged, taken from the lake into the store, and who is asked.

Belongs here: carrying records from the lake to the store. Does not belong here: plan, pages or what is answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.pipeline.records import cited_passages
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.review.pairs import find_pairs
from itd_pipeline.review.shown import shown_record
from itd_pipeline.review.tasks import calibration_records
from itd_pipeline.review_store.database import Store
from itd_pipeline.review_store.tasks import Item, Plan, give_out, keep_items
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake

STORE = "review.sqlite"


def store_path(settings: Settings) -> Path:
    """Where answers are kept: beside the returned spreadsheets, outside of the lake, which may be thrown away."""
    return settings.resolve(settings.review.returned) / STORE


def open_round(settings: Settings, lake: Lake, store: Store, pairwise: bool = False) -> int:
    """Give the records of the sample (or pairs of outputs) to the reviewers; returns how many tasks are new.

    Raises:
        NotBuiltError: there is no sample yet.
    """
    filtered = lake.read("filtered_set")
    sample = lake.read("review_sample", columns=["record_id"])
    places = Counter(sample.column("record_id").to_pylist())
    sampled = list(places)
    if pairwise:
        pairs = find_pairs(filtered.to_pylist())
        wanted = sorted({record for pair in pairs.values() for record in pair})
        by_id = {i.item_id: i for i in _items(settings, lake, store, filtered, wanted, held=False)}
        keep_items(store, (
            Item(pair, "pair", by_id[a].author, {"first": {**by_id[a].content, "record_id": a},
                                                      "second": {**by_id[b].content, "record_id": b}})
            for pair, (a, b) in pairs.items()))
        return give_out(store, [], list(pairs), Plan(settings.review.reviewers, settings.review.seed))
    practice = calibration_records(filtered.column("record_id").to_pylist(), sampled, settings.review.calibration,
                                   settings.review.seed)
    keep_items(store, _items(settings, lake, store, filtered, [*sampled, *practice]))
    return give_out(store, sampled, [], Plan(settings.review.reviewers, settings.review.seed,
                                             settings.review.repeat_share, tuple(practice), places))


def _items(settings: Settings, lake: Lake, store: Store, filtered: pa.Table, wanted: Sequence[str],
           held: bool = True) -> Iterator[Item]:
    known = {row["item_id"] for row in store.rows("SELECT item_id FROM items")} if held else set()
    fresh = [record for record in wanted if record not in known]
    records = filtered.filter(pc.is_in(filtered.column("record_id"), pa.array(fresh, pa.string())))
    passages: dict[str, dict[str, Any]] = {}
    scope = Scope(settings, lake)
    if records.num_rows and scope.built("cleaned_text"):
        passages = {p["passage_id"]: p for p in cited_passages(scope, records).select(
            ["passage_id", "text", "title", "section"]).to_pylist()}
    for record in records.to_pylist():
        yield Item(record["record_id"], "record", record["author"], shown_record(record, passages))
