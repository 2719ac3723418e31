"""The evaluation report for 100,000 records: seconds, size, and whether it fits a telephone.

Records are made up: words drawn by a seeded generator over the vocabularies of the contract, a tenth of the candidates
rejected, ratings by two experts, benchmarks with matches, a last release. What a real report shows, this one shows, in
every section; the embeddings are computed by the carried model. With Chromium installed the page is opened at 390 px.

    python benchmarks/report.py [RECORDS]
"""

from __future__ import annotations

import json
import re
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from itd_pipeline.evaluation import ReportInputs, build_report, evaluate_ratings
from itd_pipeline.evaluation.sample import drawn
from itd_pipeline.llm.minilm import MiniLM
from itd_pipeline.settings import Dataset
from itd_pipeline.settings.evaluation import REFERENCE
from itd_pipeline.sources.readers.hpo import branches_of
from itd_pipeline.tables import vocabularies as v
from itd_pipeline.tables.contract import Table
from itd_pipeline.tables.records import DEFAULTS, FILTERED
from itd_pipeline.tables.review import RATINGS, REVIEW_SAMPLE
from itd_pipeline.tables.signals import MATCH_KINDS, SIGNALS

MOST_SECONDS, MOST_BYTES, TELEPHONE = 60, 5_000_000, 390
_WORDS = re.findall(r"\w+", """
    patient woman man child asthma fever cough treatment dose tablets morning doctor explain describe pain chest
    breath therapy risk blood pressure kidney liver heart infection antibiotic allergy skin rash test result
    guideline recommend review weeks days older adult diabetes insulin glucose""")
_OPENINGS = ("Explain", "What", "Summarise", "Which", "List", "How", "Describe", "Name", "Why", "Write")
_REASONS = {"raw_sources": ("unreadable", "too_short"), "cleaned_text": ("boilerplate", "too_short"),
            "filtered_set": ("low_evidence_coverage", "near_duplicate", "unsupported_number", "repetitive_output")}


def texts(random: np.random.Generator, count: int, words: tuple[int, int]) -> list[str]:
    found = []
    for length in random.integers(*words, count):
        chosen = random.choice(_WORDS, length)
        found.append(" ".join(chosen[:9]) + ". " + " ".join(chosen[9:]) + ".")
    return found


def plain(table: Table, count: int) -> dict[str, Any]:
    """A harmless column for each of the contract."""
    found: dict[str, Any] = {}
    for column in table.columns:
        value: Any = DEFAULTS.get(column.name) if table is FILTERED else None
        if value is None and not column.nullable:
            value = column.vocabulary[0] if column.vocabulary else [] if pa.types.is_list(column.type) else \
                False if pa.types.is_boolean(column.type) else "x" if pa.types.is_string(column.type) else \
                column.minimum or 0
        found[column.name] = [value] * count
    return found


def inputs_of(count: int) -> ReportInputs:
    """Everything that a report is made of."""
    random = np.random.default_rng(7)
    candidates = count * 10 // 9
    ids = [f"rec-{n:020x}" for n in range(candidates)]
    branches = branches_of()
    codes = sorted(branches)[:4000]
    icd = [f"ICD-10-CM:{chr(65 + n % 26)}{n % 90 + 10}" for n in range(2000)]
    records = plain(FILTERED, count) | {
        "record_id": ids[:count], "output": texts(random, count, (20, 160)),
        "instruction": [f"{o} {t}" for o, t in zip(random.choice(_OPENINGS, count), texts(random, count, (10, 18)),
                                                   strict=True)],
        "codes": [[c] for c in random.choice([*codes, *icd], count)],
        "difficulty": random.integers(1, 6, count).tolist()}
    for column, terms in (("task_type", v.TASK_TYPE), ("question_type", v.QUESTION_TYPE), ("specialty", v.SPECIALTY),
                          ("audience", v.AUDIENCE), ("severity", v.SEVERITY), ("age_group", v.AGE_GROUP),
                          ("sex", v.SEX), ("jurisdiction", v.JURISDICTION), ("route", v.ROUTE),
                          ("level_of_care", v.LEVEL_OF_CARE)):
        records[column] = random.choice(terms, count).tolist()
    records["source"] = [f"source_{n}" for n in random.integers(0, 30, count)]
    filtered = FILTERED.conform(pa.table(records, schema=FILTERED.schema))
    match = {"item": "", "part": "prompt", "field": "output", "words": 14, "start": 0, "end": 80, "share": 0.4}
    signals = plain(SIGNALS, candidates) | {
        "record_id": ids, "output_language": ["en"] * candidates,
        "contamination_share": random.choice([0.0, 0.0, 0.0, 0.4], candidates).tolist(),
        "contamination_matches": [
            [{**match, "benchmark": f"bench_{n % 5}", "item": str(n % 900), "kind": MATCH_KINDS[n % 5]}] if n % 50 == 0
            else [] for n in range(candidates)],
        "evidence_coverage": random.random(candidates).tolist(), "novelty_rouge_l": random.random(candidates).tolist(),
        "judge_score": (1 + 4 * random.random(candidates)).tolist(), "judge_status": ["judged"] * candidates}
    sample = [{"assignment_id": f"a-{i}-{r}", "sample_id": "s", "record_id": ids[i], "reviewer": f"reviewer_{r}",
               "position": i + 1, "stratum": f"stratum_{i % 12}", "inclusion_probability": 300 / count, "why": "drawn"}
              for i in range(300) for r in (1, 2)]
    ratings = [{"assignment_id": row["assignment_id"], "record_id": row["record_id"], "reviewer": row["reviewer"],
                "rubric_version": "1", "decision": str(random.choice(v.DECISION, p=(0.9, 0.06, 0.04))),
                "gate": json.dumps({"medically_correct": "yes"}), "error_tags": "", "origin": "made up",
                "axes": json.dumps({"clarity": int(random.integers(2, 6))})} for row in sample]
    drawn_sample, rated = REVIEW_SAMPLE.from_rows(sample), RATINGS.from_rows(ratings)
    shown = drawn(filtered, 300)
    funnel = [{"stage": stage, "partition": f"source_{n}" if stage != "filtered_set" else "", "unit": "rows",
               "units_in": 9000, "rows_out": 8000, "rejected": dict.fromkeys(reasons, 500)}
              for stage, reasons in _REASONS.items() for n in range(30 if stage != "filtered_set" else 1)]
    return ReportInputs(
        dataset=Dataset(name="made-up", title="A made-up dataset", description="For measuring."), profile="benchmark",
        funnel=funnel, filtered=filtered, signals=SIGNALS.conform(pa.table(signals, schema=SIGNALS.schema)),
        human=evaluate_ratings(rated, drawn_sample, filtered), ratings=rated, seeds=filtered.slice(0, 500),
        last={"version": "made-up-0", "records": filtered.slice(count // 5), "metrics": {}},
        cost={"requests": count, "prompt_tokens": 9 * count, "completion_tokens": count, "cost_usd": 12.5,
              "by_model": {"m": {"requests": count, "prompt_tokens": 9 * count, "completion_tokens": count,
                                 "cost_usd": 12.5}}},
        sources=[{"name": f"source_{n}", "reader": "markdown", "licence": "CC0-1.0", "patient_data": False,
                  "documents": 900} for n in range(30)],
        policy_rules=[f"rule {n}: signal, above 3; reject" for n in range(40)],
        examples=[{"stage": stage, "reason": reason, "row_id": f"row-{n}", "source": "source_1", "detail": "words=3",
                   "text": "The beginning of a text that was turned away " * 3, "withheld": ""}
                  for stage, reasons in _REASONS.items() for reason in reasons for n in range(3)],
        rules={(stage, reason): "A rule that says why, and where it comes from." for stage, reasons in _REASONS.items()
               for reason in reasons},
        hpo_branches=branches, map_texts=shown.column("instruction").to_pylist(),
        map_specialties=shown.column("specialty").to_pylist(),
        map_vectors=MiniLM(np.float64).embed(shown.column("instruction").to_pylist()), reference=REFERENCE,
        benchmark_items={f"bench_{n}": 1000 for n in range(5)}, data_version="0" * 24, code_version="0")


def width_at(page: Path, width: int) -> int | None:
    """How wide the page is on a screen of `width` pixels; None without Chromium."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        return None
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    try:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True})
        browser.get(page.as_uri())
        return int(browser.execute_script("return document.documentElement.scrollWidth"))
    finally:
        browser.quit()


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    made = time.perf_counter()
    inputs = inputs_of(count)
    print(f"{count:,} records made up in {time.perf_counter() - made:.0f} s, 300 embeddings included")
    started = time.perf_counter()
    written = build_report(inputs)
    seconds = time.perf_counter() - started
    size = len(written.files["report.html"])
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_bytes(written.files["report.html"])
        width = width_at(page, TELEPHONE)
    same = build_report(inputs).files == written.files
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = (("seconds", f"{seconds:.1f}", f"{MOST_SECONDS}", seconds <= MOST_SECONDS),
            ("bytes of the page", f"{size:,}", f"{MOST_BYTES:,}", size <= MOST_BYTES),
            ("width at 390 px", "no Chromium" if width is None else f"{width}", "390", width is None
             or width <= TELEPHONE),
            ("a second time the same bytes", "yes" if same else "no", "yes", same))
    for name, found, wanted, holds in rows:
        print(f"{name:32} {found:>12}   at most {wanted:>10}   {'holds' if holds else 'DOES NOT HOLD'}")
    print(f"{'numbers on the page':32} {written.units_in:>12,}")
    print(f"{'peak memory, MiB':32} {peak:>12,.0f}")
    return 0 if all(holds for *_, holds in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
