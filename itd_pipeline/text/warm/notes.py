"""Everything that reading patients' notes needs: lists of words, names and towns, compiled rules, prefilters.

Loading takes a second; without this every worker of every source pays it anew, and each holds a copy of its own.
"""

from __future__ import annotations

import gc

from itd_pipeline.text.deidentify import Deidentifier

_NOTE = """Patient Name: John Smith
MRN: 12345678
Dear Dr Smith, I saw Mrs Anne Baker of 12 High Street, Springfield, on 12 March 2019 with Parkinson's disease.
"""
_CHARACTERS = 100_000  # from here on the prefilters are worth their making


def _load() -> None:
    deidentifier = Deidentifier()
    for number in range(_CHARACTERS // len(_NOTE) + 2):
        deidentifier.learn(f"{_NOTE}{number}", "warm")
        if number < 1:
            deidentifier.replace(f"{_NOTE}{number}", "warm")


_load()
gc.collect()
gc.freeze()  # what is shared stays shared: the collector does not write into it
