"""One pass over all candidates: every signal, one row per candidate, in the order in which they came.

Belongs here: which signal reads what. Does not belong here: how a signal is computed (a file of its own) or which
value is good enough (the policy). Nothing is turned away here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from itd_pipeline import settings
from itd_pipeline.errors import ContractError
from itd_pipeline.ports import Batch
from itd_pipeline.signals import form, groundedness
from itd_pipeline.signals.benchmarks import BenchmarkItem
from itd_pipeline.signals.contamination import contamination
from itd_pipeline.signals.exact_duplicates import exact_duplicates
from itd_pipeline.signals.language import output_languages
from itd_pipeline.signals.near_duplicates import near_duplicates
from itd_pipeline.signals.novelty import novelty
from itd_pipeline.signals.privacy import residual_identifiers
from itd_pipeline.signals.quality import quality_ranks
from itd_pipeline.signals.tokens import Tokens, Vocabulary, joined, tokenise
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.signals import SIGNALS

_READ = ("record_id", "instruction", "input", "output", "citations", "source", "route", "task_type", "passage_ids",
         "patient_data")


def measure(
    candidates: pa.Table, passages: pa.Table, signals: settings.Signals, benchmarks: Sequence[BenchmarkItem],
) -> Batch:
    """Measure every candidate.

    Args:
        candidates: records of every route, experts' own included; columns of `tables.records`.
        passages: at least those that candidates name or cite; columns passage_id and text.
        signals: parameters from the profile.
        benchmarks: what the dataset must not contain; empty leaves contamination unmeasured (null).

    Returns:
        rows in `tables.signals.SIGNALS`, one per candidate in the same order; no rejects. Facts: `clusters`,
        `benchmark_items`, `benchmark_items_too_short`.

    Raises:
        ContractError: two candidates have one id, or a column is missing.
    """
    columns = _columns(candidates)
    ids: list[str] = columns["record_id"]
    texts = [columns["instruction"], columns["input"], columns["output"]]
    cited = {p for i in range(len(ids)) for p in _named(columns, i)}
    evidence = _evidence(passages, cited)
    named = [groundedness.evidence_ids(columns["passage_ids"][i], columns["citations"][i], evidence)
             for i in range(len(ids))]

    vocabulary = Vocabulary()
    instructions, inputs, outputs = (tokenise(column, vocabulary) for column in texts)
    place = {passage_id: i for i, passage_id in enumerate(evidence)}
    passage_tokens = tokenise(evidence.values(), vocabulary)
    item_tokens = tokenise((item.text for item in benchmarks), vocabulary)
    word_hashes = vocabulary.hashes()

    row: dict[str, Any] = {name: columns[name] for name in ("record_id", "source", "route", "task_type",
                                                            "patient_data")}
    row["instruction_words"] = instructions.lengths.tolist()
    row["output_words"] = outputs.lengths.tolist()
    row["output_truncated"] = [form.truncated(t, n) for t, n in zip(texts[2], row["output_words"], strict=True)]
    row["refusal"] = [form.refuses(output) for output in texts[2]]
    row["template_remains"] = [form.has_template_remains(i) or form.has_template_remains(o)
                               for i, o in zip(texts[0], texts[2], strict=True)]
    row["repetition_share"] = form.repetition_shares(outputs, word_hashes)
    row["output_language"] = output_languages(texts[2])

    row |= _groundedness(columns, evidence, named, vocabulary, outputs, inputs, passage_tokens, place)
    row["quality_rank"] = ranks = quality_ranks(columns["route"], row["evidence_coverage"], ids)
    row["exact_duplicate_of"] = exact_duplicates(texts, ids, ranks)
    twins = near_duplicates(joined([instructions, inputs, outputs]), word_hashes, ids, ranks,
                            signals.near_duplicate_jaccard)
    row["near_duplicate_cluster"], row["near_duplicate_of"] = twins.cluster, twins.duplicate_of
    row["near_duplicate_jaccard"] = twins.jaccard
    new = novelty(instructions, ids, ranks, [route == "manual" for route in columns["route"]],
                  [route in signals.novelty_routes for route in columns["route"]], signals.novelty_threshold)
    row["novelty_rouge_l"], row["novelty_nearest"] = new.rouge_l, new.nearest
    facts = {"clusters": len(set(twins.cluster) - {None}), "benchmark_items": len(benchmarks)}
    row["contamination_share"] = row["contamination_item"] = [None] * len(ids)
    if benchmarks:
        fields = joined([instructions, inputs, outputs], mark=True)
        overlap = contamination(fields, benchmarks, item_tokens, word_hashes)
        row["contamination_share"], row["contamination_item"] = overlap.share, overlap.item
        facts["benchmark_items_too_short"] = overlap.too_short
    found = [residual_identifiers([column[i] for column in texts], [evidence[p] for p in named[i]],
                                  columns["patient_data"][i]) for i in range(len(ids))]
    row["identifier_classes"] = [sorted(set(classes)) for classes in found]
    row["identifier_count"] = [len(classes) for classes in found]

    arrays = [pa.array(row[column.name], type=column.type) for column in SIGNALS.columns]
    table = SIGNALS.conform(pa.Table.from_arrays(arrays, schema=SIGNALS.schema))
    return Batch(rows=table, rejects=REJECTS.empty(), units_in=candidates.num_rows, facts=facts)


def _columns(candidates: pa.Table) -> dict[str, list[Any]]:
    missing = [name for name in _READ if name not in candidates.column_names]
    if missing:
        raise ContractError(f"candidates: missing columns {missing}.", "Build them anew.")
    columns = {name: candidates.column(name).to_pylist() for name in _READ}
    twice = [record_id for record_id, count in Counter(columns["record_id"]).items() if count > 1]
    if twice:
        raise ContractError(f"candidates: {len(twice)} ids occur more than once, the first is {twice[0]}.",
                            "Ids are content hashes: the same record entered twice. Build the candidates anew.")
    return columns


def _named(columns: Mapping[str, list[Any]], i: int) -> list[str]:
    return [*columns["passage_ids"][i], *(c["passage_id"] for c in columns["citations"][i] if c["passage_id"])]


def _evidence(passages: pa.Table, cited: set[str]) -> dict[str, str]:
    """Text of the passages that are cited, by id, in the order of the table."""
    pairs = zip(passages.column("passage_id").to_pylist(), passages.column("text").to_pylist(), strict=True)
    return {passage_id: text for passage_id, text in pairs if passage_id in cited}


def _groundedness(
    columns: Mapping[str, list[Any]], evidence: Mapping[str, str], named: Sequence[Sequence[str]],
    vocabulary: Vocabulary, outputs: Tokens, inputs: Tokens, passages: Tokens, place: Mapping[str, int],
) -> dict[str, list[Any]]:
    coverage, numbers = groundedness.Coverage(vocabulary), groundedness.NumberSupport(evidence)
    verbatim: list[bool] = []
    unsupported: list[int] = []
    shares: list[float | None] = []
    for i, output in enumerate(columns["output"]):
        verbatim.append(groundedness.citations_verbatim(columns["citations"][i], evidence))
        copied = any(output in evidence[p] for p in named[i])
        unsupported.append(0 if copied else numbers.unsupported(output, named[i], columns["input"][i]))
        sources: list[np.ndarray[Any, Any]] = [passages.row(place[p]) for p in named[i]]
        if copied:
            shares.append(1.0)
        else:
            shares.append(coverage.share(outputs.row(i), [*sources, inputs.row(i)]) if sources else None)
    return {"citations_verbatim": verbatim, "unsupported_number_count": unsupported, "evidence_coverage": shares}
