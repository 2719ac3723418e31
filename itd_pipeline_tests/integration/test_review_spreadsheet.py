"""A review by spreadsheet, edited in a real LibreOffice: nothing changes but the edits."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from itd_pipeline.commands.review import _read
from itd_pipeline.ports import canonical_json
from itd_pipeline.review.answer import check_answer
from itd_pipeline.review.rubric import load_rubric
from itd_pipeline.review.workbook import workbook_of
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.answers import save_answer
from itd_pipeline.review_store.people import Person
from itd_pipeline.review_store.ratings import rows_of, take_in
from itd_pipeline.review_store.tasks import task_at
from itd_pipeline_tests.review_world import GOOD, RUBRIC, fill

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed (Debian: libreoffice-calc)")
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">{}
</script:module>"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false">{}</library:library>"""
BASIC = """
Sub Edit
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  book = StarDesktop.loadComponentFromURL(ConvertToURL("{source}"), "_blank", 0, hidden())
  sheet = book.Sheets.getByName("{sheet}")
{edits}
  Dim kind(0) As New com.sun.star.beans.PropertyValue
  kind(0).Name = "FilterName" : kind(0).Value = "Calc MS Excel 2007 XML"
  book.storeToURL(ConvertToURL("{target}"), kind())
  book.close(True)
  StarDesktop.terminate()
End Sub
"""


def edit_in_libreoffice(source: Path, target: Path, sheet: str, edits: Sequence[tuple[int, int, str]]) -> None:
    """Open a workbook, type texts into cells (column and row from 0) and save it again as XLSX."""
    profile = target.parent / "office-profile"
    standard = profile / "user" / "basic" / "Standard"
    office = [str(SOFFICE), "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    # The first start makes the profile, with a module of its own that is then replaced.
    subprocess.run([*office, "--terminate_after_init"], check=True, timeout=120, capture_output=True)
    standard.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f'  sheet.getCellByPosition({c}, {r}).setString("{text}")' for c, r, text in edits)
    basic = BASIC.format(source=source, target=target, sheet=sheet, edits=lines)
    (standard / "Module1.xba").write_text(MODULE.format(escape(basic)), encoding="utf-8")
    (standard / "script.xlb").write_text(LIBRARY.format('<library:element library:name="Module1"/>'), encoding="utf-8")
    subprocess.run([*office, "macro:///Standard.Module1.Edit()"], check=True, timeout=300, capture_output=True)
    assert target.is_file(), "LibreOffice did not save"


def round_trip(folder: Path, records: int, answered: int, changed: int, new: int) -> None:
    """Answer some in the application, export, edit in LibreOffice, import: only the edits are different."""
    rubric = load_rubric(RUBRIC)
    with Store(folder / "r.sqlite") as store:
        fill(store, records, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        for position in range(1, answered + 1):
            task = task_at(store, "owl", position)
            assert task is not None
            given = {**GOOD, "comment": f"=1+{position}" if position % 3 else "-ok\n+two lines, 5 %", "clarity": "4"}
            save_answer(store, "owl", task["task_id"], 0, check_answer(given, rubric).values, 9, rubric.version)
        rows = rows_of(store, "owl")
        assert len(rows) == records
        (folder / "out.xlsx").write_bytes(workbook_of(rows, rubric, "owl", "application"))
        before = {row.assignment: dict(row.answer) for row in rows}

        from openpyxl import load_workbook

        with closing(load_workbook(folder / "out.xlsx", read_only=True)) as book:
            headings = [cell.value for cell in book["Records"][1]]
        at = {name: headings.index(name) for name in headings}
        edits = [(at["Comment"], row, f"=EDIT({row})") for row in range(1, changed + 1)]
        for row in range(answered + 1, answered + new + 1):
            edits += [(at[gate.label], row, "yes") for gate in rubric.gates]
            edits += [(at["Decision"], row, "accept"), (at["Relevance"], row, "5")]
        edit_in_libreoffice(folder / "out.xlsx", folder / "back.xlsx", "Records", edits)
        taken = take_in(store, "owl", _read(folder / "back.xlsx", rubric), rubric)
        assert taken.problems == []
        assert (taken.saved, taken.unchanged) == (changed + new, answered - changed)
        after = [json.loads(row["answer"]) if row["answer"] else {} for row in store.rows(
            "SELECT answer FROM tasks WHERE reviewer = 'owl' ORDER BY position")]
        for number, (old, now) in enumerate(zip(before.values(), after, strict=True), start=1):
            if number <= changed:
                assert now == {**old, "comment": f"=EDIT({number})"}
            elif answered < number <= answered + new:
                assert (now["decision"], now["relevance"], now["comment"]) == ("accept", "5", "")
            else:
                assert canonical_json(now) == canonical_json(old)
        again = take_in(store, "owl", _read(folder / "back.xlsx", rubric), rubric)
        assert (again.saved, again.problems) == (0, [])
        stale = take_in(store, "owl", _read(folder / "out.xlsx", rubric), rubric)
        assert stale.saved == 0
        assert len(stale.problems) == changed  # the older copy overwrites nothing


@needs_office
@pytest.mark.full
def test_two_thousand_records_edited_in_libreoffice_change_by_the_edits_only(tmp_path: Path) -> None:
    round_trip(tmp_path, 2000, 1200, 150, 100)


@needs_office
@pytest.mark.slow
def test_a_few_records_edited_in_libreoffice_change_by_the_edits_only(tmp_path: Path) -> None:
    round_trip(tmp_path, 12, 7, 2, 3)
