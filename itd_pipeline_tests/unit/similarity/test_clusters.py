import gzip
import os
import random
import re
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itd_pipeline.similarity import heads, join
from itd_pipeline.similarity.clusters import connected, near_duplicate_pairs, near_duplicates

_SHARED = Path(os.environ.get("ITD_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
ARTICLES = _SHARED / "minhash_articles"


def blocks(texts, size=50):
    return [partial(pa.array, texts[i:i + size], pa.string()) for i in range(0, len(texts), size)]


def shingle_set(text):
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[i:] for i in range(5)), strict=False)) if len(words) > 5 else {tuple(words)} - {()}


def true_components(texts, threshold):
    """Least row of each row's connected group, by comparing all pairs."""
    sets = [shingle_set(text) for text in texts]
    label = list(range(len(texts)))
    for a in range(len(texts)):
        for b in range(a):
            if sets[a] and sets[b] and len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= threshold:
                old, new = max(label[a], label[b]), min(label[a], label[b])
                label = [new if x == old else x for x in label]
    return label


def found_components(texts, threshold, size=50):
    ids = [f"{i:05}" for i in range(len(texts))]
    found = near_duplicates(blocks(texts, size), ids, range(len(texts)), threshold)
    return [int(c) if c is not None else i for i, c in enumerate(found.cluster)]


@settings(deadline=None)  # the first call imports libraries
@given(st.lists(st.text(alphabet="ab ", max_size=40), max_size=14), st.sampled_from([0.4, 0.8, 1.0]))
def test_clusters_are_the_connected_groups_of_all_true_pairs(texts, threshold):
    assert found_components(texts, threshold, size=3) == true_components(texts, threshold)


def documents(count, seed):
    """Documents of shared sentences, with edited copies and chains of copies, in any order."""
    rng = random.Random(seed)
    vocabulary = [f"w{i}" for i in range(900)]
    sentences = [rng.choices(vocabulary, k=rng.randint(4, 15)) for _ in range(60)]
    texts = []
    while len(texts) < count:
        if texts and rng.random() < 0.5:
            words = rng.choice(texts).split()
            for _ in range(rng.randint(0, 4)):
                words[rng.randrange(len(words))] = rng.choice(vocabulary)
        else:
            words = [word for sentence in rng.choices(sentences, k=rng.randint(1, 8)) for word in sentence]
        texts.append(" ".join(words))
    rng.shuffle(texts)
    return texts


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95])
def test_shared_sentences_and_chains_give_the_true_clusters(threshold):
    texts = documents(250, seed=3)
    truth = true_components(texts, threshold)
    assert len(set(truth)) < len(texts) - 20
    assert found_components(texts, threshold) == truth


def test_taking_rows_one_by_one_finds_the_same(monkeypatch):
    texts = documents(250, seed=5)
    listed = found_components(texts, 0.8)
    monkeypatch.setattr(join, "_MOST_LISTED", 10)
    assert found_components(texts, 0.8) == listed == true_components(texts, 0.8)


@pytest.mark.parametrize("threshold", [0.3, 0.8])
def test_heads_of_many_rows_find_the_same(monkeypatch, threshold):
    texts = documents(300, seed=6)
    monkeypatch.setattr(heads, "_FEW", 0)
    assert found_components(texts, threshold) == true_components(texts, threshold)


def test_a_cluster_of_500_a_chain_a_tie_and_twins_keep_one_each_in_any_order():
    words = [f"w{i}" for i in range(700)]
    cluster = [" ".join([*words[:60], f"x{i}"]) for i in range(500)]
    chain = [" ".join(words[100 + 2 * i:160 + 2 * i]) for i in range(40)]
    twins = ["to take with food in the morning"] * 2
    ids = [f"{kind}{i:03}" for kind, texts in (("a", cluster), ("b", chain), ("c", twins)) for i in range(len(texts))]
    texts = dict(zip(ids, [*cluster, *chain, *twins], strict=True))
    quality = {name: number // 3 for number, name in enumerate(sorted(texts, reverse=True))}  # ties of three
    kept = []
    for seed in range(4):
        order = random.Random(seed).sample(ids, len(ids))
        by_quality = sorted(ids, key=lambda name: (quality[name], name))
        ranks = [by_quality.index(name) for name in order]
        found = near_duplicates(blocks([texts[name] for name in order], 17 + seed), order, ranks, 0.8)
        kept.append({name for name, twin in zip(order, found.duplicate_of, strict=True) if twin is None})
        assert set(found.cluster) == {"a000", "b000", "c000"}
    assert kept == [kept[0]] * 4
    assert len(kept[0]) == 3


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_labels_of_connected_rows_are_their_least_row(count, edges):
    edges = [(a % count, b % count) for a, b in edges]
    label = list(range(count))
    for a, b in edges:
        old, new = max(label[a], label[b]), min(label[a], label[b])
        label = [new if x == old else x for x in label]
    left, right = (np.array([edge[k] for edge in edges], np.int64) for k in (0, 1))
    assert connected(np.arange(count), left, right).tolist() == label


@pytest.mark.skipif(not ARTICLES.is_dir(), reason="minhash_articles is not here; set ITD_SHARED_DATA")
@pytest.mark.parametrize("number", [100, 1000, 2500])
def test_every_plagiarised_article_is_found(number):
    path = ARTICLES / f"articles_{number}.train"
    raw = path.read_text() if path.is_file() else gzip.decompress(Path(f"{path}.gz").read_bytes()).decode()
    articles = dict(line.split(" ", 1) for line in raw.splitlines() if line.strip())
    names = list(articles)
    truth = {frozenset(line.split()) for line in (ARTICLES / f"articles_{number}.truth").read_text().splitlines()}
    found = {frozenset((names[a], names[b]))
             for pairs in near_duplicate_pairs(blocks(list(articles.values()), 400), len(names), 0.8)
             for a, b in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)}
    assert found == truth
