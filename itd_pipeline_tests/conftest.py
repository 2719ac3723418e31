"""What all tests share: no real model without being asked, no network, the project's own files, a small project."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
os.environ["GX_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"



def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, so that a mistake shows early."""
    rooms = ["unit", "defs", "integration"]
    marks = ("model", "slow", "full")
    items.sort(key=lambda item: (
        sum(item.get_closest_marker(mark) is not None for mark in marks),
        next((n for n, room in enumerate(rooms) if room in item.path.parts), 0),
    ))


SMALL = """
profile: small
dataset: {name: small, title: Small, description: Built by a test.}
sources:
  leaflets: {reader: markdown, path: documents/leaflets, licence: CC0-1.0, model_use: any, routes: [synthetic, hybrid]}
  pairs: {reader: csv, path: documents/pairs.csv, licence: CC0-1.0, routes: [converted],
          columns: {text: answer, question: question, title: topic, group: topic}}
  notes: {reader: text, path: documents/notes, licence: CC0-1.0, patient_data: true, routes: [synthetic]}
seeds: {paths: [seeds]}
model: {name: fake/scripted, options: {journal: journal.txt}}
expansion: {synthetic_per_source: 4, hybrid_per_source: 4, recipes: {use: [grounded_question, patient_question]}}
review: {sample_size: 6, rubric: rubric.yaml, returned: returned}
policy: policy.yaml
"""

LEAFLET = """---
id: leaflet-{n}
title: {title}
specialty: {specialty}
---
## What it is
{title} is a common condition that general practices see every week in people of all ages. Most people feel better
within {n} weeks when they rest, drink enough and take the treatment as agreed. Some people need tests to be sure.

## When to seek help
Call for emergency help if you have chest pain, trouble breathing, or feel faint. Speak to your own practice the same
day if you have a temperature above 38.5 for more than {n} days, or if the symptoms of {title} get worse again.
"""

PAIRS = """topic,question,answer
asthma,What is asthma?,Asthma is a long-term condition in which the airways become narrow and inflamed.
asthma,What sets off asthma?,"Cold air, exercise, pollen, smoke and viral infections can set off symptoms of asthma."
gout,What is gout?,Gout is a painful arthritis that is caused by crystals of urate in the joints.
gout,Who treats gout?,
anaemia,What is anaemia?,Anaemia means that the blood carries less oxygen than the body needs.
"""

NOTE = """Patient: Mr Daniel Example
DOB: 03/02/1950
MRN: 55512{n}

History: Mr Example has had Parkinson's disease since 2015. He was seen on 12 March 2024 because of falls, and his
daughter reports that he forgets his tablets about twice a week. Blood pressure was 128/76 mmHg lying and 104/62
mmHg standing. Plan: review of the dose in {n} weeks, physiotherapy, and a dosette box from the pharmacy.
"""


def small_project(folder: Path, changes: dict[str, str] | None = None) -> Path:
    """A project with three sources, seeds, a policy and a model that is scripted. Returns the profile's path."""
    for n, (title, specialty) in enumerate([("Bronchitis", "respiratory_medicine"), ("Migraine", "neurology"),
                                            ("Tonsillitis", "general_practice")], start=2):
        path = folder / "documents" / "leaflets" / f"{title.lower()}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(LEAFLET.format(n=n, title=title, specialty=specialty), encoding="utf-8")
    (folder / "documents" / "pairs.csv").write_text(PAIRS, encoding="utf-8")
    (folder / "documents" / "notes").mkdir()
    for n in (3, 4):
        (folder / "documents" / "notes" / f"note-{n}.txt").write_text(NOTE.format(n=n), encoding="utf-8")
    shutil.copytree(ROOT / "data" / "seeds", folder / "seeds", ignore=lambda _, names: sorted(names)[3:])
    shutil.copy(ROOT / "data" / "rubric.yaml", folder / "rubric.yaml")
    shutil.copy(ROOT / "conf" / "policy.yaml", folder / "policy.yaml")
    text = SMALL
    for old, new in (changes or {}).items():
        assert old in text, f"the small profile holds no {old!r}"
        text = text.replace(old, new)
    text = text.replace("journal: journal.txt", f"journal: {folder / 'journal.txt'}")
    shutil.copy(ROOT / "dagster.yaml", folder / "dagster.yaml")
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    return folder / "small.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a small project, and the folder that the test stands in."""
    small_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(project: Path) -> Settings:
    """Settings of the small project."""
    return load_settings(project / "small.yaml")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be connected to."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            pytest.fail(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
