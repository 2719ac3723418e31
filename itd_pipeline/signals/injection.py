"""Injection: text in the record, or in the passages behind it, that tries to command a model.

Belongs here: the signal's columns. Does not belong here: the rules (`text.injection`). What stands in a source and what
stands in a record are told apart: the one is a source to look at, the other must not be learnt.
"""

from __future__ import annotations

from itd_pipeline.signals.signal import Columns, Records, Signal
from itd_pipeline.text.injection.finding import injection_rules

FIELDS = ("instruction", "input", "output", "rationale")
COLUMNS = ("injection_rules", "injection_count", "source_injection_rules", "source_injection_count")


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""
    own = [injection_rules(texts) for texts in zip(*(records.column(name) for name in FIELDS), strict=True)]
    passages = {passage: injection_rules([text]) for passage, text in records.evidence.items()}
    sources = [[rule for passage in named for rule in passages[passage]] for named in records.named]
    return {"injection_rules": [sorted(set(rules)) for rules in own],
            "injection_count": [len(rules) for rules in own],
            "source_injection_rules": [sorted(set(rules)) for rules in sources],
            "source_injection_count": [len(rules) for rules in sources]}


SIGNAL = Signal(name="injection", version=1, columns=COLUMNS, compute=measured, libraries=("google-re2",))
