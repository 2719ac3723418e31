"""Entries of reference files, in every form that databases export."""

import gzip
from pathlib import Path

import pytest

from itd_pipeline.errors import SourceError
from itd_pipeline.sources.references import Reference, read_references

RIS = """TY  - JOUR
AU  - Saad, A. A.
A1  - Nobody
TI  - Zinc in severe
  malaria
PY  - 2013
VL  - 59
SP  - 150
EP  - 153
DO  - 10.1093/tropej/fms056
LB  - Duplicate
ER  -
TY  - JOUR
TI  - No more than a title
ER  -
"""
NBIB = """PMID- 23152484
TI  - Zinc in severe malaria
FAU - Saad, A A
AU  - Saad AA
DP  - 2013 Apr
VI  - 59
PG  - 150-3
LID - S0123 [pii]
LID - 10.1093/tropej/fms056 [doi]

PMID- 2
TI  - Another
"""
ENDNOTE = """<?xml version="1.0" encoding="UTF-8" ?><xml><records><record><contributors><authors>
<author><style face="normal">Saad, A. A.</style></author></authors></contributors>
<titles><title><style>Zinc in </style><style face="italic">severe malaria</style></title></titles>
<pages>150-3</pages><volume>59</volume><dates><year>2013</year></dates><accession-num>7</accession-num>
<electronic-resource-num>10.1093/tropej/fms056</electronic-resource-num><caption>Duplicate</caption></record>
</records></xml>"""
TABLE = """Title,Authors,Publication Year,Volume,Pages,DOI,Label
"Zinc in
severe malaria","Saad, A. A.; Osman, S.",2013,59,150-3,10.1093/tropej/fms056,Duplicate
Short row
"""


def read(folder: Path, name: str, text: str) -> list[Reference]:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return read_references(path)


@pytest.mark.parametrize(("name", "text", "identity", "authors", "pages", "label"), [
    ("a.ris", RIS, "", ("Saad, A. A.",), "150-153", "Duplicate"),
    ("a.nbib", NBIB, "23152484", ("Saad, A A",), "150-3", ""),
    ("a.txt.gz", NBIB, "23152484", ("Saad, A A",), "150-3", ""),
    ("a.xml", ENDNOTE, "7", ("Saad, A. A.",), "150-3", "Duplicate"),
    ("a.csv", TABLE, "", ("Saad, A. A.", "Osman, S."), "150-3", "Duplicate"),
    ("a.tsv.gz", TABLE.replace(",", "\t").replace("Saad\t", "Saad,").replace("Osman\t", "Osman,"), "",
     ("Saad, A. A.", "Osman, S."), "150-3", "Duplicate"),
])
def test_every_form_gives_the_same_fields(tmp_path: Path, name: str, text: str, identity: str, authors: tuple[str, ...],
                                          pages: str, label: str) -> None:
    first = read(tmp_path, name, text)[0]
    assert (first.number, first.title, first.volume, first.doi) == (
        1, "Zinc in severe malaria", "59", "10.1093/tropej/fms056")
    assert first.year.startswith("2013")
    assert (first.identity, first.authors, first.pages, first.label) == (identity, authors, pages, label)
    assert first.fields_known == 6


def test_an_entry_that_says_little_is_counted_all_the_same(tmp_path: Path) -> None:
    assert [(r.number, r.title, r.fields_known) for r in read(tmp_path, "a.ris", RIS)][1] == (
        2, "No more than a title", 1)
    assert [r.title for r in read(tmp_path, "b.csv", TABLE)] == ["Zinc in severe malaria", "Short row"]


@pytest.mark.parametrize(("name", "text", "said"), [
    ("a.ris", "Just text", "neither RIS nor NBIB"), ("a.xml", "<html/>", "no element `record`"),
    ("a.csv", "name,x\n1,2\n", "no column title; there are name, x"), ("a.csv", "", "empty_file"),
    ("a.xml", "<xml><records>", "malformed_xml"),
])
def test_what_is_no_reference_file_is_refused_with_a_remedy(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as raised:
        read(tmp_path, name, text)
    assert "Export it as RIS" in raised.value.remedy
