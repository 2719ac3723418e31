"""Items are found whole, cut and told otherwise; stock phrases, vital signs and short names are not."""

import random

import pyarrow as pa
import pytest

from itd_pipeline import settings
from itd_pipeline.signals import BenchmarkItem, measure
from itd_pipeline.tables.records import CANDIDATES
from itd_pipeline.tables.signals import MATCHES

VIGNETTE = (
    "A 45-year-old fisherman is brought to the clinic with a swollen left knee after kneeling on wet decks all winter. "
    "Aspiration yields cloudy fluid with rhomboid crystals that turn blue under polarised light. He drinks cider and "
    "takes hydrochlorothiazide for raised pressure. Which of the following is the most appropriate next step in the "
    "management of this patient?"
)
RETOLD = (
    "On polarised microscopy, cloudy fluid aspirated from the knee shows rhomboid crystals turning blue. The "
    "fisherman, aged 45, has a left knee that is swollen since he knelt on wet decks this winter; cider is his drink "
    "and hydrochlorothiazide was given because of high pressure. What would you do next?"
)
LETTERS = [f"w{i}" for i in range(100)]


def item(text, name="bench", place="1", **more):
    return BenchmarkItem(name, place, text, **more)


def words(start, end):
    """Words that no other stretch has."""
    rng = random.Random(5)
    made = ["".join(rng.choice("bcdfglmnprstvaeiou") for _ in range(7)) for _ in range(200)]
    return " ".join(made[start:end])


def row_of(measured, make, output, *items, instruction="Tell me", **more):
    return measured([make("a", instruction, output, **more)], benchmarks=items)[0]


def share(measured, make, output, *items, **more):
    row = row_of(measured, make, output, *items, **more)
    return row["contamination_share"], row["contamination_item"]


def kinds(row):
    return [match["kind"] for match in row["contamination_matches"]]


def test_a_whole_copy_with_other_case_and_punctuation_is_exact(measured, make):
    copied = " ".join(f"{word.upper()}," for word in words(0, 30).split())
    row = row_of(measured, make, "before " + copied + " after", item(words(0, 30)))
    assert (row["contamination_share"], row["contamination_item"]) == (1.0, "bench:1")
    match = row["contamination_matches"][0]
    assert (match["kind"], match["field"], match["part"], match["words"]) == ("exact", "output", "prompt", 30)
    assert ("before " + copied + " after")[match["start"]:match["end"]] == copied.rstrip(",")


def test_half_of_an_item_is_a_cut_and_less_an_overlap(measured, make):
    text = item(words(0, 24))
    half = row_of(measured, make, "x " + words(6, 18) + " y", text)
    assert half["contamination_share"] == pytest.approx(0.5)
    assert kinds(half) == ["cut"]
    less = row_of(measured, make, "x " + words(6, 17) + " y", text)
    assert less["contamination_share"] == pytest.approx(11 / 24)
    assert kinds(less) == ["overlap"]
    assert share(measured, make, "x " + words(6, 10) + " y", text) == (0.0, None)


def test_a_run_of_thirteen_words_is_a_cut_of_any_item(measured, make):
    text = item(words(0, 100))
    thirteen = row_of(measured, make, "x " + words(40, 53) + " y", text)
    assert kinds(thirteen) == ["cut"]
    assert thirteen["contamination_words"] == 13
    twelve = row_of(measured, make, "x " + words(40, 52) + " y", text)
    assert kinds(twelve) == []
    assert twelve["contamination_words"] == 0


def test_words_are_counted_as_a_person_counts_them(measured, make):
    """A piece without a letter is a word to whoever cuts by white space."""
    pieces = words(0, 60).split()
    pieces[25:25] = ["-"]
    pieces[30:30] = ["&"]
    cut = " ".join(pieces[22:35])
    assert kinds(row_of(measured, make, f"x {cut} y", item(" ".join(pieces)))) == ["cut"]


def test_runs_of_five_words_and_more_add_up_around_a_changed_word(measured, make):
    changed = words(0, 12) + " other " + words(13, 18) + " other " + words(19, 23) + " end"
    assert share(measured, make, changed, item(words(0, 24)))[0] == pytest.approx(17 / 24)


def test_vital_signs_and_stock_questions_are_no_overlap(measured, make):
    vitals = ("His temperature is 37.0°C (98.6°F), pulse is 80/min, respirations are 14/min, and blood pressure is "
              "120/80 mm Hg.")
    ask = "Which of the following is the most appropriate next step in the management of this patient?"
    vignette = item(f"A man comes with {words(0, 20)}. {vitals} {ask}")
    assert share(measured, make, f"Another story. {vitals} {ask}", vignette) == (0.0, None)


def test_what_three_items_share_is_stock_and_what_copies_share_is_not(measured, make):
    phrase = words(100, 116)
    different = [item(f"{words(20 * n, 20 * n + 20)} {phrase}", place=str(n)) for n in range(3)]
    assert kinds(row_of(measured, make, f"x {phrase} y", *different)) == []
    copies = [item(f"{words(0, 20)} {phrase}", name=f"b{n}") for n in range(3)]
    assert kinds(row_of(measured, make, f"x {phrase} y", *copies)) == ["cut"] * 3


def test_a_short_item_counts_only_whole(measured, make):
    short = item("What causes Marfan syndrome in adults?")
    assert share(measured, make, "x", short, instruction="Say: what causes Marfan syndrome in adults, please")[0] == 1.0
    assert share(measured, make, "x", short, instruction="What causes Marfan syndromes in adults?")[0] == 0.0
    assert share(measured, make, "syndrome in adults", short, instruction="What causes Marfan")[0] == 0.0


def test_an_item_of_fewer_than_five_words_must_be_the_whole_field(measured, make):
    short = item("The coronary arteries:")
    assert share(measured, make, "x", short, instruction="The coronary arteries")[0] == 1.0
    assert share(measured, make, "The coronary arteries. No.", short)[0] == 0.0
    assert share(measured, make, "x", short, instruction="The coronary arteries", input="It is measles.")[0] == 1.0


def test_a_question_of_four_words_counts_anywhere_if_a_word_of_it_is_rare(measured, make):
    common = [item(f"Is treatment {word} for adults?", place=str(n)) for n, word in enumerate(words(0, 5).split())]
    asked = [item("What is Marfan syndrome?"), item("Is there a treatment?", place="2"), *common]
    assert share(measured, make, "So, what is Marfan syndrome, they ask.", *asked)[1] == "bench:1"
    assert share(measured, make, "So, is there a treatment, they ask.", *asked) == (0.0, None)


def test_items_below_three_words_are_left_out_and_counted(make):
    table = CANDIDATES.from_rows([make("a", "Tell me", "Marfan syndrome")])
    passages = pa.table({"passage_id": pa.array([], pa.string()), "text": pa.array([], pa.string())})
    facts = measure(table, passages, settings.Signals(), (item("Marfan syndrome"), item(words(0, 20)))).facts
    assert facts["benchmark_texts_left_out"] == 1
    assert facts["benchmark_matches"] == {"exact": 0, "cut": 0, "paraphrase": 0, "meaning": 0, "overlap": 0}


def test_an_item_told_in_other_words_is_a_paraphrase(measured, make):
    others = [item(words(20 * n, 20 * n + 20), place=str(n + 2)) for n in range(5)]
    row = row_of(measured, make, "x", item(VIGNETTE), *others, instruction=RETOLD)
    assert kinds(row) == ["paraphrase"]
    assert row["contamination_paraphrase"] >= 13
    assert row["contamination_matches"][0]["field"] == "instruction"
    assert row["contamination_item"] == "bench:1"


def test_the_same_subject_in_other_sentences_is_none(measured, make):
    other = ("Gout is diagnosed from needle-shaped crystals in fluid of the knee. Hydrochlorothiazide raises uric "
             "acid, and so does cider. A swollen knee after kneeling is more often bursitis.")
    row = row_of(measured, make, other, item(VIGNETTE))
    assert kinds(row) == []
    assert row["contamination_paraphrase"] == 0


@pytest.mark.parametrize("field", ["instruction", "input", "output", "rationale"])
def test_every_field_is_looked_at_and_named(measured, make, field):
    fields = {"instruction": "Tell me", "output": "x", field: f"So: {words(0, 30)}"}
    output = fields.pop("output")
    row = row_of(measured, make, output, item(words(0, 30)), **fields)
    match = row["contamination_matches"][0]
    assert (match["field"], match["start"]) == (field, 4)


def test_an_item_spread_over_instruction_input_and_options_is_found(measured, make):
    row = row_of(measured, make, "x", item(words(0, 30)), instruction=words(0, 10), input=words(10, 20),
                 options=[words(20, 25), words(25, 30)])
    match = row["contamination_matches"][0]
    assert (match["kind"], match["field"], match["start"]) == ("exact", "prompt", 0)


def test_a_short_prompt_counts_with_its_options(measured, make):
    asked = item("Which of these is true?", options=(words(0, 6), words(6, 12), words(12, 18), words(18, 24)))
    row = row_of(measured, make, "x", asked, instruction="Which of these is true? " + words(0, 24))
    assert ("exact", "prompt and options") in [(m["kind"], m["part"]) for m in row["contamination_matches"]]


def test_answers_and_further_texts_are_parts_of_their_own(measured, make):
    asked = item("Why?", answer=words(0, 13), more=(("answer 2", words(50, 70)),))
    row = row_of(measured, make, f"{words(0, 13)} and {words(50, 70)}", asked)
    assert sorted(match["part"] for match in row["contamination_matches"]) == ["answer", "answer 2"]
    assert kinds(row_of(measured, make, words(0, 12), item("Why?", answer=words(0, 12)))) == []


def test_of_equal_shares_the_least_item_is_named(measured, make):
    text = words(0, 20)
    items = (item(text, "b", "1"), item(text, "a", "10"), item(text, "a", "2"))
    assert share(measured, make, text, *items) == (1.0, "a:2")


def test_a_record_is_judged_by_itself_in_any_order(measured, make):
    items = (item(VIGNETTE), item(words(0, 40), place="2"))
    records = [make(f"r{i}", f"Tell {i}", text) for i, text in enumerate(
        [RETOLD, VIGNETTE, words(0, 40), words(5, 20), "Nothing of it."])]
    together = measured(records, benchmarks=items)
    backwards = measured(records[::-1], benchmarks=items)[::-1]
    for record, one, other in zip(records, together, backwards, strict=True):
        alone = measured([record], benchmarks=items)[0]
        for column in ("contamination_share", "contamination_words", "contamination_item", "contamination_matches"):
            assert alone[column] == one[column] == other[column]


def test_without_benchmarks_nothing_is_measured(measured, make):
    row = row_of(measured, make, "x")
    assert [row[name] for name in ("contamination_share", "contamination_words", "contamination_paraphrase",
                                   "contamination_cosine", "contamination_item", "contamination_matches")] == [
        None, None, None, None, None, []]


def test_the_side_table_lists_every_match(make):
    table = CANDIDATES.from_rows([make("a", "Tell me", words(0, 30)), make("b", "Tell me", "Nothing."),
                                  make("c", "Tell me", words(0, 16))])
    passages = pa.table({"passage_id": pa.array([], pa.string()), "text": pa.array([], pa.string())})
    side = measure(table, passages, settings.Signals(), (item(words(0, 30)),)).sides[MATCHES.name]
    assert side.schema.names == list(MATCHES.names)
    assert [(row["record_id"], row["kind"], row["share"]) for row in side.to_pylist()] == [
        ("a", "exact", 1.0), ("c", "cut", pytest.approx(16 / 30))]


def test_a_question_from_a_search_box_counts_without_its_mark(measured, make):
    asked = [item("what is sciatica"), item("The genome is:", place="2")]
    assert share(measured, make, "x", *asked, instruction="And so, what is sciatica, they ask.")[1] == "bench:1"
    assert share(measured, make, "The genome is large.", *asked) == (0.0, None)
