"""Everything that reading patients' notes needs: lists of words, names and towns, compiled rules, prefilters.

Loading takes two seconds; without this every worker of every source pays it anew, and each holds a copy of its own.
"""

from __future__ import annotations

import gc

from itd_pipeline.settings import Cleaning
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.text.identifiers.eponymous_phrases import definitions
from itd_pipeline.text.identifiers.finder import make_all
from itd_pipeline.text.identifiers.presidio import find_in_rest
from itd_pipeline.text.preparing import Preparer, Recipe

_HEAD = """Patient Name: John Smith
MRN: 12345678
Dear Dr Smith, I saw Mrs Anne Baker of 12 High Street, Springfield, on 12 March 2019 with Parkinson's disease.
"""
_BARE_NUMBER = "88 12 33 45"  # what our rules leave to Presidio, whose package takes a second to load
_NOTES, _SENTENCES = 150, 24  # together more than the text from which on the prefilters are worth their making


def _load() -> None:
    prose = definitions()[: _NOTES * _SENTENCES]
    rows = []
    for number in range(_NOTES):
        row = dict.fromkeys(DOCUMENTS.schema.names)
        text = _HEAD + " ".join(prose[number * _SENTENCES : (number + 1) * _SENTENCES])
        row.update(document_id=f"d{number}", source="warm", external_id="", group_id=f"p{number}", title="", text=text,
                   specialty="unspecified", audience="unspecified", licence="CC0-1.0", origin="", patient_data=True,
                   attributes="{}", sections=[], identifiers=[])
        rows.append(row)
    Preparer(Recipe("warm", Cleaning())).prepare(rows[:1])
    make_all()
    find_in_rest(_BARE_NUMBER, ())
    Preparer(Recipe("warm", Cleaning())).prepare(rows)


_load()
gc.collect()
gc.freeze()  # what is shared stays shared: the collector does not write into it
