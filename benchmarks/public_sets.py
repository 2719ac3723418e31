"""What `itd validate` finds on public sets, as the table of docs/validating.md.

    .venv/bin/python benchmarks/public_sets.py [FOLDER]

FOLDER holds the sets as they lie in their repositories; `ITD_SHARED_DATA`, else ../shared/data, where none is named.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from itd_pipeline.validation import Finding, read_dataset, validate

SETS = {
    "PubMedQA": "pubmedqa", "MedicationQA": "medicationqa", "MTS-Dialog": "mts_dialog", "MeQSum": "meqsum",
    "K-QA": "k_qa", "AlpaCare": "alpacare", "MedSafetyBench": "medsafetybench",
}


def share(finding: Finding) -> str:
    """`yes`, `no`, or the share of rows, never rounded to a whole."""
    if finding.share >= 1:
        return "yes"
    return "no" if finding.share <= 0 else f"{min(99.9, max(0.1, 100 * finding.share)):.1f} %"


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ITD_SHARED_DATA", "../shared/data"))
    found = {}
    rows = {}
    for name, place in SETS.items():
        dataset = read_dataset(folder / place)
        found[name], rows[name] = validate(dataset), len(dataset.rows)
    print(f"| requirement | level | {' | '.join(SETS)} |")
    print("|---" * (2 + len(SETS)) + "|")
    print(f"| rows | | {' | '.join(f'{rows[name]:,}' for name in SETS)} |")
    for of_each in zip(*found.values(), strict=True):
        print(f"| {of_each[0].question} | {of_each[0].level} | {' | '.join(map(share, of_each))} |")


if __name__ == "__main__":
    main()
