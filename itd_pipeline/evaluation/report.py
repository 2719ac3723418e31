"""The evaluation report: one page, the same numbers as JSON, the same numbers as a table.

Belongs here: putting sections together. Does not belong here: what a section says or how HTML looks. No text of any
record enters the report, and nothing in it depends on the clock: equal inputs give equal bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Ledger, Metric, PageSection
from itd_pipeline.evaluation.sections.cost import cost, sources
from itd_pipeline.evaluation.sections.coverage import coverage
from itd_pipeline.evaluation.sections.funnel import funnel, rejections
from itd_pipeline.evaluation.sections.glance import glance
from itd_pipeline.evaluation.sections.groundedness import groundedness, privacy
from itd_pipeline.evaluation.sections.human import human
from itd_pipeline.evaluation.sections.lengths import lengths
from itd_pipeline.evaluation.sections.limits import limits
from itd_pipeline.evaluation.sections.overlap import contamination, duplicates
from itd_pipeline.ports import Batch
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import METRICS

SECTIONS = (glance, funnel, rejections, coverage, lengths, duplicates, contamination, groundedness, privacy,
            human, cost, limits, sources)
"""In the order of the page; each takes the inputs and the ledger."""
TEMPLATE = Path(__file__).with_name("report.html.j2")


def build_report(inputs: ReportInputs) -> Batch:
    """Measure, and write the page.

    Returns:
        Batch of `evaluation_report` rows, with the files `report.html` and `report.json`. `units_in` is the number
        of metrics entered; nothing is turned away.
    """
    ledger = Ledger()
    pages = [section(inputs, ledger) for section in SECTIONS]
    rows = ledger.rows()
    html = _html(inputs, pages)
    content = {
        "dataset": {"name": inputs.dataset.name, "title": inputs.dataset.title}, "profile": inputs.profile,
        "status": inputs.human.get("status", "not reviewed"), "metrics": rows, "human": dict(inputs.human),
        "sources": [dict(s) for s in inputs.sources], "policy_rules": list(inputs.policy_rules),
    }
    as_json = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return Batch(
        rows=METRICS.from_rows(rows), rejects=REJECTS.empty(), units_in=ledger.entered,
        files={"report.html": html.encode(), "report.json": as_json.encode()},
        facts={"metrics": len(rows), "status": content["status"], "records": inputs.filtered.num_rows},
    )


def _html(inputs: ReportInputs, pages: list[PageSection]) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.tests["metric"] = _is_metric
    # Figures are drawn by figures.py, which escapes their labels.
    environment.filters["svg"] = Markup
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(dataset=inputs.dataset, profile=inputs.profile, sections=pages)


def _is_metric(value: Any) -> bool:
    return isinstance(value, Metric)
