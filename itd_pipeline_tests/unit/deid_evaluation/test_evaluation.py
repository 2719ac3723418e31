"""Gold formats, counting, intervals, the verdict and the gate."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline.deid_evaluation import class_of, evaluate, read_gold, shortfalls, verdict_of, wilson
from itd_pipeline.deid_evaluation.gold import GoldSpan, GoldText
from itd_pipeline.errors import SourceError
from itd_pipeline.text.identifiers.finding import Finding

TEXT = "Seen by Ann Lee on 3 May."
SPANS = (GoldSpan(8, 15, "NAME"), GoldSpan(19, 24, "DATE"))


def _write(folder: Path, form: str) -> Path:
    if form == "brat":
        (folder / "one.txt").write_text(TEXT, encoding="utf-8")
        (folder / "one.ann").write_text("T1\tNAME 8 15\tAnn Lee\nT2\tDATE 19 24\t3 May\n#1\tnote\n", encoding="utf-8")
        return folder
    if form == "brat.tar.gz":
        _write(folder, "brat")
        with tarfile.open(folder / "set.tar.gz", "w:gz") as archive:
            archive.add(folder / "one.txt", "a/one.txt")
            archive.add(folder / "one.ann", "a/one.ann")
        return folder / "set.tar.gz"
    content: dict[str, Any] = {
        "gold.json": [{"full_text": TEXT, "spans": [
            {"entity_type": s.label, "entity_value": "x", "start_position": s.start, "end_position": s.end}
            for s in SPANS]}],
        "gold.jsonl": {"text": TEXT, "spans": [[s.start, s.end, s.label] for s in SPANS]},
    }
    path = folder / form
    if form in content:
        path.write_text(json.dumps(content[form]), encoding="utf-8")
    elif form == "inline.txt":
        path.write_text("Seen by <NAME>Ann Lee</NAME> on [[DATE:3 May]].", encoding="utf-8")
    else:
        path.write_text(f'===QUERY===\n{TEXT}\n===PHI_TAGS===\n{{"identifier_type": "NAME", "value": "Ann Lee"}}\n'
                        '{"identifier_type": "DATE", "value": "3 May"}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["brat", "brat.tar.gz", "gold.json", "gold.jsonl", "inline.txt", "asq.txt"])
def test_every_format_gives_the_same(tmp_path: Path, form: str) -> None:
    gold, = read_gold(_write(tmp_path, form))
    assert (gold.text, gold.spans) == (TEXT, SPANS)


@pytest.mark.parametrize(("name", "content", "says"), [
    ("a.jsonl", '{"text": "x", "spans": [[0, 9, "NAME"]]}', "row 1: the span 0 to 9"),
    ("a.jsonl", '{"text": "x"}\n{oops', "row 2: is no JSON"),
    ("a.jsonl", '{"spans": []}', "row 1: no text"),
    ("a.json", "{}", "is no list"),
])
def test_a_broken_set_is_named_by_file_and_row(tmp_path: Path, name: str, content: str, says: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=says):
        list(read_gold(tmp_path / name))


def test_brat_without_its_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "one.ann").write_text("T1\tNAME 0 1\tx", encoding="utf-8")
    with pytest.raises(SourceError, match=r"one\.txt is missing"):
        list(read_gold(tmp_path))


@pytest.mark.parametrize(("hits", "cases", "lower", "upper"), [
    (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (97, 100, 0.9155, 0.9897)])
def test_wilson_agrees_with_published_tables(hits: int, cases: int, lower: float, upper: float) -> None:
    assert wilson(hits, cases) == pytest.approx((lower, upper), abs=5e-5)


def test_wilson_refuses_what_is_no_proportion() -> None:
    with pytest.raises(ValueError, match="no interval"):
        wilson(1, 0)


def test_counting() -> None:
    found = [Finding(8, 11, "name", "half"), Finding(19, 24, "date", "all"), Finding(0, 4, "name", "wrong")]
    texts = [GoldText("a", TEXT, (*SPANS, GoldSpan(16, 18, "SEX"), GoldSpan(5, 7, "ODD"))), GoldText("b", TEXT, ())]
    seen = evaluate(texts, lambda _: found, {})
    assert (seen.recall["name"].hits, seen.recall["name"].cases) == (0, 1)  # half a name is a missed name
    assert (seen.recall["date"].hits, seen.overall.cases) == (1, 2)
    assert seen.unknown_labels == {"ODD": 1}
    assert seen.quasi.cases == 1
    assert [m.value for m in seen.missed] == ["Ann Lee"]
    assert (seen.precision["name"].hits, seen.precision["name"].cases) == (1, 4)
    assert (seen.clean_texts_touched.hits, seen.clean_texts_touched.cases) == (1, 1)


def test_own_labels_come_first() -> None:
    assert class_of("Patient", {}) == "name"
    assert class_of("PATIENT", {"patient": "id"}) == "id"
    assert class_of("COLOUR", {}) is None


def test_the_verdict_holds_no_text_and_decides() -> None:
    texts = [GoldText("a", TEXT, SPANS)] * 100
    seen = evaluate(texts, lambda _: [Finding(8, 15, "name", "x")], {})
    verdict = verdict_of(seen, "code", "gold")
    assert "Ann" not in json.dumps(verdict)
    assert shortfalls(verdict, {"name": 0.96}, "code") == []
    assert "lower bound 0.9630" in shortfalls(verdict, {"name": 0.97}, "code")[0]
    assert "not in the gold set" in shortfalls(verdict, {"fax": 0.1}, "code")[0]
    assert shortfalls(verdict, {"name": 0.5}, "other") == ["another version of the code was measured"]
    assert shortfalls(None, {"name": 0.5}, "code") == ["nothing has been measured"]
    assert shortfalls(None, {}, "code") == []
