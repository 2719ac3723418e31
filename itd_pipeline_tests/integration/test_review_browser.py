"""The review application in a real Chromium: keys, accessibility, and answers that outlive a killed browser or server.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from itd_pipeline.review_store import Store
from itd_pipeline.review_store.people import Person, start_session
from itd_pipeline_tests.review_world import GOOD, fill, free_port, hidden, served, start

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed (Debian: chromium chromium-driver)")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--window-size=1280,900")
EVERYTHING = Person("owl", ("author", "reviewer", "adjudicator", "lead"), "clinician", 12)
SERIOUS = {"serious", "critical"}


@contextmanager
def chromium() -> Iterator[Any]:
    """A fresh Chromium with an empty profile; killed with its children at the end."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    profile = tempfile.mkdtemp()
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield browser
    finally:
        kill_browser(browser)
        shutil.rmtree(profile, ignore_errors=True)


def kill_browser(browser: Any) -> None:
    """SIGKILL to Chromium, its helpers and its driver."""
    process = browser.service.process
    if process.poll() is None:
        for pid in [*descendants(process.pid), process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def descendants(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *descendants(child)]
    return found


def enter(browser: Any, address: str, session: str) -> None:
    browser.get(f"{address}/static/icon.svg")
    browser.add_cookie({"name": "itd_review", "value": session, "path": "/"})


def keys(browser: Any, *pressed: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    for key in pressed:
        ActionChains(browser).send_keys(key).perform()


def save(browser: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    ActionChains(browser).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()


def until(holds: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "the page did not follow"
        time.sleep(0.03)


def positions(store: Store) -> list[int]:
    return [row["position"] for row in store.rows("SELECT position FROM tasks WHERE answer IS NOT NULL ORDER BY 1")]


@needs_chromium
@pytest.mark.slow
def test_a_whole_record_by_keyboard_and_no_serious_fault(tmp_path: Path) -> None:
    """Judge, undo and look at every page with axe, at three widths."""
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _), chromium() as browser:
        fill(store, 4, [EVERYTHING, Person("fox", ("reviewer",))], practice=1, pairs=1)
        enter(browser, address, start_session(store, "owl"))
        browser.get(f"{address}/judge")
        until(lambda: "Record 1" in browser.title)
        keys(browser, *"yyyyn", *"34545", "r", "m")
        browser.switch_to.active_element.send_keys("yes, by keyboard")
        until(lambda: "Draft kept" in browser.page_source)
        save(browser)
        until(lambda: "Record 2" in browser.title)
        assert positions(store) == [1]
        (row,) = store.rows("SELECT answer FROM tasks WHERE answer IS NOT NULL")
        assert '"supported_by_evidence":"no"' in row["answer"]
        assert '"currency":"5"' in row["answer"]
        assert "yes, by keyboard" in row["answer"]
        keys(browser, "u")
        until(lambda: "Record 1" in browser.title)
        assert positions(store) == []
        save(browser)
        until(lambda: "Record 2" in browser.title)
        save(browser)
        until(lambda: "To mend" in browser.title)
        faults = axe(browser)
        dispute(store)
        for path in ("/", "/judge", "/judge/1", "/judge/6", "/answers", "/decide", "/seeds", "/seeds/new",
                     "/seeds/coverage", "/lead", "/help"):
            browser.get(address + path)
            assert "There is no" not in browser.title, path
            faults += axe(browser)
            for width in (390, 640):  # a telephone, and 1280 pixels at 200 % zoom
                browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                    "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
                wide = browser.execute_script("return document.documentElement.scrollWidth")
                assert wide <= width, f"{path} is {wide} wide at {width}"
                faults += axe(browser)
            browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        assert faults == []


def axe(browser: Any) -> list[str]:
    """Serious and critical faults of the page at hand."""
    carried = importlib.metadata.distribution("axe-playwright-python").locate_file("axe_playwright_python/axe.min.js")
    browser.execute_script(Path(str(carried)).read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run(document).then(arguments[arguments.length - 1])")
    assert found["passes"], "axe did not run"
    return [f"{browser.current_url}: {fault['id']}: {fault['nodes'][0]['html'][:200]}"
            for fault in found["violations"] if fault["impact"] in SERIOUS]


def dispute(store: Store) -> None:
    """Two others disagree on a record that owl has not judged."""
    with store.writing() as connection:
        rows = connection.execute("SELECT task_id FROM tasks WHERE kind = 'record' AND item_id = 'rec-00003'")
        for (task_id,), who, decision in zip(rows.fetchall(), ("ant", "bee"), ("accept", "reject"), strict=True):
            connection.execute("UPDATE tasks SET reviewer = ?, answer = json_object('decision', ?), answered_at = 'x' "
                               "WHERE task_id = ?", (who, decision, task_id))


def kill_browsers(folder: Path, times: int) -> int:
    """Answer, kill Chromium as soon as the next record shows; then leave a half-typed draft and kill it again.
    Returns the number of answers and drafts that were lost."""
    lost = 0
    with Store(folder / "r.sqlite") as store, served(store.path) as (address, _):
        fill(store, times + 1, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        session = start_session(store, "owl")
        for n in range(1, times + 1):
            with chromium() as browser:
                enter(browser, address, session)
                browser.get(f"{address}/judge")
                lost += n > 1 and f"draft {n - 1}" not in browser.page_source
                keys(browser, *"yyyyy", "a")
                save(browser)
                until(lambda n=n, browser=browser: f"Record {n + 1} of" in browser.title)  # type: ignore[misc]
                keys(browser, "m")
                browser.switch_to.active_element.send_keys(f"draft {n}")
                until(lambda browser=browser: "Draft kept" in browser.page_source)  # type: ignore[misc]
                kill_browser(browser)
            lost += positions(store) != list(range(1, n + 1))
    return lost


def kill_servers(folder: Path, times: int, seed: int = 7) -> tuple[int, int]:
    """Send answers one after the other until the server is killed at a random moment, also while it writes; start it
    again and go on. What was acknowledged must be there. Returns (answers lost, answers kept twice)."""
    chance, port = random.Random(seed), free_port()
    acknowledged: list[int] = []
    with Store(folder / "r.sqlite") as store:
        fill(store, times * 200, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        session = start_session(store, "owl")
        for _ in range(times):
            process = start(store.path, port)
            try:
                with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={"itd_review": session}) as client:
                    page = client.get("/judge", follow_redirects=True)
                    # From now on the server may die at any moment, also while it writes.
                    killer = threading.Timer(chance.uniform(0.0, 0.4), process.kill)
                    killer.start()
                    with contextlib.suppress(httpx.TransportError):
                        while True:
                            path = page.url.path
                            reply = client.post(path, data={**hidden(page.text), **GOOD})
                            assert reply.status_code == 303
                            acknowledged.append(int(path.rsplit("/", 1)[1]))
                            page = client.get(reply.headers["location"])
                    killer.join()
            finally:
                process.kill()
                process.wait()
            assert set(acknowledged) <= set(positions(store))
        stored = positions(store)
        twice = len(stored) - len(set(stored))
        twice += len(store.rows("SELECT about FROM events WHERE what = 'answered' GROUP BY 1 HAVING count(*) > 1"))
        return len(set(acknowledged) - set(stored)), twice


@needs_chromium
@pytest.mark.slow
def test_a_killed_browser_loses_nothing(tmp_path: Path) -> None:
    assert kill_browsers(tmp_path, 2) == 0


def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    assert kill_servers(tmp_path, 3) == (0, 0)


@needs_chromium
@pytest.mark.full
def test_a_hundred_killed_browsers_lose_nothing(tmp_path: Path) -> None:
    assert kill_browsers(tmp_path, 100) == 0


@pytest.mark.full
def test_a_hundred_killed_servers_lose_nothing(tmp_path: Path) -> None:
    assert kill_servers(tmp_path, 100) == (0, 0)
