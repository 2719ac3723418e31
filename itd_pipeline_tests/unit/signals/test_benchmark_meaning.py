"""Items told in other words are found by an embedding model, in every field, and only where it may look."""

import numpy as np
import pyarrow as pa
import pytest

from itd_pipeline import settings
from itd_pipeline.signals import BenchmarkItem, measure
from itd_pipeline.signals.earlier import Earlier
from itd_pipeline.signals.egress import SourceUse
from itd_pipeline.tables.records import CANDIDATES
from itd_pipeline.tables.signals import MATCHES

ASKED = BenchmarkItem("exam", "7", "A fisherman of middle age has a swollen knee. Which crystals do you expect in it?")
TOLD = "The joint of an angler is thick since last week. What kind of salt is in the fluid?"
PASSAGES = pa.table({"passage_id": pa.array([], pa.string()), "text": pa.array([], pa.string())})


class Subjects:
    """A model that knows two subjects, knees and salts, and what it was shown."""

    name, local, hosts = "subjects@1", True, ()

    def __init__(self):
        self.seen = []

    def embed(self, texts):
        self.seen += texts
        counts = np.array([[any(word in text for word in ("knee", "joint")), any(
            word in text for word in ("crystals", "salt")), 0.05] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


class Elsewhere(Subjects):
    local, hosts = False, ("api.example",)


def run(records, embedder, items=(ASKED,), earlier=None, uses=None):
    return measure(CANDIDATES.from_rows(records), PASSAGES, settings.Signals(), items, benchmark_embedder=embedder,
                   earlier=earlier, uses=uses)


@pytest.mark.parametrize("field", ["instruction", "input", "output", "rationale"])
def test_an_item_told_in_other_words_is_found_in_every_field(make, field):
    fields = {"instruction": "Say it", "output": "x", field: f"Some weather today. {TOLD}"}
    batch = run([make("a", fields.pop("instruction"), fields.pop("output"), **fields)], Subjects())
    row = batch.rows.to_pylist()[0]
    match = row["contamination_matches"][0]
    assert (match["kind"], match["item"], match["field"], match["part"]) == ("meaning", "7", field, "prompt")
    assert f"Some weather today. {TOLD}"[match["start"]:match["end"]] == TOLD
    assert row["contamination_cosine"] == match["share"] == pytest.approx(1, abs=0.01)
    assert row["contamination_item"] == "exam:7"
    assert [one["kind"] for one in batch.sides[MATCHES.name].to_pylist()] == ["meaning"]


def test_what_is_about_something_else_is_nought_and_without_a_model_nothing_is_told(make):
    record = make("a", "Say it", "The weather is fine today, they say.")
    assert run([record], Subjects()).rows.to_pylist()[0]["contamination_cosine"] == 0
    assert run([record], None).rows.to_pylist()[0]["contamination_cosine"] is None
    assert run([record], Subjects(), items=()).rows.to_pylist()[0]["contamination_cosine"] is None


def test_a_model_elsewhere_sees_no_patient_data_and_no_source_that_forbids_it(make):
    away = Elsewhere()
    records = [make("a", "Say it", f"Open. {TOLD}", source="open"),
               make("b", "Say it", f"Secret. {TOLD}", source="open", patient_data=True),
               make("c", "Say it", f"Closed. {TOLD}", source="closed")]
    rows = run(records, away, uses={"closed": SourceUse("none")}).rows.to_pylist()
    assert [row["contamination_cosine"] is None for row in rows] == [False, True, True]
    assert "Open." in away.seen
    assert not {"Secret.", "Closed."} & set(away.seen)


def test_only_new_candidates_are_embedded(make):
    records = [make("a", "Say it", f"First. {TOLD}"), make("b", "Say it", "Second. Nothing of it.")]
    before = run(records, Subjects())
    again = Subjects()
    after = run([*records, make("c", "Say it", f"Third. {TOLD}")], again, earlier=Earlier.of(before))
    assert "Third." in again.seen
    assert not {"First.", "Second."} & set(again.seen)
    assert after.rows.column("contamination_cosine").to_pylist()[:2] == \
        before.rows.column("contamination_cosine").to_pylist()


def test_a_word_for_word_leak_stays_the_gravest_match(make):
    row = run([make("a", ASKED.prompt, "x")], Subjects()).rows.to_pylist()[0]
    assert [match["kind"] for match in row["contamination_matches"]] == ["exact", "meaning"]
