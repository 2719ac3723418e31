import random
import string

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.signals.near_duplicates import text_blocks
from itd_pipeline.signals.tokens import Vocabulary, joined, ngrams, tokenise
from itd_pipeline.similarity.clusters import near_duplicates
from itd_pipeline.similarity.join import similar_pairs
from itd_pipeline.text.words import shingles, words


def clusters(texts, threshold=0.8, ranks=None):
    ids = [f"r{i:03}" for i in range(len(texts))]
    blocks = text_blocks(pa.table({"text": pa.array(texts, pa.string())}), ["text"], block_rows=7)
    return near_duplicates(blocks, ids, ranks or range(1, len(texts) + 1), threshold)


def all_pairs(hashes, rows, count, threshold):
    found = {}
    for pairs in similar_pairs(hashes, rows, count, threshold):
        for a, b, similarity in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(), strict=True):
            assert a < b
            assert (a, b) not in found
            found[a, b] = similarity
    return found


def jaccard(a, b):
    left, right = shingles(words(a), 5), shingles(words(b), 5)
    return len(left & right) / len(left | right) if left | right else 0.0


def numbered(start, end):
    return " ".join(f"w{i}" for i in range(start, end))


def test_similarity_at_the_threshold_is_a_twin_and_below_is_not():
    # 4 words more than shingles: 9 common of 11 are 0.818..., 8 common of 11 are 0.727...
    base, near, far = numbered(0, 14), numbered(1, 15), numbered(2, 15)
    assert jaccard(base, near) == pytest.approx(9 / 11)
    assert jaccard(base, far) == pytest.approx(8 / 11)
    assert clusters([base, near]).duplicate_of == [None, "r000"]
    assert clusters([base, near]).jaccard == [pytest.approx(9 / 11)] * 2
    assert clusters([base, far]).duplicate_of == [None, None]
    assert clusters([base, near], threshold=9 / 11).duplicate_of == [None, "r000"]


def test_records_of_fewer_than_five_words_are_one_shingle():
    found = clusters(["heart attack", "Heart attack!", "heart failure", "???", "..."])
    assert found.duplicate_of == [None, "r000", None, None, None]
    assert found.cluster == ["r000", "r000", None, None, None]


def test_a_chain_of_twins_is_one_cluster_with_one_survivor():
    found = clusters([numbered(i, i + 14) for i in range(4)], ranks=[4, 2, 1, 3])
    assert jaccard(numbered(0, 14), numbered(3, 17)) < 0.8
    assert found.cluster == ["r000"] * 4
    assert found.duplicate_of == ["r002", "r002", None, "r002"]


def test_fifty_twins_keep_exactly_one():
    texts = [numbered(0, 100) + f" x{i}" for i in range(50)]
    assert clusters(texts).duplicate_of.count(None) == 1


def test_a_thousand_copies_are_compared_once():
    found = clusters([numbered(0, 40)] * 1000)
    assert found.duplicate_of.count(None) == 1
    assert set(found.jaccard) == {1.0}


@given(st.lists(st.text(alphabet="abc ", min_size=0, max_size=60), max_size=14), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_the_join_finds_exactly_the_pairs_that_comparing_all_finds(texts, threshold):
    vocabulary = Vocabulary()
    tokens = tokenise(texts, vocabulary)
    hashes, rows, _ = ngrams(tokens, vocabulary.hashes(), 2)
    found = all_pairs(hashes, rows, len(texts), threshold)
    expected = {}
    for a in range(len(texts)):
        for b in range(a + 1, len(texts)):
            left = set(zip(words(texts[a]), words(texts[a])[1:], strict=False))
            right = set(zip(words(texts[b]), words(texts[b])[1:], strict=False))
            if left and right and len(left & right) / len(left | right) >= threshold:
                expected[a, b] = len(left & right) / len(left | right)
    assert found == pytest.approx(expected)


def test_planted_pairs_are_all_found_and_nothing_else():
    rng = random.Random(5)
    vocabulary = ["".join(rng.choices(string.ascii_lowercase, k=6)) for _ in range(3000)]
    boilerplate = " ".join(rng.choices(vocabulary, k=60))
    texts = [boilerplate + " " + " ".join(rng.choices(vocabulary, k=rng.randint(60, 200))) for _ in range(300)]
    for base in texts[:150]:
        edited = base.split()
        for _ in range(rng.randint(1, 6)):
            edited[rng.randrange(len(edited))] = rng.choice(vocabulary)
        texts.append(" ".join(edited))
    sets = [shingles(words(text), 5) for text in texts]
    expected = {(a, b) for a in range(len(texts)) for b in range(a + 1, len(texts))
                if len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= 0.8}
    tokens_vocabulary = Vocabulary()
    tokens = tokenise(texts, tokens_vocabulary)
    hashes, rows, _ = ngrams(tokens, tokens_vocabulary.hashes(), 5)
    found = all_pairs(hashes, rows, len(texts), 0.8)
    assert len(expected) > 80
    assert set(found) == expected


def test_joined_rows_follow_one_another_and_marks_stop_n_grams():
    vocabulary = Vocabulary()
    parts = [tokenise(["a b", "c"], vocabulary), tokenise([None, "d e"], vocabulary)]
    names = dict(enumerate(["|", *vocabulary]))
    assert [[names[n] for n in joined(parts).row(i).tolist()] for i in range(2)] == [["a", "b"], ["c", "d", "e"]]
    marked = joined(parts, mark=True)
    assert [names[n] for n in marked.row(1).tolist()] == ["c", "|", "d", "e", "|"]
    assert len(ngrams(joined(parts), vocabulary.hashes(), 2)[0]) == 3
    _, rows, positions = ngrams(marked, vocabulary.hashes(), 2)
    assert rows.tolist() == [0, 1]
    assert [names[n] for n in marked.ids[positions].tolist()] == ["a", "d"]


def test_exact_twins_differ_only_in_case_space_and_unicode_spelling(measured, make):
    rows = measured([
        make("b", "What is  asthma?", "A disease of the airways."),
        make("a", "what is asthma?", "A DISEASE of the airways."),
        make("c", "What is asthma?", "A disease of the airways!"),
        make("d", "What is asthma?", "A disease", input="of the airways."),
    ])
    assert [row["exact_duplicate_of"] for row in rows] == ["a", None, None, None]


def test_the_order_of_quality_is_route_then_coverage_then_id(measured, make):
    text = numbered(0, 30)
    rows = measured([
        make("z-manual", "Say it", text, route="manual"), make("a-synthetic", "Say it", text),
        make("b-hybrid", "Say it", text, route="hybrid"), make("c-template", "Say it", text, route="template"),
        make("d-converted", "Say it", text, route="converted"), make("e-covered", "Say it", text, passage_ids=["p"]),
    ], {"p": text})
    assert [row["quality_rank"] for row in rows] == [1, 6, 4, 3, 2, 5]
    assert [row["near_duplicate_of"] for row in rows] == [None, *["z-manual"] * 5]
    assert {row["near_duplicate_cluster"] for row in rows} == {"a-synthetic"}


def test_the_order_of_rows_decides_nothing(measured, make):
    rng = np.random.default_rng(3)
    records = [make(f"r{i}", f"Explain item {i % 7} of the list in words", numbered(i % 5, 30 + i % 5),
                    route=["synthetic", "hybrid", "manual", "converted"][i % 4]) for i in range(40)]
    first = {row["record_id"]: row for row in measured(records)}
    for _ in range(3):
        shuffled = [records[i] for i in rng.permutation(len(records))]
        rows = measured(shuffled)
        assert [row["record_id"] for row in rows] == [r["record_id"] for r in shuffled]
        assert {row["record_id"]: row for row in rows} == first
