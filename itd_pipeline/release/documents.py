"""What people read: the card, the datasheet, the checklists. Templates and facts in, Markdown out.

Numbers come from `RELEASE.json` and from the table of measures alone: `numbers.parquet` holds the query of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from itd_pipeline.release.card import card
from itd_pipeline.release.printing import environment, measured, percent
from itd_pipeline.settings import Dataset

_HERE = Path(__file__).parent


def documents(
    dataset: Dataset, facts: Mapping[str, Any], policy: str, metrics: pa.Table, records: pa.Table | None = None,
) -> dict[str, bytes]:
    """`README.md`, `DATASHEET.md` and `CHECKLISTS.md`; arguments as for `card`."""
    shared = {
        "title": dataset.title, "description": dataset.description.strip() or "Not recorded.", "facts": facts,
        "metrics": [row for row in metrics.to_pylist() if not row["group"]], "defect_said": _defects(facts["review"]),
        "agreement_said": _agreement(facts["review"]), "has": facts["documents"],
    }
    return {
        "README.md": card(dataset, facts, policy, metrics, records).encode(),
        **{path: environment().from_string((_HERE / template).read_text(encoding="utf-8")).render(shared).encode()
           for path, template in (("DATASHEET.md", "datasheet.md.j2"), ("CHECKLISTS.md", "checklists.md.j2"))},
    }


def _defects(review: Mapping[str, Any]) -> str:
    defect = review.get("defect") or {}
    if not isinstance(defect, Mapping) or defect.get("upper_bound") is None:
        return "A bound on the share of defective records was not measured."
    return (f"At most {percent(defect['upper_bound'])} of the records are defective, with "
            f"{percent(defect['confidence'])} confidence.")


def _agreement(review: Mapping[str, Any]) -> str:
    found = [(name, one) for name, one in sorted((review.get("agreement") or {}).items())
             if isinstance(one, Mapping) and one.get("value") is not None]
    return "; ".join(
        f"{name} {measured(one['value'])}"
        + (f" ({measured(one['low'])} to {measured(one['high'])})" if one.get("low") is not None else "")
        for name, one in found) or "not measured"
