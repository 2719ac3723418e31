from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.sources.outline import Outline


def test_a_section_is_its_body_and_its_subsections() -> None:
    outline = Outline()
    outline.paragraph("Before  all.")
    outline.heading("Methods", 1, "m")
    outline.paragraph("How.")
    outline.heading("Patients", 2)
    outline.items(["one", " ", "two"])
    outline.heading("Results", 1)
    outline.table([["5 mg", ""], ["", "10 mg"]], ["Dose", "Max"], "Table 1.")
    text, sections = outline.text, outline.sections
    assert text == ("Before all.\n\nMethods\n\nHow.\n\nPatients\n\n- one\n- two\n\nResults\n\n"
                    "Table 1.\nDose: 5 mg\nMax: 10 mg")
    assert [(s.title, s.level, s.code, text[s.start : s.end]) for s in sections] == [
        ("Methods", 1, "m", "How.\n\nPatients\n\n- one\n- two"),
        ("Patients", 2, "", "- one\n- two"),
        ("Results", 1, "", "Table 1.\nDose: 5 mg\nMax: 10 mg"),
    ]


def test_a_section_without_body_leaves_only_its_heading() -> None:
    outline = Outline()
    outline.heading("Empty")
    outline.heading("Full")
    outline.paragraph("Text.")
    assert outline.text == "Empty\n\nFull\n\nText."
    assert [section.title for section in outline.sections] == ["Full"]


@given(st.lists(st.tuples(st.integers(1, 4), st.text("ab \n", max_size=6), st.text("xy \n", max_size=8))))
def test_sections_lie_inside_the_text_and_nest(blocks: list[tuple[int, str, str]]) -> None:
    outline = Outline()
    for level, title, body in blocks:
        outline.heading(title, level)
        outline.paragraph(body)
    text, sections = outline.text, outline.sections
    for section in sections:
        assert 0 <= section.start < section.end <= len(text)
        assert text[section.start : section.end].strip() == text[section.start : section.end]
    for outer in sections:
        for inner in sections:
            assert inner.end <= outer.start or outer.end <= inner.start or (
                outer.start <= inner.start and inner.end <= outer.end) or (
                inner.start <= outer.start and outer.end <= inner.end)
