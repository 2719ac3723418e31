"""The Dagster UI in a real Chromium, as `itd ui` starts it: graph, a partition, checks, the dialogue of a backfill.

The pictures are kept: in the folder that ITD_PICTURES names, else in `.pytest_cache/dagster_ui`. `docs/images` holds
some of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from itd_pipeline_tests.conftest import ROOT, small_project
from itd_pipeline_tests.integration.test_review_browser import chromium, needs_chromium
from itd_pipeline_tests.review_world import free_port

pytestmark = [pytest.mark.full, needs_chromium]
PICTURES = Path(os.environ.get("ITD_PICTURES", ROOT / ".pytest_cache" / "dagster_ui"))
PATIENCE_S = 120.0
SIZE = (1440, 1000)


@dataclass(frozen=True)
class World:
    """A running UI over a small project that has been built, and the browser that looks at it."""

    browser: Any
    url: str
    report: str

    def open(self, path: str, *wanted: str) -> str:
        """The visible text of a page, once it holds everything that is wanted."""
        self.browser.get(f"{self.url}{path}")
        return self.until(*wanted)

    def until(self, *wanted: str) -> str:
        ends, text = time.monotonic() + PATIENCE_S, ""
        while time.monotonic() < ends:
            text = str(self.browser.execute_script("return document.body ? document.body.innerText : ''"))
            if all(word in text for word in wanted):
                return text
            time.sleep(0.3)
        missing = [word for word in wanted if word not in text]
        self.picture("missing")
        pytest.fail(f"{self.browser.current_url} shows no {missing}")

    def press(self, words: str) -> None:
        """Press the button that says so."""
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            if self.browser.execute_script(
                    "const b = [...document.querySelectorAll('button, a, [role=menuitem]')].filter(e => "
                    "e.innerText.trim().startsWith(arguments[0]) && !e.disabled && e.offsetParent);"
                    "if (!b.length) return false; b[b.length - 1].click(); return true;", words):
                return
            time.sleep(0.3)
        self.picture("missing")
        pytest.fail(f"there is no button {words!r}")

    def picture(self, name: str) -> Path:
        """What the window shows now, as a file."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        time.sleep(1.0)  # what fades in has come in
        path = PICTURES / f"{name}.png"
        self.browser.save_screenshot(str(path))
        return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    project = tmp_path_factory.mktemp("dagster_ui")
    small_project(project, {"licence: CC0-1.0, model_use: any,": "licence: CC0-1.0, owner: team leaflets, "
                                                                 "model_use: any,"})
    itd = [sys.executable, "-m", "itd_pipeline"]
    port = free_port()
    report = f"http://127.0.0.1:{port + 1}/report.html"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ITD_REPORT_URL": report}
    subprocess.run([*itd, "build", "--profile", "small.yaml"], cwd=project, env=environment, check=True,
                   capture_output=True, timeout=300)
    with (project / "ui.log").open("w") as log:
        ui = subprocess.Popen([*itd, "ui", "--profile", "small.yaml", "--port", str(port)], cwd=project,
                              env=environment, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: httpx.get(f"{url}/server_info", timeout=5).status_code == 200)
        with chromium() as browser:
            browser.set_window_size(*SIZE)
            yield World(browser, url, report)
    finally:
        os.killpg(ui.pid, signal.SIGINT)
        try:
            ui.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(ui.pid, signal.SIGKILL)
            ui.wait()
        shutil.copy(project / "ui.log", PICTURES / "ui.log") if PICTURES.is_dir() else None


def _wait(ready: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            if ready():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    pytest.fail("the Dagster UI did not start")


def test_the_graph_shows_every_asset(world: World) -> None:
    world.open("/assets/downstream_probe?view=lineage&lineageScope=upstream&lineageDepth=10", "raw_sources",
               "cleaned_text", "expert_seeds", "expansions", "candidate_signals", "filtered_set", "review_sample",
               "human_evaluation", "evaluation_report", "dataset_release", "downstream_probe")
    assert world.picture("graph").stat().st_size > 20_000


def test_one_partitions_materialisation_shows_rows_rejects_owner_versions_and_the_report(world: World) -> None:
    text = world.open("/assets/raw_sources?view=partitions&partition=pairs", "rows_rejected", "source_owner")
    for word in ("units_in", "rejected_by_reason", "cost_usd", "code_version", "data_version", "source_licence",
                 "report", "seconds"):
        assert word in text, word
    world.picture("partition")


def test_an_asset_shows_columns_and_links_to_the_report_that_answers(world: World) -> None:
    world.open("/assets/filtered_set?view=overview", "record_id", "rejected_by_reason", "report")
    links = world.browser.execute_script("return [...document.querySelectorAll('a')].map(a => a.href)")
    assert f"{world.report}#coverage" in links
    world.picture("asset")
    assert '<section id="coverage"' in httpx.get(world.report, timeout=5).text
    assert httpx.get(world.report.replace("report.html", "../../profile"), timeout=5).status_code == 404
    assert httpx.get(world.report, headers={"Host": "elsewhere.example"}, timeout=5).status_code == 403


def test_column_lineage_leads_upstream(world: World) -> None:
    world.open("/assets/filtered_set?view=events", "columns_come_from")
    world.browser.execute_script(
        "const row = [...document.querySelectorAll('tr')].find(e => e.innerText.startsWith('columns_come_from'));"
        "row.scrollIntoView({block: 'center'}); const b = row.querySelector('td:nth-child(2) button, "
        "td:nth-child(2) a');"
        "if (b) b.click();")
    world.until("synthetic_expansions.output, expert_seeds.output")
    world.picture("columns")


def test_checks_read_as_sentences(world: World) -> None:
    world.open("/assets/filtered_set?view=checks&checkDetail=rows_accounted", "rows_accounted",
               "Rows in = rows out + rejected", "rejected.")
    world.picture("checks")


def test_the_dialogue_of_a_backfill_names_the_partitions(world: World) -> None:
    world.open("/assets/raw_sources?view=partitions", "leaflets", "pairs", "notes")
    world.press("Materialize")
    text = world.until("Launch", "Partition")
    assert "leaflets" in text or "All" in text
    world.picture("backfill")


def test_schedule_and_sensor_are_there_and_off(world: World) -> None:
    world.open("/automation", "weekly_rebuild", "source_changes")
    world.picture("automation")
