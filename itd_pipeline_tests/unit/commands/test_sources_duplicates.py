"""`itd sources duplicates` says which entries are one publication, and how well it agrees with people's labels."""

import csv
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itd_pipeline.cli import app

_SHARED = Path(os.environ.get("ITD_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
SWEEP = _SHARED / "dedupe_sweep"
RIS = """TY  - JOUR
AU  - Saad, A. A.
TI  - Zinc and copper in children with severe malaria
PY  - 2013
VL  - 59
SP  - 150
LB  - Duplicate
ER  -
TY  - JOUR
AU  - Else, B.
TI  - Ceramides in asthma of children
PY  - 2011
LB  - Duplicate
ER  -
"""
TABLE = """id,title,authors,year,volume,pages,doi
7,Zinc and copper in children with severe malaria,Saad A A,2013,59,150-3,10.1093/tropej/fms056
"""


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["sources", "duplicates", *arguments])
    return done.exit_code, done.output


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "a.ris").write_text(RIS, encoding="utf-8")
    (tmp_path / "b.csv").write_text(TABLE, encoding="utf-8")
    return str(tmp_path / "a.ris"), str(tmp_path / "b.csv")


def test_entries_of_several_files_are_one_publication_and_the_fullest_stays(files: tuple[str, str]) -> None:
    code, said = run(*files, "--json")
    told = json.loads(said)
    assert code == 0
    assert (told["references"], told["publications"], told["duplicates"], told["clusters"]) == (3, 2, 1, 1)
    (cluster,) = told["clusters_of"]
    assert [(m["file"], m["number"], m["keep"]) for m in cluster] == [("a.ris", 1, False), ("b.csv", 1, True)]


def test_for_people_it_names_the_entries(files: tuple[str, str]) -> None:
    code, said = run(*files)
    assert code == 0
    assert "a.ris 1; b.csv 1 (stays)" in said


def test_labels_give_precision_recall_and_f1(files: tuple[str, str]) -> None:
    told = json.loads(run(*files, "--labelled", "Duplicate", "--json")[1])
    assert (told["labelled"], told["found"], told["precision"], told["recall"], told["f1"]) == (2, 2, 0.5, 0.5, 0.5)
    code, said = run(*files, "--labelled", "twin")
    assert code == 2
    assert "Labels: Duplicate" in said


def test_every_entry_is_written_with_its_cluster(files: tuple[str, str], tmp_path: Path) -> None:
    assert run(*files, "--write", str(tmp_path / "merged.csv"))[0] == 0
    with (tmp_path / "merged.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["cluster"], row["keep"]) for row in rows] == [("1", "no"), ("2", "yes"), ("1", "yes")]


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.ris").write_text("no references", encoding="utf-8")
    code, said = run(str(tmp_path / "x.ris"), "--json")
    assert code == 1
    assert "x.ris" in json.loads(said)["problem"]


@pytest.mark.skipif(not SWEEP.is_dir(), reason="dedupe_sweep is not here; set ITD_SHARED_DATA")
@pytest.mark.parametrize("name", ["copper.xml.gz", "tafenoquine.xml.gz", "old/respiratory.xml.gz"])
def test_citations_that_people_labelled(name: str) -> None:
    code, said = run(str(SWEEP / name), "--labelled", "Duplicate", "--json")
    assert code == 0
    assert json.loads(said)["f1"] >= 0.95
