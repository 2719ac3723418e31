"""Files of benchmarks become items, and what is wrong with a file is said."""

import csv
import gzip
import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from itd_pipeline import settings
from itd_pipeline.decontamination.builders import BUILDERS
from itd_pipeline.errors import SourceError
from itd_pipeline.settings.signals import BuilderName
from itd_pipeline.signals import BenchmarkItem, load_benchmarks

LONG = "this reference answer has a good many words, so that it can be told from any other answer"
MCQ = {"question": "What is it?", "options": {"A": "one", "B": "two"}}


def loaded(folder, name, content, **benchmark):
    if isinstance(content, bytes):
        (folder / name).write_bytes(content)
    elif content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    return load_benchmarks({"x": settings.Benchmark(path=name, **benchmark)}, lambda p: folder / p)


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_medqa(tmp_path):
    row = {**MCQ, "answer": "two", "answer_idx": "B"}
    assert loaded(tmp_path, "b.jsonl", lines(row), builder="medqa") == [
        BenchmarkItem("x", "1", "What is it?", ("one", "two"), "two")]
    packed = gzip.compress(lines(row).encode())
    assert len(loaded(tmp_path, "b.jsonl.gz", packed, builder="medqa")) == 1


def test_options_as_a_list_of_keys_and_values(tmp_path):
    row = {"question": "What?", "options": [{"key": "A", "value": "one"}, {"key": "B", "value": "two"}]}
    assert loaded(tmp_path, "b.jsonl", lines(row), builder="medqa")[0].options == ("one", "two")


@pytest.mark.parametrize(("right", "expected"), [([1, 4], ["a", "d"]), ([0, 3], ["a", "d"])])
def test_medmcqa_counts_the_right_option_from_one_or_from_nought(tmp_path, right, expected):
    rows = [{"id": f"q{n}", "question": "What?", "opa": "a", "opb": "b", "opc": "c", "opd": "d", "cop": n, "exp": LONG}
            for n in right]
    items = loaded(tmp_path, "b.json", lines(*rows), builder="medmcqa")
    assert [item.answer for item in items] == expected
    assert items[0].more == (("explanation 1", LONG),)


def test_pubmedqa_of_the_authors_and_of_the_hub(tmp_path):
    authors = json.dumps({"123": {"QUESTION": "Does it?", "CONTEXTS": ["A b"], "LONG_ANSWER": "It does."}})
    assert loaded(tmp_path, "b.json", authors, builder="pubmedqa") == [
        BenchmarkItem("x", "123", "Does it?", answer="It does.")]
    pq.write_table(pa.table({"pubid": [7], "question": ["Does it?"], "long_answer": ["No."]}), tmp_path / "b.parquet")
    assert loaded(tmp_path, "b.parquet", None, builder="pubmedqa") == [
        BenchmarkItem("x", "7", "Does it?", answer="No.")]


def test_mmlu_takes_the_medical_files_of_a_folder(tmp_path):
    folder = tmp_path / "test"
    folder.mkdir()
    (folder / "anatomy_test.csv").write_text('"What, here?",one,two,three,four,C\n', encoding="utf-8")
    (folder / "abstract_algebra_test.csv").write_text("What?,1,2,3,4,A\n", encoding="utf-8")
    options = ("one", "two", "three", "four")
    assert loaded(tmp_path, "test", None, builder="mmlu_medical") == [
        BenchmarkItem("x", "1", "What, here?", options, "three")]
    (folder / "medical_genetics_test.csv").write_text("Why?,1,2,3,4,A\n", encoding="utf-8")
    assert loaded(tmp_path, "test", None, builder="mmlu_medical") == [
        BenchmarkItem("x", "anatomy_test/1", "What, here?", options, "three"),
        BenchmarkItem("x", "medical_genetics_test/1", "Why?", ("1", "2", "3", "4"), "1")]
    pq.write_table(pa.table({"question": ["Q?", "R?"], "choices": [["a", "b"], ["c", "d"]], "answer": [1, 0],
                             "subject": ["anatomy", "astronomy"]}), tmp_path / "b.parquet")
    assert loaded(tmp_path, "b.parquet", None, builder="mmlu_medical") == [
        BenchmarkItem("x", "1", "Q?", ("a", "b"), "b")]


def test_mmlu_with_another_number_of_columns_is_refused(tmp_path):
    with pytest.raises(SourceError, match="line 1 has 3 columns; six are wanted"):
        loaded(tmp_path, "b.csv", "What?,1,2\n", builder="mmlu_medical")


def test_medxpertqa_leaves_the_options_out_of_the_question(tmp_path):
    row = {"id": "Text-1", "question": "A man coughs. What now?\nAnswer Choices: (A) one (B) two",
           "options": {"A": "one", "B": "two"}, "label": "B"}
    assert loaded(tmp_path, "b.jsonl", lines(row), builder="medxpertqa") == [
        BenchmarkItem("x", "Text-1", "A man coughs. What now?", ("one", "two"), "two")]


def test_healthbench_and_labels_without_texts(tmp_path):
    turns = [("user", "I cough."), ("assistant", "Why?"), ("user", "Smoke.")]
    row = {"prompt_id": "p", "prompt": [{"role": role, "content": said} for role, said in turns],
           "ideal_completions_data": {"ideal_completion": "Stop.", "ideal_completions_ref_completions": [LONG, "No"]}}
    assert loaded(tmp_path, "b.jsonl", lines(row), builder="healthbench") == [
        BenchmarkItem("x", "p", "I cough.\nWhy?\nSmoke.", (), "Stop.", (("reference completion 1", LONG),))]
    with pytest.raises(SourceError, match="labels or ids without the texts"):
        loaded(tmp_path, "b.jsonl", lines({"item_id": "hb-1", "binary_labels": [True]}), builder="healthbench")


def test_liveqa(tmp_path):
    xml = f"""<LiveQA><NLM-QUESTION qid="TQ1"><Original-Question><SUBJECT>Cough</SUBJECT><MESSAGE>Why do I
      cough?</MESSAGE></Original-Question><NIST-PARAPHRASE>Why cough?</NIST-PARAPHRASE><ReferenceAnswers><RefAnswer>
      <ANSWER> {LONG} </ANSWER></RefAnswer><ReferenceAnswer><ANSWER>Short.</ANSWER></ReferenceAnswer></ReferenceAnswers>
      </NLM-QUESTION></LiveQA>"""
    assert loaded(tmp_path, "b.xml", xml, builder="liveqa") == [
        BenchmarkItem("x", "TQ1", "Cough Why do I cough?", more=(("paraphrase", "Why cough?"), ("answer 1", LONG)))]
    with pytest.raises(SourceError, match="not well-formed XML"):
        loaded(tmp_path, "b.xml", "<a>", builder="liveqa")
    with pytest.raises(SourceError, match="no element NLM-QUESTION"):
        loaded(tmp_path, "b.xml", "<a/>", builder="liveqa")


def test_medicationqa(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Question", "Focus (Drug)", "Answer"], ["how taken", "x", LONG], [None, None, None]):
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    assert loaded(tmp_path, "b.xlsx", None, builder="medicationqa") == [
        BenchmarkItem("x", "1", "how taken", answer=LONG)]
    with pytest.raises(SourceError, match="not readable as xlsx"):
        loaded(tmp_path, "b.xlsx", "text", builder="medicationqa")


def test_k_qa_medec_and_bioasq(tmp_path):
    k_qa = lines({"Question": "Is it?", "Free_form_answer": LONG, "Must_have": ["a"]}, {"Question": "Was it?"})
    assert loaded(tmp_path, "k.jsonl", k_qa, builder="k_qa") == [
        BenchmarkItem("x", "1", "Is it?", answer=LONG), BenchmarkItem("x", "2", "Was it?")]
    medec = "Text ID,Text,Corrected Sentence\nms-1,A note.,NA\nms-2,B note.,B is right.\n"
    assert loaded(tmp_path, "m.csv", medec, builder="medec") == [
        BenchmarkItem("x", "ms-1", "A note."), BenchmarkItem("x", "ms-2", "B note.", answer="B is right.")]
    bioasq = json.dumps({"questions": [{"id": "55", "body": "Is p53?", "ideal_answer": [LONG, "Yes."]}]})
    assert loaded(tmp_path, "a.json", bioasq, builder="bioasq") == [
        BenchmarkItem("x", "55", "Is p53?", more=(("answer 1", LONG),))]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_columns_of_a_table_of_ones_own(tmp_path, suffix):
    path = tmp_path / f"b.{suffix}"
    if suffix == "jsonl":
        path.write_text('{"q": "one", "a": "two", "n": 1}\n\n{"q": "three", "a": ""}\n', encoding="utf-8")
    elif suffix == "csv":
        path.write_text("q,a\none,two\nthree,\n", encoding="utf-8")
    else:
        pq.write_table(pa.table({"q": ["one", "three"], "a": ["two", None]}), path)
    assert loaded(tmp_path, path.name, None, columns=("q", "a")) == [
        BenchmarkItem("x", "1", "", more=(("q", "one"), ("a", "two"))),
        BenchmarkItem("x", "2", "", more=(("q", "three"),))]
    assert loaded(tmp_path, path.name, None, columns={"prompt": "q", "answer": "a"}) == [
        BenchmarkItem("x", "1", "one", answer="two"), BenchmarkItem("x", "2", "three")]


def test_options_in_lists_and_mappings_however_deep(tmp_path):
    row = lines({"o": {"A": "first", "B": ["second", 3]}, "i": 12})
    assert [text for _, text in loaded(tmp_path, "b.jsonl", row, columns=("o",))[0].more] == ["first", "second"]
    assert loaded(tmp_path, "b.jsonl", row, columns={"options": "o", "prompt": "o", "id": "i"})[0].item_id == "12"
    deep = f'{{"q": {"[" * 900}"first", "second"{"]" * 900}}}\n'
    assert [text for _, text in loaded(tmp_path, "b.jsonl", deep, columns=("q",))[0].more] == ["first", "second"]


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("b.jsonl", None, "no such file"),
    ("b.txt", "x", "Readable are .jsonl, .json, .csv, .tsv, .parquet, .xlsx, also with .gz"),
    ("b.jsonl", '{"q": 1}\n{"q": ', "line 2: not readable as jsonl"),
    ("b.jsonl", '{"q": "a"}\n' + "[" * 100_000, "b.jsonl', line 2: not readable as jsonl"),
    ("b.csv", "a,b\n1,2\n", "no column 'q'. Its columns are: a, b"),
    ("b.csv", "q\n", "holds no rows"),
    ("b.csv", "q,r\n ,1\n", "no text to look for"),
    ("b.parquet", "x", "not readable as parquet"),
    ("b.jsonl.gz", "x", "not readable as jsonl"),
])
def test_a_benchmark_that_cannot_be_read_says_why(tmp_path, name, content, expected):
    with pytest.raises(SourceError, match="Benchmark 'x'") as caught:
        loaded(tmp_path, name, content, columns=("q",))
    assert expected in str(caught.value)


def test_a_folder_without_a_file_that_the_builder_reads(tmp_path):
    (tmp_path / "f").mkdir()
    with pytest.raises(SourceError, match=r"holds no file.*It reads \.xml"):
        loaded(tmp_path, "f", None, builder="liveqa")


def test_a_long_cell_is_read_and_the_limit_of_the_csv_module_left_alone(tmp_path):
    csv.field_size_limit(131_072)  # what it is when Python starts
    text = "a" * 200_000
    assert loaded(tmp_path, "b.csv", f"q\n{text}\n", columns=("q",))[0].more == (("q", text),)
    assert csv.field_size_limit() == 131_072


def test_a_data_set_of_the_hub_is_read_from_the_cache_and_never_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    benchmark = settings.Benchmark(hub="owner/name", path="test.jsonl", builder="medqa")
    with pytest.raises(SourceError, match=r"not in .*hf download --repo-type dataset owner/name"):
        load_benchmarks({"x": benchmark}, lambda p: p)
    home = tmp_path / "datasets--owner--name"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("abc\n")
    for commit, question in (("abc", "new"), ("old", "old")):
        (home / "snapshots" / commit).mkdir(parents=True)
        (home / "snapshots" / commit / "test.jsonl").write_text(lines({**MCQ, "question": question}))
    assert load_benchmarks({"x": benchmark}, lambda p: p)[0].prompt == "new"
    older = benchmark.model_copy(update={"revision": "old"})
    assert load_benchmarks({"x": older}, lambda p: p)[0].prompt == "old"


@pytest.mark.parametrize(("benchmark", "expected"), [
    ({"builder": "medqa"}, "name a path or a hub"), ({"path": "a"}, "a builder or columns"),
    ({"path": "a", "builder": "medqa", "columns": ["q"]}, "a builder or columns"),
    ({"path": "a", "columns": {"question": "q"}}, "no role 'question'"),
    ({"path": "a", "builder": "medqa", "revision": "x"}, "revision belongs to a hub"),
    ({"path": "a", "builder": "medqua"}, "Input should be"), ({"hub": "name", "builder": "medqa"}, "match pattern"),
])
def test_a_profile_names_each_benchmark_in_one_way(benchmark, expected):
    with pytest.raises(ValidationError, match=expected):
        settings.Benchmark(**benchmark)


def test_the_settings_know_every_builder():
    assert set(BuilderName.__args__) == set(BUILDERS)
