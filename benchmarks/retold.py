"""Benchmark items told in other words: how many are found by their rare words, how many by embedding, how many by both.

    python benchmarks/retold.py SHARED_DATA [--embedding local/all-minilm-l6-v2] [--store FILE] [--least 0.8]

Planted are the questions of MedQA (those of 40 words and more), each between two sentences of MedQuAD's answers, told
otherwise by rule:

    synonyms   some eighty words and phrases exchanged for others that mean the same
    clauses    sentences in another order, and the clauses inside of them
    details    another age, sex and other numbers: another patient with the same case
    all        these three together
    summary    the first sentence, the question, and of those between the third with the rarest words
    brief      such a summary, then synonyms, clauses and details

and told otherwise by people or by machines, against items of their own:

    NIST       the paraphrases of LiveQA's questions by NIST
    NLM        their summaries by NLM: a tenth of the words
    French, Spanish   dialogues of MTS-Dialog of 30 words and more, translated there and back

Clean texts that hold none of the items: answers of MedQuAD, exam questions of MMLU that share no five words in a row
with MedQA once stock is left out, instructions of AlpaCare. What of them is flagged waits for an expert.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
import re
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from defusedxml import ElementTree

from itd_pipeline import settings
from itd_pipeline.decontamination.index import build_index
from itd_pipeline.decontamination.items import BenchmarkItem
from itd_pipeline.decontamination.matching import find_matches
from itd_pipeline.llm.embedding import open_embedder
from itd_pipeline.signals import load_benchmarks
from itd_pipeline.signals.benchmark_meaning import retold
from itd_pipeline.signals.signal import Records, Study
from itd_pipeline.text.sentences import sentence_spans

SYNONYMS = """
    physician=doctor|woman=lady|man=gentleman|brought to=taken to|comes to=presents at|because of=owing to
    shortness of breath=dyspnea|fever=raised temperature|abdominal pain=belly ache|chest pain=pain in the chest
    high blood pressure=hypertension|hypertension=high blood pressure|nausea=queasiness|vomiting=emesis
    difficulty swallowing=dysphagia|swelling=edema|edema=swelling|rash=skin eruption|headache=pain in the head
    heart attack=myocardial infarction|myocardial infarction=heart attack|stroke=cerebrovascular accident
    kidney=renal|liver=hepatic|diabetes mellitus=diabetes|type 2 diabetes=adult-onset diabetes|cancer=malignancy
    shows=reveals|reveals=shows|history of=background of|past medical history=prior history|denies=reports no
    unremarkable=normal|remarkable for=notable for|significant for=notable for|medications=drugs|takes=uses
    most likely=most probable|next step=best action now|diagnosis=condition|treatment=therapy|therapy=treatment
    is prescribed=is given|underwent=had|examination=exam|laboratory studies=blood tests|serum=blood
    increased=elevated|elevated=increased|decreased=reduced|reduced=decreased|severe=marked|mild=slight
    weakness=loss of strength|fatigue=tiredness|weight loss=loss of weight|cough=coughing|bleeding=hemorrhage
    pregnant=expecting|newborn=neonate|infant=baby|boy=male child|girl=female child|mother=mom|father=dad
    smokes=is a smoker of|alcohol=drink|emergency department=casualty|office=clinic|evaluation=assessment
    begins=starts|started=began|develops=gets|worsening=getting worse|sudden=abrupt|several=a number of
    however=yet|appears=looks|notes=finds|states=says|reports=mentions|complains of=suffers from|after=following
    heart rate=pulse|pulse=heart rate|respirations=breathing rate|lesion=abnormal area|mass=lump|tumor=growth
""".replace("\n", "|")
PAIRS = dict(pair.strip().split("=") for pair in SYNONYMS.split("|") if pair.strip())
_SAID = re.compile(r"\b(" + "|".join(sorted(map(re.escape, PAIRS), key=len, reverse=True)) + r")\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SEXES = {"man": "woman", "woman": "man", "boy": "girl", "girl": "boy", "he": "she", "she": "he", "his": "her",
          "her": "his", "him": "her", "male": "female", "female": "male", "himself": "herself", "herself": "himself"}
_SEX = re.compile(r"\b(" + "|".join(_SEXES) + r")\b", re.IGNORECASE)
_WORD = re.compile("[a-z]{4,}")


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def synonyms(text: str, _: random.Random) -> str:
    return _SAID.sub(lambda match: PAIRS[match[0].lower()], text)


def details(text: str, rng: random.Random) -> str:
    """Numbers of about the same size, and the other sex."""
    def other(match: re.Match[str]) -> str:
        value = float(match[0])
        moved = value * rng.choice((0.7, 0.8, 0.9, 1.1, 1.2, 1.3))
        return f"{moved:.1f}" if "." in match[0] else str(max(1, round(moved + rng.choice((-1, 1)))))

    return _SEX.sub(lambda match: _SEXES[match[0].lower()], _NUMBER.sub(other, text))


def clauses(text: str, rng: random.Random) -> str:
    """Sentences before the question shuffled; inside of each the parts between commas and `and`."""
    found = sentences(text)
    body, question = found[:-1], found[-1:]
    rng.shuffle(body)
    turned = []
    for sentence in body:
        parts = re.split(r", (?:and )?| and (?=\w+ \w+ )", sentence.rstrip(". "))
        turned.append(", ".join([*parts[1:], parts[0]]) + ".")
    return " ".join([*turned, *question])


def summary(text: str, held: Mapping[str, int]) -> str:
    """First sentence, question, and the third of the others with the rarest words on the mean."""
    found = sentences(text)
    if len(found) < 4:
        return text
    between = range(1, len(found) - 1)

    def telling(at: int) -> float:
        words = _WORD.findall(found[at].lower()) or ["the"]
        return sum(1 / held.get(word, 1) for word in words) / len(words)

    kept = sorted(sorted(between, key=telling, reverse=True)[:max(1, len(between) // 3)])
    return " ".join([found[0], *(found[at] for at in kept), found[-1]])


def told(text: str, kind: str, held: Mapping[str, int], rng: random.Random) -> str:
    if kind in ("summary", "brief"):
        text = summary(text, held)
        kind = "all" if kind == "brief" else kind
    if kind == "summary":
        return text
    ways = {"synonyms": (synonyms,), "clauses": (clauses,), "details": (details,), "all": (synonyms, details, clauses)}
    for way in ways[kind]:
        text = way(text, rng)
    return text


def table(texts: Sequence[str]) -> pa.Table:
    """Records whose output is the text."""
    nothing = pa.nulls(len(texts), pa.string())
    return pa.table({"instruction": nothing, "input": nothing, "output": pa.array(texts, pa.string()),
                     "rationale": nothing, "options": pa.nulls(len(texts), pa.list_(pa.string())),
                     "source": pa.array(["s"] * len(texts)), "patient_data": pa.array([False] * len(texts))})


class Finder:
    """Both ways of looking for one set of items."""

    def __init__(self, items: Sequence[BenchmarkItem], embedding: str, store: Path, least: float) -> None:
        self.index, self.least = build_index(items), least
        self.embedder = open_embedder(embedding, store) if embedding else None
        self.seconds = {"words": 0.0, "embedding": 0.0}

    def found(self, texts: Sequence[str]) -> tuple[list[set[str]], list[dict[str, float]]]:
        """Per text the items found by words, and those by embedding with their cosine."""
        records = table(texts)
        started = time.perf_counter()
        words: list[set[str]] = [set() for _ in texts]
        for match in find_matches(records, self.index).matches:
            if match.kind != "overlap":
                words[match.row].add(match.item.item_id)
        self.seconds["words"] += time.perf_counter() - started
        meanings: list[dict[str, float]] = [{} for _ in texts]
        if self.embedder is not None:
            started = time.perf_counter()
            nothing = Records(records, {}, Study(settings.Signals()), records)
            for match in retold(nothing, self.index, self.embedder, self.least)[1]:
                meanings[match.row][match.item.item_id] = match.share
            self.seconds["embedding"] += time.perf_counter() - started
        return words, meanings


def planted(finder: Finder, kind: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Print how many (item, text) pairs are found as that item."""
    words, meanings = finder.found([text for _, text in pairs])
    by_words = [item in found for (item, _), found in zip(pairs, words, strict=True)]
    by_meaning = [item in found for (item, _), found in zip(pairs, meanings, strict=True)]
    both = sum(one or other for one, other in zip(by_words, by_meaning, strict=True))
    print(f"{kind:<12}{len(pairs):>6}{sum(by_words) / len(pairs):>10.1%}{sum(by_meaning) / len(pairs):>12.1%}"
          f"{both / len(pairs):>10.1%}", flush=True)


def clean(finder: Finder, name: str, texts: Sequence[str]) -> None:
    words, meanings = finder.found(texts)
    both = sum(bool(one or other) for one, other in zip(words, meanings, strict=True))
    print(f"{name:<12}{len(texts):>6}{sum(map(bool, words)) / len(texts):>10.2%}"
          f"{sum(map(bool, meanings)) / len(texts):>12.2%}{both / len(texts):>10.2%}", flush=True)


def lines(path: Path) -> Iterator[dict[str, object]]:
    yield from map(json.loads, gzip.decompress(path.read_bytes()).decode("utf-8").splitlines())


def dialogues(path: Path) -> list[tuple[str, str, str]]:
    """(id, dialogue, the dialogue translated there and back), of 30 words and more."""
    rows = csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"), newline=""))
    found = {row["ID"]: row["dialogue"] for row in rows}
    backs = {back.rpartition(" ")[2]: text for back, text in found.items() if back.startswith("TR=")}
    return [(name, text, backs[name]) for name, text in found.items()
            if name in backs and len(text.split()) >= 30]


def answers_of(data: Path) -> list[str]:
    """Answers of MedQuAD, each once."""
    found = set()
    with tarfile.open(data / "medquad/medquad.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".xml") else None
            if file is not None:
                found |= {(answer.text or "").strip() for answer in ElementTree.fromstring(file.read()).iter("Answer")}
    return sorted(found - {""})


def held_by(texts: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for text in texts:
        for word in set(_WORD.findall(text.lower())):
            counts[word] = counts.get(word, 0) + 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--embedding", default="local/all-minilm-l6-v2", help="empty: words alone")
    parser.add_argument("--store", type=Path, help="SQLite file that keeps the vectors")
    parser.add_argument("--least", type=float, default=0.8)
    parser.add_argument("--count", type=int, default=400, help="items planted of each kind")
    parser.add_argument("--clean", type=int, default=1000, help="answers of MedQuAD")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(given, given.store or Path(folder) / "vectors.sqlite")


def run(given: argparse.Namespace, store: Path) -> None:
    rng, other = random.Random(11), random.Random(12)
    named = {"medqa": settings.Benchmark(path=next((given.data / "mirage_rawdata/medqa").rglob("*.jsonl.gz")),
                                         builder="medqa")}
    items = load_benchmarks(named, lambda path: path)
    answers = [text for text in answers_of(given.data) if len(text.split()) >= 40]
    finder = Finder(items, given.embedding, store, given.least)
    long = [item for item in items if len(item.prompt.split()) >= 40]
    held = held_by(item.prompt for item in items)
    print(f"{'kind':<12}{'texts':>6}{'words':>10}{'embedding':>12}{'both':>10}")
    for kind in ("synonyms", "clauses", "details", "all", "summary", "brief"):
        pairs, drawn = [], other if kind == "brief" else rng
        for item in drawn.sample(long, min(given.count, len(long))):
            around = sentences(drawn.choice(answers))[:2]
            text = told(item.prompt, kind, held, drawn)
            pairs.append((item.item_id, " ".join([around[0], text, *around[1:]])))
        planted(finder, kind, pairs)
    clean(finder, "MedQuAD", rng.sample(answers, given.clean))
    clean(finder, "AlpaCare", [f"{row['instruction']} {row.get('input') or ''}" for row in lines(
        given.data / "alpacare/data/MedInstruct-test.jsonl.gz")])
    mmlu = load_benchmarks({"mmlu": settings.Benchmark(
        path=next(path for path in (given.data / "mirage_rawdata/mmlu").rglob("*professional_medicine*")),
        builder="mmlu_medical")}, lambda path: path)
    shared = find_matches(table([item.prompt for item in mmlu]), finder.index)
    clean(finder, "MMLU", [item.prompt for item, share in zip(mmlu, shared.share.tolist(), strict=True) if not share])
    print("seconds", {name: round(value, 1) for name, value in finder.seconds.items()})

    liveqa = load_benchmarks({"liveqa": settings.Benchmark(
        path=given.data / "liveqa_med_trec2017/TestDataset/TREC-2017-LiveQA-Medical-Test-Questions-w-summaries.xml",
        builder="liveqa")},
        lambda path: path)
    asked = Finder([BenchmarkItem("liveqa", item.item_id, item.prompt) for item in liveqa], given.embedding, store,
                   given.least)
    for kind, part in (("NIST", "paraphrase"), ("NLM", "summary")):
        planted(asked, kind, [(item.item_id, text) for item in liveqa for name, text in item.more if name == part])
    folder = given.data / "mts_dialog/Augmented-Data"
    for kind, name in (("French", "1-En-FR-EN"), ("Spanish", "2-EN-ES-EN")):
        spoken = dialogues(next(folder.glob(f"*{name}*")))[:given.count]
        planted(Finder([BenchmarkItem("mts", name, text) for name, text, _ in spoken], given.embedding, store,
                       given.least), kind, [(name, back) for name, _, back in spoken])


if __name__ == "__main__":
    main()
