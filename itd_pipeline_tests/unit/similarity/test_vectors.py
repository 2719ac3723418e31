import numpy as np
import pyarrow as pa
import pytest

from itd_pipeline.similarity import vectors as module
from itd_pipeline.similarity.shingles import shingles_of
from itd_pipeline.similarity.vectors import diverse, hashed_vectors, nearest_before


def unit(rows):
    rows = np.array(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_nearest_of_the_earlier_rows_of_the_same_group_is_told():
    best, which = nearest_before(unit([[1, 0], [1, 1], [1, 0], [0, 1]]), np.array([0, 0, 0, 1]))
    assert which.tolist() == [-1, 0, 0, -1]
    assert best.tolist() == pytest.approx([0, 2 ** -0.5, 1, 0])


def test_blocks_do_not_change_the_nearest(monkeypatch):
    rng = np.random.default_rng(1)
    vectors, groups = unit(rng.normal(size=(60, 8))), rng.integers(0, 3, 60)
    whole = nearest_before(vectors, groups)
    monkeypatch.setattr(module, "_BLOCK", 7)
    parts = nearest_before(vectors, groups)
    assert whole[1].tolist() == parts[1].tolist()
    assert whole[0] == pytest.approx(parts[0])
    for i in range(60):
        earlier = [j for j in range(i) if groups[j] == groups[i]]
        cosine = max((float(vectors[i] @ vectors[j]) for j in earlier), default=0)
        assert whole[0][i] == pytest.approx(max(cosine, 0), abs=1e-6)


def test_the_choice_starts_with_the_weightiest_and_leaves_copies_for_the_end():
    vectors = unit([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert diverse(vectors, np.array([0.9, 1.0, 0.5, 0.6]), 4) == [1, 3, 2, 0]
    assert diverse(vectors, np.array([0.9, 1.0, 0.5, 0.6]), 2) == [1, 3]
    assert diverse(vectors, np.zeros(4), 9) == [0, 1, 2, 3]


def test_hashed_vectors_have_length_one_and_see_shared_words():
    found = hashed_vectors(shingles_of(pa.array(["a b c d e", "a b c d f", "v w x y z", ""]), 2))
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1, 1, 0])
    assert found[0] @ found[1] == pytest.approx(0.75, abs=0.3)
    assert found[0] @ found[1] > found[0] @ found[2]
