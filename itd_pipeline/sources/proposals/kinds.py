"""Which reader understands a file, by its suffix and then by its first 64 KiB.

Belongs here: marks of formats. Nothing is parsed whole: a mark near the beginning is enough for a proposal, and the
reader itself is asked afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from itd_pipeline.sources.proposals.looking import Sample

TABLES = frozenset({"csv", "xlsx", "jsonl", "parquet"})
PROSE = "prose"
"""Stands for `markdown` and `text`: which of the two depends on all files together."""
_BY_SUFFIX = {
    ".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet", ".pq": "parquet",
    ".pdf": "pdf", ".docx": "docx", ".docm": "docx", ".md": PROSE, ".markdown": PROSE, ".pubtator": "pubtator",
    ".nbib": "citations", ".ris": "citations", ".medline": "citations", ".cnxml": "cnxml", ".html": "html",
    ".htm": "html", ".xhtml": "html",
}
_PICTURES = (".dcm", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp")
_NO_READER = {
    **dict.fromkeys(_PICTURES, "pictures"),
    **dict.fromkeys((".doc", ".rtf", ".odt"), "other word processors' files: save them as .docx"),
    **dict.fromkeys((".xls", ".ods"), "other spreadsheets: save them as .xlsx"),
    **dict.fromkeys((".dta", ".sas7bdat", ".rds", ".db", ".sqlite"), "data of other programs: export tables as CSV"),
    **dict.fromkeys((".7z", ".rar", ".xz", ".bz2"), "other archives: pack them as .zip or .tar.gz"),
    **dict.fromkeys((".ppt", ".pptx"), "slides: save them as PDF"),
    ".epub": "EPUB books: convert them to HTML",
}
_ROOT = re.compile(r"<(?!\?|!)(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)([^>]*)>?")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BY_ROOT = {
    "article": "jats", "pmc-articleset": "jats", "PubmedArticleSet": "pubmed", "PubmedBookArticleSet": "pubmed",
    "PubmedArticle": "pubmed", "PubmedBookArticle": "pubmed", "MedlineCitation": "pubmed",
    "MedlineCitationSet": "pubmed", "ClinicalDocument": "ccda", "health-topics": "medlineplus",
    "ICD10CM.tabular": "icd10cm", "html": "html",
}
_FHIR_XML = re.compile(r"(?:xmlns|xmlns:\w+)\s*=\s*[\"']http://hl7\.org/fhir[\"']")
_HTML = re.compile(r"(?i)<(?:html|body|p|div|h[1-6]|ul|ol|table|article|section|main)\b")
_FHIR = re.compile(r'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')
_OPENFDA = re.compile(r'"(?:openfda|spl_product_data_elements|set_id)"\s*:')
_PUBTATOR = re.compile(r"\d+\|[ta]\|")
_CITATION = re.compile(r"(?:PMID- |TY  - )")
_HEADING = re.compile(r"(?m)\A---\s*$|^#{1,6} \S")


@dataclass(frozen=True)
class Kind:
    """What a file seems to be.

    Args:
        reader: name of its reader, `prose`, or empty where none understands it.
        why: the mark by which it was known, or why there is no reader.
        headings: for prose, whether it has headings or front matter.
    """

    reader: str
    why: str
    headings: bool = False


def kind_of(sample: Sample) -> Kind:
    """What a file seems to be. Never raises."""
    head, suffix = sample.head, sample.suffix
    if not head:
        return Kind("", "empty file")
    if head.startswith(b"%PDF-"):
        return Kind("pdf", "begins as PDF does")
    if head.startswith(b"PAR1"):
        return Kind("parquet", "begins as Parquet does")
    if suffix in _NO_READER:
        return Kind("", _NO_READER[suffix])
    text = _text(head)
    if suffix in {".pdf", ".parquet", ".pq"} or (suffix in {".docx", ".xlsx"} and not head.startswith(b"PK")):
        return Kind("", f"not what its suffix {suffix} says")
    if suffix in {".docx", ".docm", ".xlsx", ".xlsm"}:
        return Kind(_BY_SUFFIX[suffix], f"suffix {suffix}")
    if "\0" in text:
        return Kind("", "binary file")
    start = text.lstrip()
    if suffix in {".xml", ".nxml", ".cnxml"} or start.startswith("<?xml"):
        return _xml(start)
    if suffix == ".obo" or start.startswith("format-version:"):
        hpo = re.search(r"(?m)^id: HP:\d", text) or re.search(r"(?m)^ontology: hp\b", text)
        return Kind("hpo", "terms HP:… in OBO") if hpo else Kind("", "an ontology in OBO other than the HPO")
    if suffix in _BY_SUFFIX:
        headings = _BY_SUFFIX[suffix] == PROSE
        return Kind(_BY_SUFFIX[suffix], f"suffix {suffix}", headings)
    if suffix in {".json", ".jsonl", ".ndjson"}:
        return _json(start, lines=suffix != ".json")
    if suffix in {".txt", ""}:
        return _plain(start)
    return Kind("", f"no reader for {suffix}")


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return head.decode("utf-8", "replace").removeprefix("\ufeff")


def _xml(text: str) -> Kind:
    """By the root element and its namespace; a root that several formats share by what stands further in."""
    plain = _COMMENT.sub("", text)
    root = _ROOT.search(plain)
    if root is None:
        return Kind("", "no XML element")
    name, attributes = root[1], root[2]
    why = f"root element {name}"
    if name[0].isupper() and _FHIR_XML.search(attributes):  # pages about FHIR name it as well, in a `div`
        return Kind("fhir", f"{why} of http://hl7.org/fhir")
    if "cnx.rice.edu/cnxml" in attributes:
        return Kind("cnxml", f"{why} of cnx.rice.edu/cnxml")
    if name == "document" and "urn:hl7-org:v3" in plain[:4096]:
        return Kind("spl", f"{why} of urn:hl7-org:v3")
    if name in {"section", "component"} and "<section" in plain and (
            "urn:hl7-org:v3" in plain[:4096] or "<templateId" in plain):
        return Kind("ccda", f"{why} of C-CDA")
    if name in _BY_ROOT:
        return Kind(_BY_ROOT[name], why)
    if re.search(r"<QAPairs?\b", plain) or (re.search(r"<pair\b", plain) and "<doctitle-focus" in plain):
        return Kind("medquad", f"{why} with question-answer pairs")
    if re.search(r"<article\b[^>]*article-type=", plain):
        return Kind("jats", f"{why} with articles in it")
    if name in {"div", "body", "main"} and _HTML.search(plain):
        return Kind("html", f"{why}, HTML")
    return Kind("", f"{why}, which no reader knows")


def _json(text: str, lines: bool) -> Kind:
    if _FHIR.search(text[:4096]):
        return Kind("fhir", "JSON with a resourceType")
    if _OPENFDA.search(text) and (lines or '"results"' in text[:4096] or text.startswith("{")):
        return Kind("openfda", "JSON of drug labels")
    if lines or (text.startswith("{") and re.match(r"\{[^\n]*\}\s*\n\s*\{", text)):
        return Kind("jsonl", "one JSON object per line")
    return Kind("", "JSON that is neither FHIR nor openFDA: write it as JSON Lines, one object per line, .jsonl")


def _plain(text: str) -> Kind:
    if _PUBTATOR.match(text):
        return Kind("pubtator", "lines id|t|title")
    if _CITATION.match(text):
        return Kind("citations", "lines PMID- or TY  -")
    if text.startswith("{") and _json(text, lines=True).reader == "fhir":
        return Kind("", "JSON in a file without its suffix: rename it to .json")
    return Kind(PROSE, "plain text", bool(_HEADING.search(text)))
