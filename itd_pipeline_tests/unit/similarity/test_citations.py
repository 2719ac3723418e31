import gzip
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from itd_pipeline.similarity.citations import NEARLY_THE_SAME, Citation, citation_clusters

_SHARED = Path(os.environ.get("ITD_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
SWEEP = _SHARED / "dedupe_sweep"
PAPER = Citation("Zinc and copper in children with severe malaria", ["Saad, A. A.", "Osman, S. M."], "2013", "59",
                 "150-3", "10.1093/tropej/fms056")


def together(a, b, threshold=NEARLY_THE_SAME):
    return citation_clusters([a, b], threshold).tolist() == [0, 0]


def test_case_diacritics_markup_and_notes_do_not_part_a_publication():
    other = replace(PAPER, title="<b>ZINC</b> and cópper in children with severe malaria. [Erratum in: Lancet (9)]",
                    authors=["A. A. Saad"], doi="", pages="150-153")
    assert together(PAPER, other)


@pytest.mark.parametrize("change", [
    {"pages": "204-10", "doi": ""}, {"year": "2016", "doi": ""}, {"doi": "", "title": PAPER.title + " 2"},
    {"authors": ["Else, X."], "volume": "", "pages": "", "doi": ""},
])
def test_a_contradiction_or_no_support_parts_the_same_title(change):
    assert not together(PAPER, replace(PAPER, **change))


def test_the_years_of_print_and_preprint_may_differ_by_one():
    assert together(PAPER, replace(PAPER, year="2012", doi=""))


def test_one_doi_holds_alike_titles_together_and_no_others():
    assert together(PAPER, replace(PAPER, title="Zinc and copper in malaria of children", volume="60"))
    assert not together(PAPER, replace(PAPER, title="Abstracts of the annual meeting"))


def test_a_translated_title_needs_year_volume_page_and_author():
    spanish = replace(PAPER, title="Zinc y cobre en niños con malaria severa", doi="")
    assert together(PAPER, spanish)
    assert not together(PAPER, replace(spanish, volume="60"))
    assert not together(PAPER, replace(spanish, authors=["Else, X."]))


def test_pages_that_a_spreadsheet_made_a_date_decide_nothing():
    assert together(PAPER, replace(PAPER, pages="01-Jun", doi=""))


def test_threshold_is_of_the_title():
    near = replace(PAPER, title=PAPER.title.replace("severe", "very grave"), doi="", volume="")
    assert together(PAPER, near, 0.8)
    assert not together(PAPER, near, 0.95)


def test_no_references_make_no_clusters():
    assert citation_clusters([]).tolist() == []


@pytest.mark.skipif(not SWEEP.is_dir(), reason="dedupe_sweep is not here; set ITD_SHARED_DATA")
@pytest.mark.parametrize("name", ["copper.xml.gz", "tafenoquine.xml.gz", "old/respiratory.xml.gz"])
def test_labelled_citations_reach_f1_at_the_stated_threshold(name):
    root = etree.fromstring(gzip.decompress((SWEEP / name).read_bytes()), etree.XMLParser(huge_tree=True))
    records = list(root.iter("record"))

    def said(record, path):
        return " ".join("".join(element.itertext()) for element in record.findall(path)).strip()

    labels = citation_clusters([
        Citation(said(r, "titles/title"), ["".join(a.itertext()) for a in r.findall("contributors/authors/author")],
                 said(r, "dates/year"), said(r, "volume"), said(r, "pages"), said(r, "electronic-resource-num"))
        for r in records]).tolist()
    sizes = Counter(labels)
    truth = [said(record, "caption") == "Duplicate" for record in records]  # every member of a cluster is labelled
    found = [sizes[label] > 1 for label in labels]
    right = sum(a and b for a, b in zip(truth, found, strict=True))
    assert 2 * right / (sum(truth) + sum(found)) >= 0.95
