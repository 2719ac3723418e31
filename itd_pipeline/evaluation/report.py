"""The evaluation report: one page, the same numbers as JSON, the same numbers as a table.

Belongs here: putting sections together. Does not belong here: what a section says or how HTML looks. Of the
text of rows only what `examples` hands in enters the report, and the words that label a map; nothing in it depends on
the clock: equal inputs give equal bytes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Ledger, Metric, PageSection
from itd_pipeline.evaluation.sections.changes import changes
from itd_pipeline.evaluation.sections.cost import cost, sources
from itd_pipeline.evaluation.sections.coverage import coverage
from itd_pipeline.evaluation.sections.diversity import diversity
from itd_pipeline.evaluation.sections.drift import drift
from itd_pipeline.evaluation.sections.examples import examples
from itd_pipeline.evaluation.sections.funnel import funnel, rejections
from itd_pipeline.evaluation.sections.glance import glance
from itd_pipeline.evaluation.sections.groundedness import groundedness, privacy
from itd_pipeline.evaluation.sections.human import human
from itd_pipeline.evaluation.sections.judge import judge
from itd_pipeline.evaluation.sections.lengths import lengths
from itd_pipeline.evaluation.sections.limits import limits
from itd_pipeline.evaluation.sections.mentions import mentions
from itd_pipeline.evaluation.sections.overlap import contamination, duplicates
from itd_pipeline.evaluation.sections.readability import readability
from itd_pipeline.ports import Batch
from itd_pipeline.tables.rejects import REJECTS
from itd_pipeline.tables.review import METRICS

if TYPE_CHECKING:
    from jinja2 import Environment

SECTIONS = (glance, funnel, rejections, examples, coverage, mentions, diversity, duplicates, groundedness, readability,
            judge, lengths, drift, contamination, privacy, human, cost, limits, sources, changes)
"""Each takes the inputs and the ledger. In the order of the page, but for the last, which compares the numbers of the
others and stands second on it."""


def build_report(inputs: ReportInputs) -> Batch:
    """Measure, and write the page.

    Returns:
        Batch of `evaluation_report` rows, with the files `report.html` and `report.json`. `units_in` is the number
        of metrics entered; nothing is turned away.
    """
    ledger = Ledger()
    pages = [section(inputs, ledger) for section in SECTIONS]
    pages.insert(1, pages.pop())
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


def with_run(html: bytes, section: PageSection | None) -> bytes:
    """The page with the section on the run that made it; None takes it away, and gives back what was built."""
    link, body = "", ""
    if section is not None:
        link = f'<a href="#{section.id}">{section.title}</a>'
        body = str(_environment().get_template("section.html.j2").module.section_of(section))  # type: ignore[attr-defined]
    for mark, text in (("run-link", link), ("run", body)):
        start, end = f"<!-- {mark} -->".encode(), f"<!-- /{mark} -->".encode()
        before, _, rest = html.partition(start)
        html = before + start + text.encode() + end + rest.partition(end)[2]
    return html


def _html(inputs: ReportInputs, pages: list[PageSection]) -> str:
    from markupsafe import Markup

    return _environment().get_template("report.html.j2").render(
        dataset=inputs.dataset, profile=inputs.profile, sections=pages, run=Markup("<!-- run --><!-- /run -->"),
        run_link=Markup("<!-- run-link --><!-- /run-link -->"), data_version=inputs.data_version,
        code_version=inputs.code_version)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                              loader=FileSystemLoader(Path(__file__).parent))
    environment.tests["metric"] = _is_metric
    environment.filters["code"] = lambda words: Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(words))))
    # Figures are drawn by figures.py, which escapes their labels.
    environment.filters["svg"] = Markup
    return environment


def _is_metric(value: Any) -> bool:
    return isinstance(value, Metric)
