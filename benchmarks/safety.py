"""Harmful requests of MedSafetyBench: recall on its test split, false flags on questions of people and students.

Usage: safety.py SHARED_DATA [--train]

The signal's weights come from MedSafetyBench's *train* split and from harmless texts: questions of MedQuAD's
collections 1 to 6, tasks about their topics, titles of PubMedQA, questions of MeQSum, what doctors and patients say in
MTS-Dialog, sentences of nursing textbooks. With `--train` they are written anew
(itd_pipeline/signals/safety_weights.json): logistic regression over words and pairs of words, with scipy. Measured on
the test split; on MedQuAD's other collections, K-QA, MedicationQA and MedInstruct-test, of which nothing was trained
on.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parent))
import yaml
from planted_texts import ROOT, openstax

from itd_pipeline.signals.safety import WEIGHTS, declines, features, harm_score
from itd_pipeline.text.sentences import sentence_spans

_TASKS = (
    "Explain what {} is.", "Describe the pathophysiology of {}.", "Write a letter to a patient who has {}.",
    "Summarize the treatment of {} in a few sentences.", "Create a care plan for a patient with {}.",
    "As a doctor, how would you explain {} to a child?", "Compare {} with similar conditions.",
    "Write a short story about a person living with {}.", "Generate a list of questions for a patient with {}.",
    "You are a physician. What would you advise a patient with {}?", "Translate this sentence about {} for a lay "
                                                                     "reader.",
    "Design a study of {}.", "Provide an example of a consultation about {}.", "How can a nurse support a patient "
                                                                               "with {}?",
    "Give me some tips to prevent {}.", "Discuss the ethical questions around {}.", "Write a dialogue between a "
                                                                                    "doctor and a "
    "patient about {}.", "How should a physician tell a family about {}?", "Based on the given symptoms, could it be "
                                                                           "{}?",
    "Suggest a diet for someone who has {}.", "Classify the following statement about {} as true or false.",
    "What steps can a clinician take to diagnose {}?", "I have {}. Can you help me?", "Identify the risk factors for "
                                                                                      "{}.",
    "Draft an email to a colleague about a case of {}.", "Can you provide information on {}?", "How do I cope with {}?",
    "What is the role of the physician in the care of {}?", "Develop a plan to improve the care of patients with {}.",
    "Fill in the blank: {} is caused by ___.", "Rewrite the following note on {} in plain language.",
)
"""Forms of harmless tasks, filled with what MedQuAD asks about: without them every order reads like a harmful one."""
LEAST_COUNT, PENALTY, MARGIN = 4, 2.0, 0.002


def medsafety(data: Path, split: str) -> list[tuple[str, str]]:
    """(request, safe response) of a split."""
    return [(row["harmful_medical_request"], row["safe_response"])
            for path in sorted((data / "medsafetybench" / split).rglob("*.csv"))
            for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))]


def medquad_questions(data: Path, first: bool) -> list[str]:
    found: dict[str, None] = {}
    with tarfile.open(data / "medquad/medquad.tar.gz") as archive:
        for member in archive:
            if member.name.endswith(".xml") and (int(member.name.split("/")[1].split("_")[0]) <= 6) == first:
                file = archive.extractfile(member)
                assert file is not None
                found |= dict.fromkeys(" ".join((q.text or "").split())
                                       for q in ElementTree.fromstring(file.read()).iter("Question"))
    return list(found)


def harmless(data: Path) -> list[str]:
    """Texts to train against."""
    draw = random.Random(3)
    questions = draw.sample(medquad_questions(data, True), 4_000)
    titles = [item["QUESTION"] for item in _pubmedqa(data)]
    asked = [line.removeprefix("Doctor:").strip() for row in _dialogues(data)
             for line in row["dialogue"].splitlines() if line.startswith("Doctor:") and len(line.split()) > 5]
    taught = [text[a:b] for text, _ in openstax(data) for a, b in sentence_spans(text)
              if 8 < len(text[a:b].split()) < 40]
    asked += [str(row[2]) for row in _sheet(next((data / "meqsum").glob("*.xlsx"))) if row[2]]
    asked += [line.removeprefix("Patient:").strip() for row in _dialogues(data)
              for line in row["dialogue"].splitlines() if line.startswith("Patient:") and len(line.split()) > 8][:2_000]
    topics = [re.sub(r"^(?:What is \(are\)|What are the \w+ (?:of|for)|How to \w+) | \?$", "", q) for q in questions]
    tasks = [draw.choice(_TASKS).format(topic) for topic in draw.sample(topics, 3_000)]
    return [*questions, *titles, *tasks, *draw.sample(asked, 4_000), *draw.sample(taught, 5_000)]


def _pubmedqa(data: Path) -> list[dict[str, str]]:
    return list(json.loads(gzip.decompress((data / "pubmedqa/ori_pqal.json.gz").read_bytes())).values())


def _dialogues(data: Path) -> list[dict[str, str]]:
    path = data / "mts_dialog/Main-Dataset/MTS-Dialog-TrainingSet.csv.gz"
    return list(csv.DictReader(gzip.open(path, "rt", encoding="utf-8")))


def _sheet(path: Path) -> list[tuple[object, ...]]:
    import openpyxl

    return list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(min_row=2, values_only=True))


def train(harmful: Sequence[str], safe: Sequence[str]) -> dict[str, float]:
    """Weight of each feature; the empty one is the bias."""
    import numpy as np
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    texts = [*harmful, *safe]
    counts = Counter(f for text in texts for f in features(text))
    names = sorted(f for f, count in counts.items() if count >= LEAST_COUNT)
    place = {name: i for i, name in enumerate(names)}
    rows = [[place[f] for f in features(text) if f in place] for text in texts]
    indices = np.concatenate([np.array(r, int) for r in rows])
    matrix = csr_matrix((np.ones(len(indices)), indices, np.concatenate([[0], np.cumsum([len(r) for r in rows])])),
                        shape=(len(texts), len(names)))
    label = np.concatenate([np.ones(len(harmful)), np.zeros(len(safe))])
    weight = np.where(label == 1, len(safe) / len(harmful), 1.0)

    def loss(parameters):
        score = matrix @ parameters[:-1] + parameters[-1]
        value = (weight * np.logaddexp(0, np.where(label == 1, -score,
                                                   score))).sum() + PENALTY * (parameters[:-1] ** 2).sum()
        slope = weight * (1 / (1 + np.exp(-score)) - label)
        return value, np.concatenate([matrix.T @ slope + 2 * PENALTY * parameters[:-1], [slope.sum()]])

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    kept = {name: round(float(w), 3) for name, w in zip(names, found, strict=False) if abs(w) >= 0.05}
    return {"": round(float(found[-1]), 3), **kept}


def _records(content: object) -> list[dict[str, str]]:
    """Records of a seed file, whether it is a list or holds one."""
    found = content if isinstance(content, list) else next(v for v in content.values() if isinstance(v, list))  # type: ignore[attr-defined]
    return [item for item in found if isinstance(item, dict) and "instruction" in item]


def others(data: Path) -> dict[str, list[str]]:
    return {
        "MedQuAD, collections 7 and above": medquad_questions(data, False),
        "K-QA": [json.loads(line)["Question"]
                 for line in (data / "k_qa/questions_w_answers.jsonl").read_text().splitlines()],
        "MedicationQA": [str(row[0]) for row in _sheet(next((data / "medicationqa").glob("*.xlsx"))) if row[0]],
        "seeds that ship": [item["instruction"] for path in sorted((ROOT / "data/seeds").glob("*.yaml"))
                            for item in _records(yaml.safe_load(path.read_text(encoding="utf-8")))],
        "MedInstruct-test": [json.loads(line)["instruction"] for line in
                             gzip.open(data / "alpacare/data/MedInstruct-test.jsonl.gz", "rt", encoding="utf-8")],
    }


def main(data: Path, anew: bool) -> None:
    if anew:
        weights = train([request for request, _ in medsafety(data, "train")], harmless(data))
        WEIGHTS.write_text(json.dumps(weights, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{len(weights):,} weights written to {WEIGHTS.name}; run again to measure")
        return
    from itd_pipeline.signals.safety import HARMFUL_FROM

    for split in ("train", "test"):
        pairs = medsafety(data, split)
        caught = [harm_score(request) >= HARMFUL_FROM for request, _ in pairs]
        safe = [declines(response) for _, response in pairs]
        print(f"MedSafetyBench {split:6} {len(pairs):6,} requests: recall {sum(caught) / len(caught):.1%}; "
              f"safe responses told as refusals {sum(safe) / len(safe):.1%}")
    for name, questions in others(data).items():
        flagged = [q for q in questions if harm_score(q) >= HARMFUL_FROM]
        print(f"{name:36} {len(questions):6,} questions: flagged {len(flagged) / len(questions):.2%}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(re.sub(r"\n\n.*", "", __doc__ or "", flags=re.DOTALL))
    main(Path(sys.argv[1]), "--train" in sys.argv)
