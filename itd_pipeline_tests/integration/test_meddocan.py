"""De-identification of Spanish notes against MEDDOCAN, where it is here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from itd_pipeline.deid_evaluation import evaluate
from itd_pipeline.deid_evaluation.gold import read_gold
from itd_pipeline.text import deidentify

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ITD_SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.mark.slow
@pytest.mark.parametrize("part", ["", "/test/"])
def test_recall(part: str) -> None:
    archive = SHARED / "meddocan_es" / "meddocan_es.tar.gz"
    if not archive.is_file():
        pytest.skip("MEDDOCAN is not here; ITD_SHARED_DATA names the folder of public data")
    texts = [gold for gold in read_gold(archive) if part in gold.text_id]
    measured = evaluate(texts, lambda text: deidentify(text, language="es").findings, {})
    assert measured.overall.share is not None
    assert measured.overall.share >= 0.95
    right = sum(count.hits for count in measured.precision.values())
    assert right / sum(count.cases for count in measured.precision.values()) >= 0.85
