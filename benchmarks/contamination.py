"""Leaks of benchmark items planted in documents: how many are found, how many clean documents are flagged, how fast.

    python benchmarks/contamination.py plant CORPUS.parquet ITEMS.parquet FOLDER [--seed 3]
    python benchmarks/contamination.py FOLDER [--peer COMMAND] [--rounds 3]
    python benchmarks/contamination.py FOLDER --documents D --items I --truth T [--peer COMMAND]

CORPUS and ITEMS have the columns `id` and `text`. `plant` writes documents.parquet, items.parquet and truth.parquet:
every fifth item is cut down to its first sentence where that has 5 to 12 words and stands in no document yet, and one
in fifty documents gets, at a place drawn at random, an item whole (`exact`), whole with other case and signs (`noisy`),
whole and short (`short`), 13 words of it (`cut13`), 20 to 30 (`cut`), or retold: 20 to 40 % of its longer words are
replaced by words of other items, and a fifth of its words change places with their neighbours (`paraphrase`). TRUTH
says per id what was planted.

Both sides are whole processes, from the Parquet files to a list of what is flagged, run in turn; medians are compared.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

KINDS = {"exact": 400, "noisy": 200, "short": 200, "cut13": 400, "cut": 400, "paraphrase": 400}
"""Documents with each kind, of 100,000 of which 2 % are planted."""


def plant(corpus: Path, items: Path, folder: Path, seed: int) -> None:
    """Write documents, items and truth."""
    rng = random.Random(seed)
    texts = dict(zip(*(pq.read_table(corpus).column(name).to_pylist() for name in ("id", "text")), strict=True))
    wanted = dict(zip(*(pq.read_table(items).column(name).to_pylist() for name in ("id", "text")), strict=True))
    everything = folded(" ".join(texts.values()))  # what stands there already is no leak of ours
    for name in list(wanted)[::5]:
        sentence = wanted[name].partition("?")[0] + "?"
        if 5 <= len(sentence.split()) <= 12 and folded(sentence) not in everything:
            wanted[name] = sentence
    short = [name for name, text in wanted.items() if len(text.split()) < 13]
    long = [name for name, text in wanted.items() if len(text.split()) >= 31]
    vocabulary = [word for name in rng.sample(long, min(2000, len(long))) for word in wanted[name].split()
                  if len(word) > 3]
    ids = list(texts)
    rng.shuffle(ids)
    truth: list[tuple[str, str]] = []
    for kind, count in KINDS.items():
        for _ in range(max(1, count * len(ids) // 100_000)):
            target = ids[len(truth)]
            words = texts[target].split(" ")
            place = rng.randrange(len(words))
            item = wanted[rng.choice(short if kind == "short" else long)]
            words[place:place] = [leak(kind, item.split(), vocabulary, rng)]
            texts[target] = " ".join(words)
            truth.append((target, kind))
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"id": list(texts), "text": list(texts.values())}), folder / "documents.parquet")
    pq.write_table(pa.table({"id": list(wanted), "text": list(wanted.values())}), folder / "items.parquet")
    pq.write_table(pa.table({"id": [t[0] for t in truth], "kind": [t[1] for t in truth]}), folder / "truth.parquet")
    print(f"{len(texts)} documents, {len(wanted)} items, {len(truth)} leaks")


def folded(text: str) -> str:
    """Words alone."""
    return " ".join(re.findall("[a-z0-9]+", text.lower()))


def leak(kind: str, words: list[str], vocabulary: Sequence[str], rng: random.Random) -> str:
    """An item as it is planted."""
    if kind in ("cut13", "cut"):
        length = 13 if kind == "cut13" else rng.randint(20, 30)
        start = rng.randrange(len(words) - length + 1)
        return " ".join(words[start:start + length])
    if kind == "noisy":
        return " ".join((word.upper() if rng.random() < 0.3 else word)
                        + ("," if rng.random() < 0.2 and word[-1].isalnum() else "") for word in words)
    if kind == "paraphrase":
        share = rng.uniform(0.2, 0.4)
        told = [rng.choice(vocabulary) if len(word) > 3 and rng.random() < share else word for word in words]
        place = 0
        while place < len(told) - 1:
            if rng.random() < 0.2:
                told[place], told[place + 1] = told[place + 1], told[place]
                place += 1
            place += 1
        return " ".join(told)
    return " ".join(words)


def find(documents: Path, items: Path, flagged: Path) -> None:
    """Our side: what is flagged, one `id kind` a line."""
    with (ThreadPoolExecutor(1) as reader, pq.ParquetFile(documents) as file,
          flagged.open("w", encoding="utf-8") as out):
        batches = file.iter_batches(batch_size=32_768, columns=["id", "text"])
        following = reader.submit(next, batches, None)  # a batch is read while the one before it is worked on

        from itd_pipeline.decontamination.index import build_index
        from itd_pipeline.decontamination.items import BenchmarkItem
        from itd_pipeline.decontamination.matching import find_matches

        table = pq.ParquetFile(items).read()
        index = build_index([BenchmarkItem("bench", name, text) for name, text in
                             zip(table.column("id").to_pylist(), table.column("text").to_pylist(), strict=True)])
        while (batch := following.result()) is not None:
            following = reader.submit(next, batches, None)
            count, ids = batch.num_rows, batch.column("id")
            nothing = pa.nulls(count, pa.string())
            records = pa.table({"instruction": nothing, "input": nothing, "output": batch.column("text"),
                                "rationale": nothing, "options": pa.nulls(count, pa.list_(pa.string()))})
            for match in find_matches(records, index).matches:
                if match.kind != "overlap":
                    out.write(f"{ids[match.row].as_py()} {match.kind}\n")


def report(flagged: Path, truth: Mapping[str, str], count: int) -> None:
    """Leaks found by kind, and clean documents flagged."""
    found: dict[str, str] = {}
    for line in flagged.read_text(encoding="utf-8").splitlines():
        name, kind = line.split()
        found.setdefault(name, kind)
    planted = Counter(truth.values())
    caught = Counter(kind for name, kind in truth.items() if name in found)
    for kind, number in sorted(planted.items()):
        print(f"{kind:<12}{caught[kind]:>6} of {number:<6}{caught[kind] / number:8.1%}")
    false = Counter(kind for name, kind in found.items() if name not in truth)
    clean = count - len(truth)
    print(f"clean flagged {false.total()} of {clean}: {false.total() / clean:.3%} {dict(false)}")


def main() -> None:
    if sys.argv[1:2] == ["plant"]:
        parser = argparse.ArgumentParser()
        parser.add_argument("corpus", type=Path)
        parser.add_argument("items", type=Path)
        parser.add_argument("folder", type=Path)
        parser.add_argument("--seed", type=int, default=3)
        given = parser.parse_args(sys.argv[2:])
        plant(given.corpus, given.items, given.folder, given.seed)
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=Path)
    parser.add_argument("--items", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--peer", help="command that does the same work on the same files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="store_true", help="run our side once, in this process")
    given = parser.parse_args()
    documents = given.documents or given.folder / "documents.parquet"
    items = given.items or given.folder / "items.parquet"
    flagged = given.folder / "flagged.txt"
    if given.only:
        find(documents, items, flagged)
        return
    from side_by_side import interleaved

    ours = [sys.executable, __file__, str(given.folder), "--documents", str(documents), "--items", str(items), "--only"]
    runs = interleaved({"ours": ours, **({"peer": given.peer} if given.peer else {})}, given.rounds)
    count = pq.ParquetFile(documents).metadata.num_rows
    seconds = {name: statistics.median(run.seconds for run in of) for name, of in runs.items()}
    processor = {name: statistics.median(run.processor for run in of) for name, of in runs.items()}
    for name, of in runs.items():
        print(f"{name:<6}{seconds[name]:8.2f} s {processor[name]:8.2f} s of processors {count / seconds[name]:8.0f} "
              f"documents/s {max(run.peak_mib for run in of):8.0f} MiB")
    if given.peer:
        print(f"ratio {seconds['peer'] / seconds['ours']:.1f}, of processor time "
              f"{processor['peer'] / processor['ours']:.1f}")
    truth = pq.read_table(given.truth or given.folder / "truth.parquet").to_pylist()
    report(flagged, {row["id"]: row["kind"] for row in truth}, count)


if __name__ == "__main__":
    main()
