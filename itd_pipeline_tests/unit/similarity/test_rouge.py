import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from itd_pipeline.similarity.rouge import greedy_novelty, numbered_words


def lcs(a, b):
    row = [0] * (len(b) + 1)
    for x in a:
        previous = 0
        for j, y in enumerate(b, start=1):
            previous, row[j] = row[j], previous + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def plain(texts, pool, threshold, floor):
    """All pairs, as Self-Instruct does: (score, nearest, joined) of each row that is not in the pool."""
    known, found = list(pool), []
    for i in range(len(texts)):
        if i in pool:
            continue
        best, nearest = 0.0, -1
        for k in known:
            words = len(texts[i]) + len(texts[k])
            score = 2 * lcs(texts[i], texts[k]) / words if words else 0.0
            if score > best:
                best, nearest = score, k
        joins = best < threshold
        if joins:
            known.append(i)
        found.append((best, nearest, joins) if best >= floor else (0.0, -1, joins))
    return found


def greedy(texts, pool, threshold, floor):
    words, offsets = numbered_words(" ".join(text) for text in texts)
    queue = [i for i in range(len(texts)) if i not in pool]
    result = greedy_novelty(words, offsets, pool, queue, threshold, floor)
    return [(result.score[i], result.nearest[i], result.joined[i]) for i in queue]


words_of_text = st.lists(st.sampled_from([f"w{i}" for i in range(7)]), max_size=12)


@settings(deadline=None)
@given(st.lists(words_of_text, max_size=16), st.integers(0, 3), st.sampled_from([0.5, 0.7, 1.0]),
       st.sampled_from([0.2, 0.5, 0.7]))
def test_the_decisions_are_those_of_comparing_all_pairs(texts, seeds, threshold, floor):
    pool = list(range(min(seeds, len(texts))))
    floor = min(floor, threshold)
    assert greedy(texts, pool, threshold, floor) == plain(texts, pool, threshold, floor)


def sentences(count, seed=4):
    """Instructions of a few forms, a share of them edited copies of earlier ones."""
    rng = random.Random(seed)
    vocabulary = [f"w{int(rng.paretovariate(0.6)) % 4000}" for _ in range(20_000)]
    texts = []
    while len(texts) < count:
        if texts and rng.random() < 0.4:
            text = list(rng.choice(texts))
            for _ in range(rng.randint(0, 5)):
                text[rng.randrange(len(text))] = rng.choice(vocabulary)
        else:
            text = rng.choice([["what", "are", "the", "symptoms", "of"], ["explain"], ["how", "is"]]) + rng.choices(
                vocabulary, k=rng.randint(1, 18))
        texts.append(text)
    return texts


def test_blocks_and_segments_decide_as_all_pairs_do():
    texts = sentences(2500)
    found = greedy(texts, [0, 1, 2], 0.7, 0.6)
    expected = reference(texts, [0, 1, 2], 0.7, 0.6)
    assert found == expected
    assert 300 < sum(joined for _, _, joined in found) < 2300


def test_five_thousand_instructions_decide_as_all_pairs_do():
    texts = sentences(5000, seed=9)
    assert greedy(texts, [], 0.7, 0.7) == reference(texts, [], 0.7, 0.7)


def reference(texts, pool, threshold, floor):
    """As `plain`, with the library's subsequences: all pairs, row after row."""
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cdist

    codes = {word: chr(number + 1) for number, word in enumerate(dict.fromkeys(w for text in texts for w in text))}
    strings = ["".join(codes[word] for word in text) for text in texts]
    known, found = list(pool), []
    for i in range(len(texts)):
        if i in pool:
            continue
        best, nearest = 0.0, -1
        if known:
            common = cdist([strings[i]], [strings[k] for k in known], scorer=LCSseq.similarity, dtype=np.int32)[0]
            scores = 2 * common / (len(texts[i]) + np.array([len(texts[k]) for k in known]))
            best, nearest = float(scores.max()), known[int(scores.argmax())]
        joins = best < threshold
        if joins:
            known.append(i)
        found.append((best, nearest, joins) if best >= floor else (0.0, -1, joins))
    return found
