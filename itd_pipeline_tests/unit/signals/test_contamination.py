import csv

import pytest

from itd_pipeline import settings
from itd_pipeline.errors import SourceError
from itd_pipeline.signals import BenchmarkItem, load_benchmarks


def item(text, name="bench", place="1/question"):
    return BenchmarkItem(name, place, text)


def numbered(start, end):
    return " ".join(f"w{i}" for i in range(start, end))


def share(measured, make, output, *items, instruction="Tell me"):
    row = measured([make("a", instruction, output)], benchmarks=items)[0]
    return row["contamination_share"], row["contamination_item"]


def test_a_whole_copy_with_other_case_and_punctuation_is_share_one(measured, make):
    copied = " ".join(f"W{i}," for i in range(30))
    assert share(measured, make, "before " + copied + " after", item(numbered(0, 30))) == (1.0, "bench:1/question")


def test_the_share_is_of_the_item_and_decides(measured, make):
    text = item(numbered(0, 40))
    assert share(measured, make, "x " + numbered(10, 30) + " y", text)[0] == pytest.approx(0.5)
    assert share(measured, make, "x " + numbered(10, 29) + " y", text)[0] == pytest.approx(19 / 40)
    assert share(measured, make, "x " + numbered(10, 18) + " y", text)[0] == pytest.approx(0.2)
    assert share(measured, make, "x " + numbered(10, 17) + " y", text) == (0.0, None)


def test_runs_of_five_words_and_more_add_up_around_a_changed_word(measured, make):
    changed = numbered(0, 12) + " other " + numbered(13, 18) + " other " + numbered(19, 23) + " end"
    assert share(measured, make, changed, item(numbered(0, 24)))[0] == pytest.approx(17 / 24)


def test_vital_signs_of_a_vignette_stay_below_half(measured, make):
    vitals = ("his temperature is 37 pulse is 80 per minute respirations are 14 per minute and blood pressure is 120 "
              "over 80 mm hg")
    vignette = "A man comes with " + numbered(0, 50) + " " + vitals + " what is the next step"
    found, _ = share(measured, make, "Another story. " + vitals.capitalize() + ". Something else.", item(vignette))
    assert 0.2 < found < 0.5


def test_a_short_item_counts_only_whole_and_inside_one_field(measured, make):
    short = item("What causes Marfan syndrome?")
    assert share(measured, make, "x", short, instruction="Say: what causes Marfan syndrome, please")[0] == 1.0
    assert share(measured, make, "x", short, instruction="What causes Marfan syndromes?")[0] == 0.0
    assert share(measured, make, "Marfan syndrome", short, instruction="What causes")[0] == 0.0


def test_items_below_three_words_are_left_out_and_counted(measured, make):
    assert share(measured, make, "Marfan syndrome", item("Marfan syndrome")) == (0.0, None)


def test_of_equal_shares_the_least_item_is_named(measured, make):
    text = numbered(0, 20)
    items = (item(text, "b", "1/q"), item(text, "a", "10/q"), item(text, "a", "2/q"))
    assert share(measured, make, text, *items) == (1.0, "a:2/q")


def test_without_benchmarks_nothing_is_measured(measured, make):
    assert share(measured, make, "x") == (None, None)


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_benchmarks_are_read_with_row_and_column(tmp_path, suffix):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / f"b.{suffix}"
    if suffix == "jsonl":
        path.write_text('{"q": "one", "a": "two", "n": 1}\n\n{"q": "three", "a": ""}\n', encoding="utf-8")
    elif suffix == "csv":
        path.write_text("q,a\none,two\nthree,\n", encoding="utf-8")
    else:
        pq.write_table(pa.table({"q": ["one", "three"], "a": ["two", None]}), path)
    benchmark = settings.Benchmark(path=f"b.{suffix}", columns=("q", "a"))
    assert load_benchmarks({"x": benchmark}, lambda p: tmp_path / p) == [
        BenchmarkItem("x", "1/q", "one"), BenchmarkItem("x", "1/a", "two"), BenchmarkItem("x", "2/q", "three")]


def test_options_in_lists_and_mappings_are_items(tmp_path):
    (tmp_path / "b.jsonl").write_text('{"o": {"A": "first", "B": ["second", 3]}}\n', encoding="utf-8")
    benchmark = settings.Benchmark(path="b.jsonl", columns=("o",))
    assert [i.text for i in load_benchmarks({"x": benchmark}, lambda p: tmp_path / p)] == ["first", "second"]


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("b.jsonl", None, "no such file"),
    ("b.txt", "x", "Readable are .jsonl, .csv, .parquet"),
    ("b.jsonl", '{"q": 1}\n{"q": ', "line 2: not readable as jsonl"),
    ("b.jsonl", '{"q": "a"}\n' + "[" * 100_000, "b.jsonl', line 2: not readable as jsonl"),
    ("b.csv", "a,b\n1,2\n", "no column 'q'. Its columns are: a, b"),
    ("b.csv", "q\n", "holds no rows"),
    ("b.parquet", "x", "not readable as parquet"),
])
def test_a_benchmark_that_cannot_be_read_says_why(tmp_path, name, content, expected):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    benchmark = settings.Benchmark(path=name, columns=("q",))
    with pytest.raises(SourceError, match="Benchmark 'x'") as caught:
        load_benchmarks({"x": benchmark}, lambda p: tmp_path / p)
    assert expected in str(caught.value)


def test_a_long_cell_is_read_and_the_limit_of_the_csv_module_left_alone(tmp_path):
    csv.field_size_limit(131_072)  # what it is when Python starts
    text = "a" * 200_000
    (tmp_path / "b.csv").write_text(f"q\n{text}\n", encoding="utf-8")
    benchmark = settings.Benchmark(path="b.csv", columns=("q",))
    assert [i.text for i in load_benchmarks({"x": benchmark}, lambda p: tmp_path / p)] == [text]
    assert csv.field_size_limit() == 131_072


def test_options_nested_as_deep_as_json_allows(tmp_path):
    text = "[" * 900 + '"first", "second"' + "]" * 900
    (tmp_path / "b.jsonl").write_text(f'{{"q": {text}}}\n', encoding="utf-8")
    benchmark = settings.Benchmark(path="b.jsonl", columns=("q",))
    assert [i.text for i in load_benchmarks({"x": benchmark}, lambda p: tmp_path / p)] == ["first", "second"]
