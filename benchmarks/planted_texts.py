"""Real texts for `planted_faults.py`: evidence with clean outputs that rest on it, by source.

Usage: imported. Sources of the half `tune` may be looked at while a rule is written; those of `held_out` may not.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
Pair = tuple[str, str]
"""Evidence, and a clean output that people or a translator made of it; the output is empty where there is none."""


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")


def _lines(path: Path) -> list[str]:
    return _text(path).splitlines()


def _rows(path: Path) -> Iterator[dict[str, str]]:
    return iter(csv.DictReader(io.StringIO(_text(path))))


def medquad(data: Path, kept: Callable[[str], bool]) -> Iterator[Pair]:
    """Answers of MedQuAD from the collections that `kept` says."""
    with tarfile.open(data / "medquad/medquad.tar.gz") as archive:
        for member in archive:
            if member.name.endswith(".xml") and kept(member.name.split("/")[1]):
                file = archive.extractfile(member)
                assert file is not None
                for answer in ElementTree.fromstring(file.read()).iter("Answer"):
                    text = re.sub(r"\s+", " ", answer.text or "").strip()
                    if 60 <= len(text.split()) <= 400:
                        yield text, ""


def shipped(*kinds: str) -> Iterator[Pair]:
    """Documents that ship with the project, a section at a time."""
    for kind in kinds:
        for path in sorted((ROOT / "data/documents" / kind).glob("*.md")):
            body = path.read_text(encoding="utf-8").split("---", 2)[2]
            for section in re.split(r"\n## ", body)[1:]:
                yield section.split("\n", 1)[1].strip(), ""


def pubtator(data: Path) -> Iterator[Pair]:
    """Abstracts of the NCBI disease corpus."""
    path = data / "ncbi_disease_pubmed/train/NCBItrainset_corpus.txt.gz"
    for line in _lines(path):
        if "|a|" in line[:12]:
            yield line.split("|a|", 1)[1].strip(), ""


def pubmedqa(data: Path) -> Iterator[Pair]:
    """Abstracts of PubMedQA with their conclusion as the output."""
    content = json.loads(gzip.decompress((data / "pubmedqa/ori_pqal.json.gz").read_bytes()))
    for item in content.values():
        yield " ".join(item["CONTEXTS"]), item["LONG_ANSWER"]


def medlineplus(data: Path) -> Iterator[Pair]:
    """Summaries of MedlinePlus topics."""
    path = next((data / "medlineplus_topics_chunks").glob("*.jsonl.gz"))
    for line in _lines(path):
        text = json.loads(line)["page_content"]
        if len(text.split()) >= 60:
            yield text, ""


def spl(data: Path) -> Iterator[Pair]:
    """Paragraph groups of drug labels."""
    seen: set[str] = set()
    for path in sorted((data / "openfda_spl_samples/openfda").rglob("*.xml")):
        try:
            root = ElementTree.parse(path).getroot()
        except ElementTree.ParseError:
            continue  # one of the samples is empty, one is broken on purpose
        for section in root.iter("{urn:hl7-org:v3}section"):
            for block in section.findall("{urn:hl7-org:v3}text"):
                text = re.sub(r"\s+", " ", " ".join(block.itertext())).strip()
                if 60 <= len(text.split()) <= 500 and text not in seen:
                    seen.add(text)
                    yield text, ""


def openstax(data: Path) -> Iterator[Pair]:
    """Sections of nursing textbooks."""
    tag = "{http://cnx.rice.edu/cnxml}"
    with tarfile.open(data / "openstax_nursing/openstax_nursing.tar.gz") as archive:
        for member in archive:
            if not member.name.endswith("index.cnxml"):
                continue
            file = archive.extractfile(member)
            assert file is not None
            for section in ElementTree.fromstring(file.read()).iter(f"{tag}section"):
                paras = [re.sub(r"\s+", " ", "".join(p.itertext())).strip() for p in section.findall(f"{tag}para")]
                text = "\n".join(paras)
                if 60 <= len(text.split()) <= 500:
                    yield text, ""


def dialogues(path: Path) -> Iterator[Pair]:
    """Dialogues of MTS-Dialog with the note that a clinician wrote of each."""
    for row in _rows(path):
        if len(row["section_text"].split()) >= 12:
            yield row["dialogue"], row["section_text"]


def back_translated(data: Path, name: str) -> Iterator[Pair]:
    """Dialogues of MTS-Dialog with themselves after a translation there and back: paraphrase at full length."""
    first: dict[str, str] = {}
    for row in _rows(data / "mts_dialog/Main-Dataset/MTS-Dialog-TrainingSet.csv.gz"):
        first.setdefault(row["section_text"], row["dialogue"])
    for row in _rows(data / "mts_dialog/Augmented-Data" / name):
        dialogue = first.get(row["section_text"])
        if dialogue and dialogue != row["dialogue"] and len(dialogue.split()) >= 60:
            yield dialogue, row["dialogue"]


def k_qa(data: Path) -> Iterator[Pair]:
    """Answers that physicians of K Health gave."""
    for line in (data / "k_qa/questions_w_answers.jsonl").read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)["Free_form_answer"]
        if len(answer.split()) >= 40:
            yield answer, ""


def plos(data: Path) -> Iterator[Pair]:
    """Paragraphs of open-access articles."""
    with tarfile.open(next((data / "plos_jats_starter").glob("*.tar.gz"))) as archive:
        for member in archive:
            if member.name.endswith(".xml") and (file := archive.extractfile(member)):
                for block in ElementTree.fromstring(file.read()).iter("p"):
                    text = re.sub(r"\s+", " ", "".join(block.itertext())).strip()
                    if 80 <= len(text.split()) <= 400:
                        yield text, ""


def texts(data: Path, half: str) -> dict[str, list[Pair]]:
    """Source -> pairs, of one half: `tune` or `held_out`."""
    mts = data / "mts_dialog"
    augmented = "MTS-Dialog-Augmented-TrainingSet-{}-Pairs.csv.gz"
    readers: dict[str, Callable[[], Iterator[Pair]]]
    if half == "tune":
        readers = {
            "medquad": lambda: medquad(data, lambda collection: int(collection.split("_")[0]) <= 6),
            "monographs": lambda: shipped("monographs", "guidelines"),
            "ncbi_abstracts": lambda: pubtator(data),
            "k_qa": lambda: k_qa(data),
            "plos": lambda: plos(data),
            "mts_dialog": lambda: dialogues(mts / "Main-Dataset/MTS-Dialog-TrainingSet.csv.gz"),
            "mts_en_fr_en": lambda: back_translated(data, augmented.format("1-En-FR-EN-2402")),
        }
    else:
        readers = {
            "medquad_others": lambda: medquad(data, lambda collection: int(collection.split("_")[0]) > 6),
            "leaflets": lambda: shipped("leaflets"),
            "spl": lambda: spl(data),
            "openstax": lambda: openstax(data),
            "medlineplus": lambda: medlineplus(data),
            "pubmedqa": lambda: pubmedqa(data),
            "mts_dialog_test": lambda: dialogues(mts / "Main-Dataset/MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv"),
            "mts_en_es_en": lambda: back_translated(data, augmented.format("2-EN-ES-EN-2402")),
        }
    return {name: list(dict.fromkeys(reader())) for name, reader in readers.items()}
