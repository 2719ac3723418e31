"""Measuring de-identification against gold: texts in which people have marked every identifier.

The way in is `read_gold` and `evaluate`. Belongs here: gold formats, counting, intervals, the verdict that a profile
can demand. Does not belong here: finding identifiers (`text`).
"""

from itd_pipeline.deid_evaluation.counting import Count, Evaluation, Missed, evaluate, wilson
from itd_pipeline.deid_evaluation.gold import GoldSpan, GoldText, read_gold
from itd_pipeline.deid_evaluation.labels import class_of
from itd_pipeline.deid_evaluation.verdict import shortfalls, verdict_of

__all__ = ["Count", "Evaluation", "GoldSpan", "GoldText", "Missed", "class_of", "evaluate", "read_gold", "shortfalls",
           "verdict_of", "wilson"]
