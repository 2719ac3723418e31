import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itd_pipeline.similarity import kept
from itd_pipeline.similarity.clusters import near_duplicates
from itd_pipeline.similarity.continued import Known, continued_clusters
from itd_pipeline.similarity.kept import heads_of, pairs_with
from itd_pipeline_tests.unit.similarity.test_clusters import documents, shingle_set


def array(texts):
    return pa.array(texts, pa.string())


def found_pairs(new, known, threshold):
    def texts_of(texts):
        return lambda rows: array([texts[i] for i in rows.tolist()])

    parts = list(pairs_with(heads_of(array(new), threshold), texts_of(new), heads_of(array(known), threshold),
                            texts_of(known), threshold))
    return sorted((int(a), int(b), float(j)) for part in parts
                  for a, b, j in zip(part.left, part.right, part.jaccard, strict=True))


def true_pairs(new, known, threshold):
    sets = [shingle_set(text) for text in new], [shingle_set(text) for text in known]
    return [(a, b, len(x & y) / len(x | y)) for a, x in enumerate(sets[0]) for b, y in enumerate(sets[1])
            if x and y and len(x & y) / len(x | y) >= threshold]


texts = st.lists(st.text(alphabet="ab ", max_size=40), max_size=9)


@settings(deadline=None)  # the first call imports libraries
@given(texts, texts, st.sampled_from([0.4, 0.8, 1.0]))
def test_pairs_of_new_and_known_texts_are_all_true_pairs(new, known, threshold):
    assert found_pairs(new, known, threshold) == true_pairs(new, known, threshold)


@pytest.mark.parametrize("block", [3, 1_000_000])
def test_long_lists_of_pairs_are_cut_without_loss(monkeypatch, block):
    monkeypatch.setattr(kept, "_BLOCK_PAIRS", block)
    monkeypatch.setattr(kept, "_TOGETHER", 7)
    everything = documents(120, seed=5)
    assert found_pairs(everything[:40], everything[40:], 0.6) == true_pairs(everything[:40], everything[40:], 0.6)


def test_a_head_depends_on_its_own_text_alone():
    everything = documents(30, seed=1)
    together, alone = heads_of(array(everything), 0.8), [heads_of(array([text]), 0.8) for text in everything]
    assert together.hashes.tolist() == [h for one in alone for h in one.hashes.tolist()]
    assert together.sizes.tolist() == [int(one.sizes[0]) for one in alone]
    assert together.take(np.array([7, 2])).hashes.tolist() == [*alone[7].hashes, *alone[2].hashes]


def whole(records, threshold):
    ids = list(records)
    return near_duplicates([lambda: array(list(records.values()))], ids, ranks(ids), threshold)


def ranks(ids):
    """An order that changes as records come and go."""
    return [sorted(ids, key=lambda i: (len(ids) + int(i)) * 7 % 31).index(i) for i in ids]


def one_step(before, old, records, threshold):
    """Clusters of `records`, known what was found among those of `before`."""
    ids, rows = list(records), list(before)
    same = [i in before and before[i] == records[i] for i in ids]
    at = [rows.index(i) if kept_ else None for i, kept_ in zip(ids, same, strict=True)]
    gone = set(range(len(rows))) - set(at)
    known = Known(np.array(same, bool), [None if a is None else old.cluster[a] for a in at],
                  [None if a is None else old.jaccard[a] for a in at],
                  frozenset(old.cluster[a] for a in gone if old.cluster[a] is not None))
    return continued_clusters(lambda rows: array([records[ids[r]] for r in rows.tolist()]),
                              heads_of(array(list(records.values())), threshold), known, ids, ranks(ids), threshold)


@pytest.mark.parametrize("threshold", [0.5, 0.8])
@pytest.mark.parametrize("seed", range(6))
def test_steps_in_any_order_end_where_one_comparison_of_all_does(threshold, seed):
    rng = random.Random(seed)
    pool = documents(90, seed=seed)
    records = {f"{i:04}": text for i, text in enumerate(pool[:30])}
    found = whole(records, threshold)
    for step in range(5):
        now = dict(records)
        for gone in rng.sample(list(now), 4):
            del now[gone]
        for changed in rng.sample(list(now), 2):
            now[changed] = rng.choice(pool)
        now |= {f"{30 + 8 * step + i:04}": rng.choice(pool) for i in range(8)}
        now = dict(rng.sample(list(now.items()), len(now)))
        found, records = one_step(records, found, now, threshold), now
        assert found == whole(records, threshold)
    assert threshold > 0.5 or any(cluster is not None for cluster in found.cluster)


def test_a_chain_falls_apart_when_its_middle_goes():
    words = [f"w{i}" for i in range(60)]
    left, middle, right = (" ".join(words[i:i + 50]) for i in (0, 4, 8))
    before = {"1": left, "2": middle, "3": right}
    found = whole(before, 0.8)
    assert found.cluster == ["1", "1", "1"]
    assert one_step(before, found, {"1": left, "3": right}, 0.8).cluster == [None, None]


def test_nothing_is_compared_with_nothing():
    assert found_pairs([], ["a b c d e f"], 0.8) == found_pairs(["a b c d e f"], [], 0.8) == found_pairs([""], [""],
                                                                                                        0.8) == []
