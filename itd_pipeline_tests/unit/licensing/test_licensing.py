from __future__ import annotations

import json

import pyarrow as pa
import pytest

from itd_pipeline.licensing import judge, sift
from itd_pipeline.ports import Batch
from itd_pipeline.settings import Licensing
from itd_pipeline.tables.documents import DOCUMENTS
from itd_pipeline.tables.rejects import REJECTS

ALL = Licensing()


@pytest.mark.parametrize(("licence", "clause"), [
    ("CC-BY-4.0", ""),
    ("CC0-1.0", ""),
    ("cc-by-4.0", ""),
    ("CC BY 4.0", ""),
    ("CC BY-NC 4.0", "commercial_use"),
    ("https://creativecommons.org/licenses/by-nd/4.0/", "derivatives"),
    ("CC-BY-3.0-US", ""),
    ("CC-BY-NC-4.0", "commercial_use"),
    ("CC-BY-ND-4.0", "derivatives"),
    ("CC-BY-NC-ND-4.0", "commercial_use"),
    ("CC-BY-NC-4.0 OR CC-BY-4.0", ""),
    ("CC-BY-NC-4.0 AND CC-BY-4.0", "commercial_use"),
    ("CC0-1.0 AND (MIT OR CC-BY-ND-4.0)", ""),
    ("LicenseRef-US-public-domain", ""),
    ("LicenseRef-nobody-knows", "unknown_licence"),
    ("LicenseRef-unstated: Copyright 2010 Somebody", "unknown_licence"),
    ("open access", "unknown_licence"),
    ("", "unknown_licence"),
    ("   ", "unknown_licence"),
    ("(" * 400, "unknown_licence"),
    ("(" * 100_000, "unknown_licence"),
    ("CC-BY-4.0 AND unheard of", "unknown_licence"),
])
def test_a_commercial_release(licence, clause):
    verdict = judge(licence, ALL)
    assert verdict.clause == clause
    assert verdict.allowed is (clause == "")


def test_what_the_dataset_is_for_decides():
    assert judge("CC-BY-NC-4.0", Licensing(commercial_use=False)).allowed
    assert judge("CC-BY-ND-4.0", Licensing(derivatives=False)).allowed
    assert judge("who knows", Licensing(unknown="allow")).allowed


def test_terms_of_ones_own_and_agreements():
    ours = {"redistribution": True, "commercial_use": False, "derivatives": True, "model_providers": False,
            "data_use_agreement": "hospital-2026"}
    policy = {"commercial_use": False, "custom": {"LicenseRef-ours": ours}}
    assert judge("LicenseRef-ours", Licensing(**policy)).clause == "data_use_agreement"
    signed = {**policy, "agreements": ("hospital-2026",)}
    assert judge("LicenseRef-ours", Licensing(**signed)).allowed
    assert judge("LicenseRef-ours", Licensing(**{**signed, "commercial_use": True})).clause == "commercial_use"
    assert judge("LicenseRef-ours", Licensing(**signed, model_providers=True)).clause == "model_providers"


def test_share_alike_and_attribution_survive():
    verdict = judge("CC-BY-SA-4.0 AND MIT", ALL)
    assert (verdict.share_alike, verdict.attribution) == (True, True)
    assert not judge("CC0-1.0", ALL).attribution


def document(number, licence):
    return {"document_id": f"doc-{number}", "source": "s", "external_id": str(number), "group_id": "g", "title": "",
            "text": "words", "specialty": "unspecified", "audience": "unspecified", "licence": licence, "origin": "o",
            "patient_data": False, "attributes": "{}", "content_hash": "h"}


def test_the_gate_keeps_its_books():
    rows = DOCUMENTS.from_rows([document(1, "CC-BY-4.0"), document(2, "CC-BY-NC-4.0"), document(3, "x y")])
    batch = sift(Batch(rows=rows, rejects=REJECTS.empty(), units_in=3), "s", ALL)
    assert batch.rows.column("document_id").to_pylist() == ["doc-1"]
    assert batch.units_in == 3
    refused = batch.rejects.to_pylist()
    assert [row["reason"] for row in refused] == ["licence_forbids", "licence_forbids"]
    assert refused[0]["detail"].startswith("clause=commercial_use: licence=CC-BY-NC-4.0")
    assert json.loads(refused[0]["row"])["text"] == "words"
    assert isinstance(batch.rows, pa.Table)
