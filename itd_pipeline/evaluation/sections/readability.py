"""How hard outputs are to read, against whom they are for.

Flesch-Kincaid grade level (Kincaid et al. 1975): 0.39 words per sentence + 11.8 syllables per word - 15.59; syllables
are groups of vowels, a silent e at the end not counted. Text for patients should be at grade 6 to 8 (American Medical
Association 2007; National Institutes of Health). English records only.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from itd_pipeline.evaluation.columns import quantiles, true_count
from itd_pipeline.evaluation.inputs import ReportInputs
from itd_pipeline.evaluation.page import Cell, Grid, Ledger, PageSection, word
from itd_pipeline.tables import vocabularies as v

ID = "readability"
WORDS, VOWELS, SILENT = r"[A-Za-z]+(?:'[A-Za-z]+)?", r"(?i)[aeiouy]+", r"(?i)[a-z]*[aeiouy][a-z]*[^aeioulyY\W]e\b"
SENTENCES = r"[A-Za-z0-9)\]%'\"][.!?]+(?:\s|$)"
LAY, LAY_GRADE = ("patient", "carer"), 8


def readability(inputs: ReportInputs, ledger: Ledger) -> PageSection:
    """Grades by audience."""
    title = "Readability"
    english = inputs.filtered.filter(pc.equal(inputs.filtered.column("language"), "en"))
    rows: list[list[Cell]] = []
    for audience in v.AUDIENCE:
        texts = english.filter(pc.equal(english.column("audience"), audience)).column("output")
        if not len(texts):
            continue
        grade = grades(texts)
        lower, median, upper = quantiles(grade, [0.25, 0.5, 0.75])
        above = true_count(pc.greater(grade, LAY_GRADE))
        rows.append([
            word(audience), ledger.add(ID, "records", len(texts), group=audience),
            ledger.add(ID, "grade_lower_quartile", lower, "grade", group=audience),
            ledger.add(ID, "grade_median", median, "grade", group=audience),
            ledger.add(ID, "grade_upper_quartile", upper, "grade", group=audience),
            ledger.add(ID, "above_grade_8_share", above / len(texts), "share", group=audience),
            "grade 6 to 8" if audience in LAY else "no guideline"])
    if not rows:
        ledger.add(ID, "records", 0, note="no English record was kept")
        return PageSection(ID, title, "Not measured: no English record was kept.")
    return PageSection(ID, title, "School grade that outputs ask for (Flesch-Kincaid), by whom they are for. "
                                  "Medical terms "
                       "make text look harder than its reader may find it.",
                       [Grid("Grade of outputs", ("Audience", "Records", "25 %", "Median", "75 %", "Above grade 8",
                                                  "Wanted"), rows)])


def grades(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Grade of each text, 0 for one without words."""
    words = pc.count_substring_regex(texts, WORDS)
    some = pc.max_element_wise(words, 1)
    sentences = pc.max_element_wise(pc.count_substring_regex(texts, SENTENCES), 1)
    syllables = pc.max_element_wise(pc.subtract(pc.count_substring_regex(texts, VOWELS),
                                                pc.count_substring_regex(texts, SILENT)), words)
    grade = pc.subtract(pc.add(pc.multiply(pc.divide(pc.cast(words, pa.float64()), sentences), 0.39),
                               pc.multiply(pc.divide(pc.cast(syllables, pa.float64()), some), 11.8)), 15.59)
    return pc.if_else(pc.equal(words, 0), 0.0, pc.max_element_wise(grade, 0.0))
