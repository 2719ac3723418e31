"""What human and automatic measurements add up to, and the page that says so.

Belongs here: agreement, defect bounds, the report. Does not belong here: how records are measured (`signals/`),
chosen (`policy/`) or judged (`review/`).
"""

from __future__ import annotations

from itd_pipeline.evaluation.adjudication import adjudicate
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.ratings import evaluate_ratings
from itd_pipeline.evaluation.report import build_report

__all__ = ["ReportInputs", "adjudicate", "build_report", "evaluate_ratings"]
