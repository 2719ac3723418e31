import numpy as np
import pytest

from itd_pipeline import settings
from itd_pipeline.signals import measure
from itd_pipeline.signals.egress import SourceUse
from itd_pipeline.signals.strength import complexity, quality
from itd_pipeline.tables.records import CANDIDATES


class Letters:
    """Vectors of how often a and b occur."""

    name = "letters@1"
    local, hosts = True, ()

    def embed(self, texts):
        counts = np.array([[text.count("a"), text.count("b"), 0.1] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def run(records, passages, embedder=None, **parameters):
    return measure(CANDIDATES.from_rows(records), passages, settings.Signals(**parameters),
                   embedder=embedder).rows.to_pylist()


@pytest.fixture
def nothing():
    import pyarrow as pa

    return pa.table({"passage_id": pa.array([], pa.string()), "text": pa.array([], pa.string())})


def test_a_record_is_told_its_nearest_better_record_of_the_same_field(make, nothing):
    rows = run([make("z", "aaaa", "aa", route="manual"), make("y", "aaa", "aab"), make("x", "bbb", "bb"),
                make("w", "aaaa", "aa", specialty="cardiology")], nothing, Letters())
    assert [row["semantic_nearest"] for row in rows] == [None, "z", "z", None]
    assert rows[0]["semantic_cosine"] == rows[3]["semantic_cosine"] == 0
    assert 0.95 < rows[1]["semantic_cosine"] < 1
    assert rows[2]["semantic_cosine"] < 0.5


def test_without_an_embedder_nothing_is_told(make, nothing):
    row = run([make("a", "aaaa", "aa")], nothing)[0]
    assert (row["semantic_cosine"], row["semantic_nearest"]) == (None, None)


def test_the_strong_order_is_as_long_as_asked_and_spreads(make, nothing):
    long = "Explain why step 2 differs if the patient is 5 years old, and compare both plans"
    rows = run([make("a", long, "one two three."), make("b", long, "one two three."),
                make("c", "Say whether gout hurts at night", "It does, at night."),
                make("d", long, "I'm sorry, but I cannot provide that.")], nothing, strong_size=2)
    assert [row["strong_rank"] for row in rows] == [1, None, 2, None]  # b is a's twin, d refuses


def test_complexity_grows_with_length_and_demands():
    plain = complexity("Say it", 2, 2, 10)
    conditional = complexity("Say it if you can", 5, 5, 10)
    assert 0 < plain < conditional < complexity("Say it if you can, and why", 7, 7, 100) < 1
    assert complexity("if " * 900, 900, 900, 900) == 1


def test_quality_is_covered_and_unrepeated_share():
    assert quality(0.8, 0.25, spoiled=False) == pytest.approx(0.6)
    assert quality(None, 0.0, spoiled=False) == 0.5
    assert quality(1.0, 0.0, spoiled=True) == 0


class Elsewhere(Letters):
    local, hosts = False, ("api.example",)

    def __init__(self):
        self.seen = []

    def embed(self, texts):
        self.seen += texts
        return super().embed(texts)


def test_a_model_of_embeddings_sees_what_the_source_allows_and_no_patient_data(make, nothing):
    uses = {"open": SourceUse("any"), "here": SourceUse("local_only"), "no": SourceUse("none"),
            "there": SourceUse("any", ("api.example",)), "other": SourceUse("any", ("api.other",))}
    records = [make(f"r{name}", f"aaaa {name}", "ab", source=name) for name in uses]
    records.append(make("rp", "aaaa patient", "ab", source="open", patient_data=True))
    away, near = Elsewhere(), Letters()
    rows = measure(CANDIDATES.from_rows(records), nothing, settings.Signals(strong_size=0), embedder=away,
                   uses=uses).rows.to_pylist()
    assert sorted({text.split()[1] for text in away.seen}) == ["open", "there"]
    assert [row["semantic_cosine"] is None for row in rows] == [False, True, True, False, True, True]
    rows = measure(CANDIDATES.from_rows(records), nothing, settings.Signals(strong_size=0), embedder=near,
                   uses=uses).rows.to_pylist()
    assert [row["semantic_cosine"] is None for row in rows] == [False, False, True, False, False, False]
