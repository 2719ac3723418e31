import pytest


def test_rouge_l_of_words_is_computed_against_seeds(measured, make):
    rows = measured([
        make("seed", "What are the first signs of asthma in children", "x y z.", route="manual"),
        make("one", "What are the first signs of measles in adults", "x y z.", route="hybrid"),
    ])
    assert rows[0]["novelty_rouge_l"] is None
    assert rows[1]["novelty_rouge_l"] == pytest.approx(7 / 9)
    assert rows[1]["novelty_nearest"] == "seed"


def test_a_known_instruction_does_not_extend_the_pool(measured, make):
    # b resembles a (0.7, known); c resembles b but not a: c is new, because b did not join the pool.
    rows = measured([
        make("a", "a b c d e f g h i j", "x."), make("b", "a b c d e f g x y z", "x."),
        make("c", "d e f g x y z q r s", "x."),
    ], novelty_floor=0.4)
    assert [row["novelty_rouge_l"] for row in rows] == [0.0, pytest.approx(0.7), pytest.approx(0.4)]
    assert rows[2]["novelty_nearest"] == "a"


def test_below_the_floor_nothing_is_told(measured, make):
    rows = measured([make("a", "a b c d e f g h i j", "x."), make("b", "a b c d e v w x y z", "x."),
                     make("c", "a b c d q r s t u o", "x.")], novelty_floor=0.5)
    assert [(row["novelty_rouge_l"], row["novelty_nearest"]) for row in rows] == [
        (0.0, None), (pytest.approx(0.5), "a"), (0.0, None)]


def test_just_below_the_threshold_joins_the_pool(measured, make):
    rows = measured([
        make("a", "a b c d e f g h i j", "x."), make("b", "a b c d e f x x y z", "x."),
        make("c", "e f x x y z q r s t", "x."),
    ], novelty_floor=0.5)
    assert rows[1]["novelty_rouge_l"] == pytest.approx(0.6)
    assert (rows[2]["novelty_nearest"], rows[2]["novelty_rouge_l"]) == ("b", pytest.approx(0.6))


def test_templates_and_converted_pairs_are_not_measured(measured, make):
    rows = measured([make("a", "What is asthma?", "x.", route="template"),
                     make("b", "What is asthma?", "x.", route="converted"),
                     make("c", "What is asthma?", "x.")])
    assert [row["novelty_rouge_l"] for row in rows] == [None, None, 0.0]


def test_the_better_of_two_alike_stays_novel(measured, make):
    rows = measured([make("a", "What is the cause of asthma?", "x.", route="synthetic"),
                     make("z", "What is the cause of asthma?", "y.", route="hybrid")])
    assert [row["novelty_rouge_l"] for row in rows] == [1.0, 0.0]


def test_an_instruction_without_words_is_like_nothing(measured, make):
    rows = measured([make("a", "???", "x."), make("b", "!!!", "y.")])
    assert [(row["novelty_rouge_l"], row["novelty_nearest"]) for row in rows] == [(0.0, None)] * 2


def test_blocks_do_not_change_the_result(measured, make):
    rows = measured([make(f"r{i:04}", f"question {i // 2} about topic {i // 2} and drug {i // 2}", "x.")
                     for i in range(700)])
    repeats = [row["novelty_rouge_l"] == 1.0 for row in rows]
    assert repeats == [i % 2 == 1 for i in range(700)]
