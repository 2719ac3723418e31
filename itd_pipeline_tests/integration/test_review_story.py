"""The review as a clinician meets it, in a real Chromium: nothing here but what a person sees, types and presses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline.review.shown import shown_record
from itd_pipeline.review_store import Store
from itd_pipeline.review_store.people import Person, start_session
from itd_pipeline.review_store.tasks import Item, Plan, give_out, keep_items
from itd_pipeline_tests.integration.test_review_browser import (
    axe,
    chromium,
    enter,
    keys,
    needs_chromium,
    save,
    until,
)
from itd_pipeline_tests.review_world import PASSAGES, a_record, fill, served

LONG = "Rest and drink. " * 150 + "Take paracetamol 650 mg up to four times a day."
SEED = {"instruction": "Explain to a parent when a child with a fever needs to be seen the same day by a doctor.",
        "output": "See a doctor the same day when the child drinks much less than usual.",
        "citation": "Fever in children, a national body, 2024"}
CHOSEN = {"task_type": "patient_education", "specialty": "paediatrics", "audience": "carer", "difficulty": "2"}


def width(browser: Any, wide: int, high: int) -> None:
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": wide, "height": high, "deviceScaleFactor": 1, "mobile": False})


def in_view(browser: Any, selector: str) -> bool:
    """Whether what is selected is on top at some point of the window."""
    return bool(browser.execute_script(
        "const at = document.querySelector(arguments[0]), box = at.getBoundingClientRect();"
        "for (let y = Math.max(box.top, 0) + 4; y < Math.min(box.bottom, innerHeight); y += 8) {"
        "  const top = document.elementFromPoint(box.left + 20, y); if (top && at.contains(top)) return true; }"
        "return false;", selector))


def changed(browser: Any, selector: str) -> list[str]:
    """What is shown as removed and added, as a screen reader reads it."""
    found = browser.find_elements("css selector", f"{selector} del, {selector} ins")
    return [" ".join(one.text.split()) for one in found]


def to_the_last_scale(browser: Any) -> None:
    browser.execute_script("document.querySelector('[name=currency]').closest('fieldset').scrollIntoView("
                           "{block: 'center', behavior: 'instant'})")


@needs_chromium
@pytest.mark.slow
def test_the_record_stays_in_view_while_the_scales_are_answered(tmp_path: Path) -> None:
    """Beside the questions at 1280 pixels; as a sheet above them at 390, and at 640: 1280 at 200 % zoom."""
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _), chromium() as browser:
        fill(store, 0, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))])
        keep_items(store, [Item("rec-long", "record", "model-x", shown_record(a_record(1, output=LONG), PASSAGES))])
        give_out(store, ["rec-long"], [], Plan())
        enter(browser, address, start_session(store, "owl"))
        for wide, high in ((1280, 900), (1000, 800)):
            width(browser, wide, high)
            browser.get(f"{address}/judge/1")
            to_the_last_scale(browser)
            until(lambda: in_view(browser, "[data-keys='12345']:has([name=currency])"))
            assert in_view(browser, "#record-card"), wide
            assert axe(browser) == []  # also with a record so long that it scrolls on its own
            keys(browser, "e")
            until(lambda: in_view(browser, "#evidence-card"))
            assert in_view(browser, "[data-keys='12345']:has([name=currency])"), wide
        for wide, high in ((390, 844), (640, 450)):
            width(browser, wide, high)
            browser.get(f"{address}/judge/1")
            to_the_last_scale(browser)
            until(lambda: not in_view(browser, "#record-card"))
            for link in browser.find_elements("css selector", "a[data-peek]"):
                link.click()
                shown = link.get_attribute("href").split("#")[1]
                until(lambda shown=shown: in_view(browser, f"#{shown}"))  # type: ignore[misc]
                assert in_view(browser, "fieldset:has([name=currency])"), wide
            assert axe(browser) == []
            keys(browser, "\ue00c")  # Escape
            until(lambda: not in_view(browser, "#record-card"))
            assert in_view(browser, "fieldset:has([name=currency])"), wide


@needs_chromium
@pytest.mark.slow
def test_five_records_by_keyboard_alone(tmp_path: Path) -> None:
    """Practice first, every kind of answer, a correction that shows what it changes, and on where one stopped."""
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _), chromium() as browser:
        fill(store, 4, [Person("owl", ("reviewer",)), Person("fox", ("reviewer",))], practice=1)
        enter(browser, address, start_session(store, "owl"))
        browser.get(f"{address}/judge")
        assert "Practice round" in browser.page_source
        for number in range(1, 6):
            until(lambda number=number: f"Record {number} of 5" in browser.title)  # type: ignore[misc]
            keys(browser, *"yyyyy", *"43545", "h", "3", "g", " ")
            if number == 3:
                keys(browser, "c")
                correction = browser.switch_to.active_element
                assert correction.get_attribute("id") == "correction"
                assert correction.get_attribute("value").startswith("Take paracetamol 650 mg up to")
                browser.execute_script("arguments[0].setSelectionRange(17, 20)", correction)
                correction.send_keys("500")
                until(lambda: changed(browser, "#changes") == ["removed: 650", "added: 500"])
            else:
                keys(browser, "a")
            save(browser)
        until(lambda: "All done" in browser.title)
        answers = [json.loads(row["answer"]) for row in store.rows(
            "SELECT answer FROM tasks WHERE reviewer = 'owl' ORDER BY position")]
        assert [a["decision"] for a in answers] == ["accept", "accept", "correct", "accept", "accept"]
        assert {a["harm_extent"] for a in answers} == {"moderate"}
        assert {a["error_tags"] for a in answers} == {"wrong_fact"}
        assert answers[2]["correction"].startswith("Take paracetamol 500 mg up to four")
        keys(browser, "u")
        until(lambda: "Record 5 of 5" in browser.title)
        assert browser.find_element("css selector", "[name=decision][value=accept]").is_selected()
        browser.get(f"{address}/judge")
        assert "Record 5 of 5" in browser.title


@needs_chromium
@pytest.mark.slow
def test_a_seed_is_written_and_a_second_expert_signs_it_off(tmp_path: Path) -> None:
    """Near-duplicates and the grid show while typing; a citation is needed; returned, mended, signed off."""
    with Store(tmp_path / "r.sqlite") as store, served(store.path) as (address, _), chromium() as browser:
        fill(store, 0, [Person("owl", ("author",), "clinician", 12), Person("fox", ("author",), "nurse", 5)])
        owl, fox = start_session(store, "owl"), start_session(store, "fox")

        def write(name: str, text: str) -> None:
            at = browser.find_element("name", name)
            at.clear()
            at.send_keys(text)

        def press(what: str) -> None:
            browser.find_element("css selector", f"button[value={what}]").send_keys("\ue007")  # Enter

        enter(browser, address, owl)
        for round_ in (1, 2):
            browser.get(f"{address}/seeds/new")
            for name in ("instruction", "output"):
                write(name, SEED[name])
            for name, value in CHOSEN.items():
                browser.find_element("css selector", f"[name={name}] option[value='{value}']").click()
            if round_ == 1:
                until(lambda: "Nothing like this has been written yet" in browser.find_element("id", "look").text)
                press("submit")
                until(lambda: "a second expert signs off against it" in browser.page_source)
                assert browser.find_element("name", "output").get_attribute("value") == SEED["output"]
                write("citation", SEED["citation"])
                press("submit")
                until(lambda: "waits for sign-off" in browser.page_source)
        until(lambda: "100 % the same as" in browser.find_element("id", "look").text)
        until(lambda: browser.find_elements("css selector", "#look td.enough"))
        assert [cell.text for cell in browser.find_elements("css selector", "#look td")] == [
            "missing", "1", "missing", "missing", "missing"]

        enter(browser, address, fox)
        browser.get(f"{address}/seeds")
        browser.find_element("partial link text", "Explain to a parent").click()
        browser.find_element("name", "comment_on").send_keys("Say how much less.")
        press("return")
        until(lambda: "returned" in browser.page_source)

        enter(browser, address, owl)
        browser.get(f"{address}/seeds")
        browser.find_element("partial link text", "Explain to a parent").click()
        until(lambda: "Say how much less." in browser.page_source)
        write("output", SEED["output"].replace("much less than", "half of"))
        press("submit")
        until(lambda: "waits for sign-off" in browser.page_source)

        enter(browser, address, fox)
        browser.get(f"{address}/seeds")
        browser.find_element("partial link text", "Explain to a parent").click()
        assert changed(browser, ".changes") == ["removed: much less than", "added: half of"]
        press("sign_off")
        until(lambda: "signed off" in browser.page_source)
        written = store.path.with_name("signed-off-seeds.jsonl").read_text(encoding="utf-8")
        assert json.loads(written)["citation"] == SEED["citation"]
