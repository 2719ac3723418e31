"""The stage: routes in their order, drafts to batches, every planned unit accounted for.

Belongs here: order, duplicates, accounting. Does not belong here: what any route does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.expand.converted import convert
from itd_pipeline.expand.draft import STAGE, Draft, Turned, record_id
from itd_pipeline.expand.families import family_of
from itd_pipeline.expand.model_route import Tally, ask, plan
from itd_pipeline.expand.template import fill_templates
from itd_pipeline.ports import Batch, ChatModel, reject
from itd_pipeline.tables.passages import PASSAGES
from itd_pipeline.tables.records import CANDIDATES
from itd_pipeline.tables.rejects import REJECTS

_BATCH = 5_000


def expand(
    passages: Iterable[pa.Table], seeds: pa.Table, source_name: str, source: settings.Source,
    expansion: settings.Expansion, model: Callable[[], ChatModel], model_settings: settings.Model,
) -> Iterator[Batch]:
    """Candidate records of one source, by the routes that the source names.

    Args:
        passages: batches of the passages table.
        seeds: experts' records, shown as examples by the route `hybrid`.
        source_name: partition.
        source: its settings; `routes` decides what is made.
        expansion: how much is made, and the seed of every draw.
        model: gives the model; called at most once, and only if there is a request to make.
        model_settings: name and sampling parameters for requests.

    Yields:
        Batches whose rows follow `CANDIDATES`. The unit is what was planned: a document with a question (or a passage
        without) on `converted`, a form that a document can fill on `template`, a request on the others; units equal
        rows and rejects. Passages that no unit used are counted in the fact `passages_unused`.

    Raises:
        ConfigError: the route `template` on a reader without question forms.
        PermanentError: the model refuses every request (key, name).
    """
    table = _ordered(passages)
    opened: list[ChatModel] = []

    def once() -> ChatModel:
        if not opened:
            opened.append(model())
        return opened[0]

    seen: set[str] = set()
    used: set[str] = set()
    for route in ("converted", "template", "synthetic", "hybrid"):
        if route not in source.routes:
            continue
        tally = Tally()
        if route == "converted":
            made = convert(table.to_pylist(), source.language)
        elif route == "template":
            made = fill_templates(table, family_of(source.reader), expansion.template_per_source, expansion.seed,
                                  source.language)
        else:
            examples = seeds.to_pylist() if route == "hybrid" else []
            made = ask(plan(table, examples, route, expansion, model_settings), source, once, model_settings, tally)
        yield from _batches(made, route, source_name, seen, used, tally if route in ("synthetic", "hybrid") else None)
    facts = {"passages": table.num_rows, "passages_unused": table.num_rows - len(used)}
    yield Batch(CANDIDATES.empty(), REJECTS.empty(), 0, facts=facts)


def _ordered(passages: Iterable[pa.Table]) -> pa.Table:
    """One table by document and ordinal, so that the order of batches decides nothing."""
    tables = [PASSAGES.conform(t) for t in passages]
    table = pa.concat_tables(tables) if tables else PASSAGES.empty()
    return table.sort_by([("document_id", "ascending"), ("ordinal", "ascending"), ("passage_id", "ascending")])


def _batches(
    made: Iterator[Draft | Turned], route: str, partition: str, seen: set[str], used: set[str], tally: Tally | None,
) -> Iterator[Batch]:
    while part := list(islice(made, _BATCH)):
        rows: list[Mapping[str, Any]] = []
        rejects: list[dict[str, Any]] = []
        units = 0
        for one in part:
            units += 1
            if isinstance(one, Turned):
                used.add(one.passage_id)
                rejects.append(reject(STAGE, partition, one.unit_id, one.reason, one.detail, one.row, one.passage_id))
                continue
            used.update(one.row["passage_ids"], (one.passage_id,))
            identifier = record_id(one.row)
            row = {"record_id": identifier, **one.row}
            if identifier in seen:
                rejects.append(reject(STAGE, partition, one.unit_id, "duplicate_record", f"record_id={identifier}",
                                      row, one.passage_id))
                continue
            seen.add(identifier)
            rows.append(row)
        facts: dict[str, Any] = {f"units_{route}": units}
        if tally is not None:
            facts |= tally.facts
            tally.facts = dict.fromkeys(tally.facts, 0)
        yield Batch(CANDIDATES.from_rows(rows), REJECTS.from_rows(rejects), units, facts=facts)
