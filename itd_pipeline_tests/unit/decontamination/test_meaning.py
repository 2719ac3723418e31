"""The nearest part of a text by vectors of its sentences: order, length and threshold."""

import numpy as np
import pytest

from itd_pipeline.decontamination.meaning import Sentences, nearest_parts

A, B, C = np.eye(3, dtype=np.float32)


def rows(*listed, words=10.0):
    """Rows of sentences, each a vector; each sentence has so many words."""
    vectors = np.array([vector for row in listed for vector in row], np.float32).reshape(-1, 3)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in listed])]).astype(np.int64)
    return Sentences(vectors, np.full(len(vectors), words), offsets)


def found(texts, parts, least=0.85):
    told = nearest_parts(texts, parts, least)
    return list(zip(told.rows.tolist(), told.parts.tolist(), told.first.tolist(), told.last.tolist(), strict=True))


def test_sentences_in_another_order_mean_the_same():
    assert found(rows([B, A]), rows([A, B])) == [(0, 0, 0, 2)]


def test_a_part_is_found_in_the_middle_of_a_text():
    assert found(rows([C, C, A, B, C]), rows([A, B])) == [(0, 0, 2, 4)]
    assert found(rows([C, C, C]), rows([A, B])) == []


def test_every_row_has_its_own_nearest_part():
    assert found(rows([A], [], [B], [C]), rows([B], [A])) == [(0, 1, 0, 1), (2, 0, 0, 1)]


def test_a_cosine_at_the_threshold_counts_and_one_below_does_not():
    near = np.array([0.85, np.sqrt(1 - 0.85 ** 2), 0], np.float32)
    assert found(rows([near]), rows([A])) == [(0, 0, 0, 1)]
    below = np.array([0.849, np.sqrt(1 - 0.849 ** 2), 0], np.float32)
    assert found(rows([below]), rows([A])) == []


def test_a_window_is_compared_with_parts_of_a_quarter_to_four_times_its_words():
    assert found(rows([A], words=8.0), rows([A], words=32.0)) == [(0, 0, 0, 1)]
    assert found(rows([A], words=8.0), rows([A], words=33.0)) == []
    assert found(rows([A], words=32.0), rows([A], words=8.0)) == [(0, 0, 0, 1)]
    assert found(rows([A], words=33.0), rows([A], words=8.0)) == []


def test_parts_of_fewer_than_eight_words_are_near_to_everything_and_left_out():
    assert found(rows([A], words=8.0), rows([A], words=7.0)) == []


def test_a_sentence_without_weight_takes_no_part():
    parts = Sentences(np.array([A, C]), np.array([10.0, 0.0]), np.array([0, 2]))
    assert found(rows([A]), parts) == [(0, 0, 0, 1)]


@pytest.mark.parametrize("count", [1, 3, 5, 9, 17, 40])
def test_windows_reach_the_end_of_a_text_of_any_length(count):
    told = nearest_parts(rows([C] * (count - 1) + [A]), rows([A]))
    assert (told.first.tolist(), told.last.tolist()) == ([count - 1], [count])


def test_nothing_and_no_parts():
    nothing = Sentences(np.zeros((0, 3), np.float32), np.zeros(0), np.zeros(1, np.int64))
    assert found(nothing, rows([A])) == []
    assert found(rows([A]), nothing) == []
