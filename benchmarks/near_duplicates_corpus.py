"""A corpus of any size for `near_duplicates.py`, from the sentences of real texts, with planted near-duplicates.

    python benchmarks/near_duplicates_corpus.py TEXTS.parquet FOLDER COUNT [--seed 7]

Documents are random sentences of the column `text`, about 190 words long; one in fifty is an edited copy of another
and one in a hundred an exact copy. Writes FOLDER/corpus_COUNT.parquet (id, text) and FOLDER/truth_COUNT.parquet (orig,
copy, j: Jaccard similarity of their word 5-shingles). Same arguments, same files.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_GROUP = 10_000


def sentences_of(path: Path) -> list[str]:
    with pq.ParquetFile(path) as file:
        texts = file.read(columns=["text"]).column("text").to_pylist()
    found = (" ".join(s.split()) for text in texts for s in re.split(r"(?<=[.!?])\s+|\n+", text))
    return list(dict.fromkeys(s for s in found if 6 <= len(s.split()) <= 60))


def document(rng: random.Random, sentences: list[str]) -> str:
    wanted = min(900, max(40, int(rng.lognormvariate(4.95, 0.75))))
    parts: list[str] = []
    count = 0
    while count < wanted:
        parts.append(sentences[int(rng.random() * len(sentences))])
        count += parts[-1].count(" ") + 1
    return "\n".join(parts)


def edited(rng: random.Random, text: str, sentences: list[str]) -> str:
    words = text.split(" ")
    for _ in range(rng.randint(1, max(1, len(words) // 25))):
        words[rng.randrange(len(words))] = rng.choice(rng.choice(sentences).split(" "))
    return " ".join(words)


def jaccard(a: str, b: str) -> float:
    left, right = (set(zip(*(re.findall(r"\w+", text.lower())[i:] for i in range(5)), strict=False))
                   for text in (a, b))
    return len(left & right) / len(left | right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("texts", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    sentences, rng = sentences_of(given.texts), random.Random(given.seed)
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    recent: list[tuple[str, str]] = []
    truth: list[tuple[str, str, float]] = []
    given.folder.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(given.folder / f"corpus_{given.count}.parquet", schema, compression="zstd") as writer:
        for start in range(0, given.count, _GROUP):
            rows = []
            for number in range(start, min(start + _GROUP, given.count)):
                name, chance = f"d{number:08}", rng.random()
                if recent and chance < 0.03:  # of an original: no copy has copies
                    original, source = recent.pop(rng.randrange(len(recent)))
                    text = source if chance < 0.01 else edited(rng, source, sentences)
                    truth.append((original, name, jaccard(source, text)))
                else:
                    text = document(rng, sentences)
                    recent.append((name, text))
                rows.append((name, text))
            recent = rng.sample(recent, min(len(recent), 2 * _GROUP))
            writer.write_table(pa.table([[row[k] for row in rows] for k in (0, 1)], schema=schema))
    pq.write_table(pa.table({name: [row[k] for row in truth] for k, name in enumerate(("orig", "copy", "j"))}),
                   given.folder / f"truth_{given.count}.parquet")
    print(f"{given.count} documents, {len(truth)} planted, {sum(j >= 0.8 for _, _, j in truth)} of them at 0.8 or more")


if __name__ == "__main__":
    main()
