"""Which records experts judge, the spreadsheet they judge in, and the ratings that come back.

Belongs here: sampling, the rubric, the workbook and its reader. Does not belong here: what the ratings add up to
(`evaluation/`) or where the files lie (`storage/`).
"""

from __future__ import annotations

from itd_pipeline.review.returned import THIRD_OPINIONS, read_returned
from itd_pipeline.review.rubric import Rubric, load_rubric
from itd_pipeline.review.sampling import draw_sample
from itd_pipeline.review.workbook import write_workbook

__all__ = ["THIRD_OPINIONS", "Rubric", "draw_sample", "load_rubric", "read_returned", "write_workbook"]
