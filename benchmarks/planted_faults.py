"""Faults planted into 2,000 records made of real texts: how many the shipped policy catches, and how many clean records
it flags.

Usage: planted_faults.py SHARED_DATA [tune|held_out] [--records 2000] [--seed 1] [--show KIND]

Half of the records are clean: sentences of the evidence in its words, sentences with units, numbers and phrases
written otherwise. Measured, too, but apart: notes that clinicians wrote of a dialogue (in MTS-Dialog the dialogue was
made for the note, which says more), dialogues that were translated there and back (1989 became 1999), and the
conclusion that authors drew from an abstract without it. The other half holds one fault each, planted into such an
output. A record is *flagged* where a rule on its content rejects it, or sends it to experts; rules on duplicates,
novelty, benchmarks and identifiers are left out. `held_out` takes other sources than `tune`; rules were written
against `tune` alone.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parent))
from planted_texts import ROOT, Pair, texts

from itd_pipeline import settings
from itd_pipeline.policy import apply_policy, load_policy
from itd_pipeline.signals import measure
from itd_pipeline.tables.records import CANDIDATES, DEFAULTS
from itd_pipeline.text.sentences import sentence_spans

_WRITTEN = ("dialogue", "conclusion")
"""Outputs that people or a translator wrote; they hold more than their evidence and are counted apart."""
_OTHER = ("near_duplicate", "exact_duplicate", "novel", "contamination", "identifier", "instruction", "benchmark",
          "semantic", "overlap", "leak")
_DOSE = re.compile(r"(?<![\w.,/-])(\d+(?:,\d{3})*(?:\.\d+)?)(\s?-?)(mg|mcg|micrograms?|g|ml|mL|IU|units?|mg/kg|kg)\b")
_NUMBER = re.compile(r"(?<![\w.,/-])(\d+(?:,\d{3})*(?:\.\d+)?)(?![\w,/-]|\.\d)")
_NEGATED = (
    (r"\b(is|are|was|were|does|do|did|should|can|could|may|must|will|has|have) not\b", r"\1"),
    (r"\bcannot\b", "can"), (r"\bwithout\b", "with"), (r"\b(has|had|have|with|is|are|were|was) no\b", r"\1"),
    (r"\bdenies\b", "reports"), (r"\bno longer\b", "still"),
)
_AFFIRMED = (
    (r"\b(is|are|was|were|should|can|may|must|will) (?!not\b|also\b|no\b)", r"\1 not "),
    (r"\b(reports|complains of)\b", "denies"), (r"\bcauses\b", "does not cause"),
    (r"\bincreas(e[sd]?|ing)\b", r"decreas\1"), (r"\bdecreas(e[sd]?|ing)\b", r"increas\1"),
    (r"\brecommended\b", "not recommended"), (r"\bpositive\b", "negative"),
)
_INVENTED = ("metformin", "warfarin", "lisinopril", "amoxicillin", "prednisolone", "sertraline", "digoxin", "aspirin",
             "ibuprofen", "furosemide", "levetiracetam", "rituximab", "clozapine", "naproxen", "gabapentin", "heparin",
             "Zolvaprex", "cardixamab", "Veltrinol", "neurosorbine", "Tamarexin", "omeprazole", "insulin glargine")
_SENTENCES_WITH_DRUG = ("Patients usually take {} for this.", "Treatment with {} is started early.",
                        "{} 20 mg daily is often given.", "It may be treated with {}.", "{} is an alternative.",
                        "The doctor may prescribe {}.")
_DRUG = re.compile(r"\b[A-Za-z]{3,}(?:mab|nib|pril|sartan|olol|dipine|statin|azole|cillin|mycin|floxacin|cycline|"
                   r"formin|"
                   r"gliptin|xaban|parin|profen|oxetine|azepam|caine|sone|solone|fenac|codone|phylline|terol|zide|"
                   r"mide|tidine|idone|apine|toin|vir|platin|trexate|thyroxine|amine|acetaminophen|"
                   r"paracetamol)\b", re.I)
_SEX = {"she": "he", "her": "his", "woman": "man", "women": "men", "female": "male", "females": "males",
        "mother": "father", "girl": "boy", "girls": "boys", "herself": "himself"}
_SEX |= {b: a for a, b in list(_SEX.items())}
_UNITS = {"mg": ("g", "mcg"), "mcg": ("mg",), "microgram": ("milligram",), "micrograms": ("milligrams",),
          "g": ("mg",), "ml": ("L",), "mL": ("L",), "IU": ("mg",), "unit": ("mg",), "units": ("mg",),
          "mg/kg": ("mg", "mcg/kg"), "kg": ("g",)}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SAME = (
    (r"\bmg\b", "milligrams"), (r"\bmcg\b", "micrograms"), (r"(\d) ?%", r"\1 percent"), (r"\bdoes not\b", "doesn't"),
    (r"\bis not\b", "isn't"), (r"\bfor example\b", "for instance"), (r"\bsuch as\b", "like"),
    (r"\busually\b", "generally"), (r"\bbegin\b", "start"), (r"\bpeople\b", "individuals"),
    (r"\bphysician\b", "doctor"), (r"\btherefore\b", "thus"), (r"\babout\b", "approximately"),
    (r"\bmay\b", "might"), (r"\bprevents?\b", "can prevent"), (r"\btwice a day\b", "two times a day"),
    (r"\b(\d+) hours\b", r"\1 h"), (r"\bcannot\b", "can not"), (r"\bhowever,\s", "yet "), (r"\b1 g\b", "1000 mg"),
    (r"\b(?<![.,\d])([2-9])(?![.,\d%/-])\b", lambda m: _WORDS[int(m[1])]),
)
Fault = Callable[[str, random.Random], str | None]


def sentences_of(text: str, draw: random.Random) -> str:
    """Some sentences of `text` in order, between 20 and 150 words."""
    spans = [text[a:b] for a, b in sentence_spans(text) if len(text[a:b].split()) >= 5]
    if not spans:
        return ""
    first, count = draw.randrange(len(spans)), draw.randint(2, 6)
    chosen = spans[first:first + count] if draw.random() < 0.5 else [
        s for s, keep in zip(spans, (draw.random() < 0.5 for _ in spans), strict=True) if keep][:6]
    while len(chosen) > 1 and sum(len(s.split()) for s in chosen) > 150:
        chosen.pop()
    return " ".join(" ".join(chosen).split())


def otherwise(text: str, draw: random.Random) -> str:
    """The same said otherwise: units and numbers written out, phrases exchanged, brackets and openings left out."""
    for pattern, instead in draw.sample(_SAME, 9):
        text = re.sub(pattern, instead, text)
    if draw.random() < 0.5:
        text = re.sub(r" \([^()]{3,60}\)", "", text)
    if draw.random() < 0.3:
        text = re.sub(r"\. ([A-Z])(?=[a-z])", lambda m: f"; {m[1].lower()}", text, count=1)
    return text


def clean_output(pair: Pair, draw: random.Random) -> tuple[str, str]:
    """(kind, output) of a clean record."""
    evidence, written = pair
    if written:
        return "conclusion" if "Doctor:" not in evidence else "dialogue", written
    text = sentences_of(evidence, draw)
    return ("sentences", text) if draw.random() < 0.5 else ("otherwise", otherwise(text, draw))


def wrong_dose(text: str, draw: random.Random) -> str | None:
    found = list(_DOSE.finditer(text))
    if not found:
        return None
    match = draw.choice(found)
    value = float(match[1].replace(",", ""))
    other = f"{value * draw.choice([10, 0.1, 100, 2, 3, 0.5]):.6g}"
    return text[:match.start(1)] + other + text[match.end(1):]


def swapped_unit(text: str, draw: random.Random) -> str | None:
    found = list(_DOSE.finditer(text))
    if not found:
        return None
    match = draw.choice(found)
    return text[:match.start(3)] + draw.choice(_UNITS[match[3]]) + text[match.end(3):]


def flipped_negation(text: str, draw: random.Random) -> str | None:
    for rules in draw.sample([_NEGATED, _NEGATED, _AFFIRMED], 3):
        fitting = [(p, r) for p, r in rules if re.search(p, text)]
        if fitting:
            pattern, instead = draw.choice(fitting)
            match = draw.choice(list(re.finditer(pattern, text)))
            return text[:match.start()] + match.expand(instead) + text[match.end():]
    return None


def invented_drug(text: str, draw: random.Random, evidence: str = "") -> str | None:
    name = draw.choice([d for d in _INVENTED if d.lower() not in evidence.lower()])
    found = list(_DRUG.finditer(text))
    if found and draw.random() < 0.6:
        match = draw.choice(found)
        return text[:match.start()] + name + text[match.end():]
    sentence = draw.choice(_SENTENCES_WITH_DRUG).format(name)
    return f"{text} {sentence[0].upper()}{sentence[1:]}"


def invented_number(text: str, draw: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if found and draw.random() < 0.6:
        match = draw.choice(found)
        other = str(int(float(match[1].replace(",", ""))) + draw.choice([1, 3, 7, 11, 20]))
        return text[:match.start(1)] + other + text[match.end(1):]
    return text + draw.choice([
        f" It affects about {draw.randint(13, 89)} percent of patients.", f" About 1 in {draw.randint(13, 900)} people "
        "have it.", f" It usually lasts {draw.randint(13, 50)} days.", f" The mean age is {draw.randint(13, 90)} "
                                                                       f"years."])


def wrong_sex(text: str, _: random.Random) -> str | None:
    words = [w for w in re.findall(r"\w+", text) if w.lower() in _SEX]
    if not words or len({w.lower() in ("he", "his", "man", "men", "male", "males", "father", "boy", "boys", "himself")
                         for w in words}) > 1:
        return None

    def other(match: re.Match[str]) -> str:
        word = _SEX[match[0].lower()]
        return word.capitalize() if match[0][0].isupper() else word

    return re.sub(r"\b(?:" + "|".join(_SEX) + r")\b", other, text, flags=re.IGNORECASE)


FAULTS: dict[str, Fault] = {"wrong_dose": wrong_dose, "swapped_unit": swapped_unit,
                            "flipped_negation": flipped_negation, "invented_drug": invented_drug,
                            "invented_number": invented_number, "wrong_sex": wrong_sex}


def plant(pairs: dict[str, list[Pair]], records: int, seed: int) -> list[dict[str, Any]]:
    """Records with `evidence`, `output`, `source`, `kind` (of the clean output) and `fault`, empty where clean."""
    draw = random.Random(seed)
    made: list[dict[str, Any]] = []
    for i in range(records // 2):
        source = list(pairs)[i % len(pairs)]
        output = ""
        while len(output.split()) < 8:
            evidence, written = draw.choice(pairs[source])
            kind, output = clean_output((evidence, written), draw)
        made.append({"evidence": evidence, "output": output, "source": source, "kind": kind, "fault": ""})
    for i in range(records - len(made)):
        fault = list(FAULTS)[i % len(FAULTS)]
        for _ in range(5_000):
            source = draw.choice(list(pairs))
            evidence, written = draw.choice(pairs[source])
            kind, output = clean_output((evidence, written), draw)
            if len(output.split()) < 8:
                continue
            bad = invented_drug(output, draw, evidence) if fault == "invented_drug" else FAULTS[fault](output, draw)
            if fault == "wrong_sex" and not any(re.search(rf"\b{word}\b", evidence, re.I) for word in _SEX):
                continue  # the evidence does not tell the sex
            if bad and bad != output and bad not in evidence:
                break
        made.append({"evidence": evidence, "output": bad, "source": source, "kind": kind, "fault": fault})
    return made


def verdicts_of(made: list[dict[str, Any]]) -> tuple[list[list[str]], float]:
    """Rules on content that hit each record, and seconds that measuring took."""
    records = [{**DEFAULTS, "record_id": f"r{i:06}", "instruction": "What should be known about this?", "input": None,
                "output": row["output"], "task_type": "question_answering", "route": "synthetic", "author": "a",
                "author_role": "model", "source": row["source"], "group_id": f"g{i}", "licence": "CC0-1.0",
                "passage_ids": [f"p{i:06}"]} for i, row in enumerate(made)]
    passages = pa.table({"passage_id": [f"p{i:06}" for i in range(len(made))],
                         "text": [row["evidence"] for row in made]})
    candidates = CANDIDATES.from_rows(records)
    started = time.perf_counter()
    signals = measure(candidates, passages, settings.Signals(), ()).rows
    seconds = time.perf_counter() - started
    decided = apply_policy(candidates, signals, load_policy(ROOT / "conf/policy.yaml"))
    hits: dict[str, list[str]] = defaultdict(list)
    for verdict in decided.sides["verdicts"].to_pylist():
        if not verdict["passed"] and verdict["action"] != "warn" \
                and not any(part in verdict["signal"] for part in _OTHER):
            hits[verdict["record_id"]].append(verdict["rule"])
    return [hits[record["record_id"]] for record in records], seconds


def report(made: list[dict[str, Any]], hits: list[list[str]], show: str) -> None:
    by_fault: dict[str, list[bool]] = defaultdict(list)
    clean: dict[str, list[bool]] = defaultdict(list)
    rules: Counter[str] = Counter()
    for row, hit in zip(made, hits, strict=True):
        if row["fault"]:
            by_fault[row["fault"] + (f" ({row['kind']})" if row["kind"] in _WRITTEN else "")].append(bool(hit))
        else:
            clean[f"{row['source']} ({row['kind']})"].append(bool(hit))
            rules.update(hit if row["kind"] not in _WRITTEN else ())
        if show and (row["fault"] or "clean") == show and bool(hit) != bool(row["fault"]):
            print(f"--- {row['source']} {row['kind']} {hit}\nEVIDENCE {row['evidence']}\nOUTPUT   {row['output']}\n")
    print(f"{'fault':28}{'records':>8}{'caught':>9}")
    for fault, caught in sorted(by_fault.items()):
        print(f"{fault:28}{len(caught):8}{sum(caught) / len(caught):9.1%}")
    print(f"\n{'clean':40}{'records':>8}{'flagged':>9}")
    for name, flagged in sorted(clean.items()):
        print(f"{name:40}{len(flagged):8}{sum(flagged) / len(flagged):9.1%}")
    every = [flag for name, flagged in clean.items() if not name.endswith(("(dialogue)", "(conclusion)"))
             for flag in flagged]
    print(f"{'clean but of dialogues, conclusions':40}{len(every):8}{sum(every) / len(every):9.1%}   by rule: "
          f"{dict(rules.most_common())}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("half", nargs="?", default="held_out", choices=("tune", "held_out"))
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", default="", help="print what went wrong of one fault, or of `clean`")
    options = parser.parse_args()
    planted = plant(texts(options.data, options.half), options.records, options.seed)
    found, taken = verdicts_of(planted)
    report(planted, found, options.show)
    print(f"\nmeasured {len(planted):,} records in {taken:.1f} s: {taken / len(planted) * 1e3:.2f} ms each")
