"""Gold sets as people have them: offsets off by line ends, missing files, tags that are not closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from itd_pipeline.deid_evaluation import evaluate, read_gold
from itd_pipeline.errors import SourceError

TEXT = "Line one.\nSeen by Ann Lee.\n"


def brat(folder: Path, text: bytes, *rows: str, name: str = "a") -> Path:
    (folder / f"{name}.txt").write_bytes(text)
    (folder / f"{name}.ann").write_text("\n".join(rows), encoding="utf-8")
    return folder


def values(path: Path) -> list[str]:
    return [gold.text[span.start : span.end] for gold in read_gold(path) for span in gold.spans]


@pytest.mark.parametrize("start", [18, 19])
def test_line_ends_of_windows_count_one_character_or_two(tmp_path: Path, start: int) -> None:
    path = brat(tmp_path, TEXT.replace("\n", "\r\n").encode(), f"T1\tNAME {start} {start + 7}\tAnn Lee")
    assert values(path) == ["Ann Lee"]


def test_annotations_with_line_ends_of_windows(tmp_path: Path) -> None:
    assert values(brat(tmp_path, TEXT.encode(), "T1\tNAME 18 25\tAnn Lee\r", "")) == ["Ann Lee"]


def test_offsets_that_are_off_are_put_right_by_the_words_beside_them(tmp_path: Path) -> None:
    assert values(brat(tmp_path, TEXT.encode(), "T1\tNAME 15 22\tAnn Lee")) == ["Ann Lee"]


def test_words_that_stand_nowhere_are_an_error_with_file_and_row(tmp_path: Path) -> None:
    brat(tmp_path, TEXT.encode(), "T1\tNAME 18 25\tAnn Lee", "T2\tNAME 0 4\tSomebody")
    with pytest.raises(SourceError, match=r"a\.ann, row 2") as caught:
        list(read_gold(tmp_path))
    assert "Somebody" not in str(caught.value)


def test_a_missing_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.ann").write_text("T1\tNAME 0 3\tAnn", encoding="utf-8")
    with pytest.raises(SourceError, match=r"b\.txt is missing"):
        list(read_gold(tmp_path))


def test_presidio_offsets_are_put_right_by_the_value(tmp_path: Path) -> None:
    path = tmp_path / "gold.json"
    path.write_text(json.dumps([{"full_text": TEXT, "spans": [
        {"entity_type": "PERSON", "entity_value": "Ann Lee", "start_position": 3, "end_position": 10}]}]),
        encoding="utf-8")
    assert values(path) == ["Ann Lee"]


@pytest.mark.parametrize("text", ["By <NAME>Ann Lee on <DATE>3 May</DATE>", "By <NAME>Ann</NAME> Lee</NAME>",
                                  "<DATE>3</DATE> [[DATE:4"])
def test_a_tag_that_is_not_closed_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "note.txt").write_text("Fine.\n" + text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"note\.txt, row 2"):
        list(read_gold(tmp_path / "note.txt"))


def test_a_comparison_is_no_tag(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("INR <2 and >1, <NAME>Ann</NAME>, p<0.05", encoding="utf-8")
    assert values(tmp_path / "note.txt") == ["Ann"]


def test_a_value_written_otherwise_is_found_and_one_that_is_not_there_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "asq.txt"
    path.write_text("===QUERY===\nSeen at St. Mary\u2019s\n===PHI_TAGS===\n"
                    '{"identifier_type": "GEOGRAPHIC_LOCATION", "value": "St. Mary\'s"}\n'
                    '{"identifier_type": "NAME", "value": "Nobody"}\n', encoding="utf-8")
    gold, = read_gold(path)
    assert (gold.text[gold.spans[0].start : gold.spans[0].end], gold.unplaced) == ("St. Mary\u2019s", 1)
    assert evaluate([gold], lambda _: [], {}).unplaced == 1
