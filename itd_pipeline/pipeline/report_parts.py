"""What the report needs besides the tables: examples, branches, the sample for the map, sizes of benchmarks.

Belongs here: gathering. Does not belong here: what the report says (`evaluation/`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline import signals
from itd_pipeline.evaluation.sample import drawn
from itd_pipeline.evaluation.sections.meanings import LEAST_ON_MAP
from itd_pipeline.licensing import judge
from itd_pipeline.llm.minilm import MiniLM
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.sources.readers.hpo import branches_of

_PARTITIONED = ("raw_sources", "cleaned_text", "synthetic_expansions")
_WHOLE = ("expert_seeds", "filtered_set")
_TEXTS = ("instruction", "text", "output", "title", "question")
_LONGEST = 160
_NEVER_SHOWN = ("identifier", "patient", "canary", "injection", "licence")
"""A reason with one of these in its name: what was wrong with the text is a ground not to show it."""


def examples(scope: Scope) -> list[dict[str, Any]]:
    """Rejected rows to show for each stage and reason, by a hash of their id; none from a source of patient data."""
    most = scope.settings.evaluation.examples
    found: dict[tuple[str, str], list[tuple[bytes, dict[str, Any]]]] = {}
    for row in _rejected(scope):
        kept = found.setdefault((row["stage"], row["reason"]), [])
        kept.append((hashlib.sha256(row["row_id"].encode()).digest(), row))
        if len(kept) > 50 * max(1, most):
            found[row["stage"], row["reason"]] = sorted(kept, key=_first)[:most]
    return [_shown(scope, row) for _, kept in sorted(found.items()) for _, row in sorted(kept, key=_first)[:most]]


def _first(one: tuple[bytes, dict[str, Any]]) -> bytes:
    return one[0]


def _rejected(scope: Scope) -> Iterator[dict[str, Any]]:
    """Rejected rows of sources without patient data; those of stages over all sources name their source themselves."""
    public = {name for name, source in scope.settings.sources.items() if not source.patient_data}
    places = [(stage, name) for stage in _PARTITIONED for name in scope.built(stage) if name in public]
    for stage, partition in [*places, *((stage, "") for stage in _WHOLE)]:
        for batch in scope.lake.batches(stage, partition, "rejected", batch_rows=2000):
            for row in batch.to_pylist():
                whole = json.loads(row["row"])
                source = partition or str(whole.get("source", ""))
                if whole.get("patient_data") or (source not in public and source != "expert_seeds"):
                    continue
                yield {**row, "row": whole, "source": source}


def _shown(scope: Scope, row: Mapping[str, Any]) -> dict[str, Any]:
    """An example as the report gets it: the beginning of its text, or why that is withheld."""
    whole, source = row["row"], row["source"]
    passed_on = scope.settings.licensing.model_copy(update={"redistribution": True, "unknown": "refuse"})
    licence = whole.get("licence") or (scope.settings.sources[source].licence if source in scope.settings.sources
                                       else "")
    withheld = ""
    if any(word in row["reason"] for word in _NEVER_SHOWN):
        withheld = "not shown, because of the reason"
    elif source != "expert_seeds" and not judge(licence, passed_on).allowed:
        withheld = f"not shown: {licence or 'its licence'} does not let text be passed on"
    said = "" if withheld else _beginning(whole)
    return {"stage": row["stage"], "reason": row["reason"], "row_id": row["row_id"], "source": source or "all",
            "detail": row["detail"], "text": said, "withheld": withheld or ("" if said else "it has no text")}


def _beginning(whole: Mapping[str, Any]) -> str:
    parts = [str(whole[name]) for name in _TEXTS if isinstance(whole.get(name), str) and whole[name].strip()]
    if not parts and isinstance(whole.get("stanza"), list):
        parts = [str(line) for line in whole["stanza"][:2]]
    said = " ".join(" \u2192 ".join(parts[:2]).split())
    return said if len(said) <= _LONGEST else said[:_LONGEST - 1].rsplit(" ", 1)[0] + "\u2026"


def branches(records: pa.Table) -> Mapping[str, Sequence[str]]:
    """Code of the Human Phenotype Ontology -> its branches; nothing where no record holds such a code."""
    held = {code for codes in records.column("codes").to_pylist() for code in codes if code.startswith("HP:")}
    return branches_of() if held else {}


def map_parts(scope: Scope, records: pa.Table) -> dict[str, Any]:
    """The sample on the map, with vectors in double precision: the same on every machine to the digits that are
    shown."""
    import numpy as np

    most = scope.settings.evaluation.map_records
    public = records.filter(pc.invert(records.column("patient_data")))
    sample = drawn(public, most)
    texts = sample.column("instruction").to_pylist()
    if len(texts) < LEAST_ON_MAP * scope.settings.evaluation.map_clusters:
        return {"map_vectors": None}
    return {"map_texts": texts, "map_specialties": sample.column("specialty").to_pylist(),
            "map_vectors": MiniLM(np.float64).embed(texts), "map_clusters": scope.settings.evaluation.map_clusters}


def benchmark_items(scope: Scope) -> dict[str, int]:
    """Items in each benchmark that the profile names."""
    counts = dict.fromkeys(sorted(scope.settings.signals.benchmarks), 0)
    for item in signals.load_benchmarks(scope.settings.signals.benchmarks, scope.settings.resolve):
        counts[item.benchmark] += 1
    return counts
