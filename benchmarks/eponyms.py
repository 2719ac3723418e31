"""Over-redaction on eponyms: how many eponymous terms of HPO and ICD-10-CM de-identification changes.

    python benchmarks/eponyms.py [--show 20]

A term is eponymous where a word inside it is capitalised, is a known eponym, or ends in 's. Each is tried alone and in
several sentences. The terms also protect eponyms, by design: a name between the words of a term is medicine.
"""

from __future__ import annotations

import argparse
import re

from itd_pipeline.deid_evaluation import wilson
from itd_pipeline.text import deidentify
from itd_pipeline.text.identifiers.eponymous_phrases import terms
from itd_pipeline.text.identifiers.eponyms import EPONYMS

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_CARRIERS = ("{}", "The patient has {}.", "Known {} since 2015, now stable on treatment.", "Impression: {}.",
             "{} was ruled out by MRI.", "Family history of {} in a brother.", "There is no evidence of {} today.",
             "The patient was seen at the clinic for {} and hypertension.", "What is the best treatment for {}?")


def eponymous(term: str) -> bool:
    """Whether a person's name stands in the term, as far as its spelling shows."""
    return any(
        (i > 0 and word[:1].isupper() and word[1:].islower()) or word.endswith(("'s", "\u2019s"))
        or (word[:1].isupper() and word.lower() in EPONYMS)
        for i, word in enumerate(_WORD.findall(term)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--show", type=int, default=20)
    given = parser.parse_args()
    tried = sorted({term for term in terms() if eponymous(term)})
    changed = [term for term in tried
               if any(deidentify(carrier.format(term)).findings for carrier in _CARRIERS)]
    lower, upper = wilson(len(changed), len(tried))
    print(f"{len(tried):,} eponymous terms, {len(changed):,} changed: {len(changed) / len(tried):.4%} "
          f"(95 % {lower:.4%} to {upper:.4%})")
    for term in changed[: given.show]:
        print("  ", term)


if __name__ == "__main__":
    main()
