"""What a release says of corrected records, checked against its data, its lineage and its rejected rows.

Belongs here: `corrections.parquet`. Does not belong here: ids, identifiers and licences, which `verify_rows.py` checks
of every record, corrected or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itd_pipeline.release.content import STAGE
from itd_pipeline.release.corrections import REPLACED
from itd_pipeline.release.rejected import REJECTED
from itd_pipeline.release.verify_tables import Files, read_table
from itd_pipeline.tables.review import CORRECTIONS

Rows = Sequence[Mapping[str, Any]]


def correction_problems(rows: Rows, lineage: Rows, files: Files) -> list[str]:
    """Every correction stands in the data in place of its original, which was turned away and is not there.

    Args:
        rows: the records.
        lineage: rows of the lineage.
    """
    table, problems = read_table("corrections.parquet", CORRECTIONS, files)
    rejected, _ = read_table("rejected.parquet", REJECTED, files)  # what is wrong with it is told elsewhere
    if table is None:
        return problems
    corrections = table.to_pylist()
    replaced = [] if rejected is None else [
        row["row_id"] for row in rejected.to_pylist() if row["stage"] == STAGE and row["reason"] == REPLACED]
    known = {(row["record_id"], row["corrects"]) for row in corrections if row["corrects"]}
    told = {(row["record_id"], row["corrects"]) for row in lineage if row["corrects"]}
    problems += [f"lineage and corrections.parquet do not agree on what record {record} corrects."
                 for record in sorted({record for record, _ in known ^ told})]
    if rejected is not None and len(corrections) > len(replaced):
        problems.append(f"corrections.parquet holds {len(corrections)} corrections, rejected.parquet "
                        f"{len(replaced)} originals that were replaced.")
    by_id = {row["record_id"]: row for row in rows}
    return problems + [problem for row in corrections for problem in _of_one(row, by_id, set(replaced))]


def _of_one(row: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]], replaced: set[str]) -> Iterator[str]:
    name, record = f"corrections.parquet: record {row['record_id']}", by_id.get(row["record_id"])
    if record is None:
        yield f"{name} is not in the data."
    elif record["output"] != row["corrected_output"]:
        yield f"{name} has another output in the data."
    elif record["review_status"] != "corrected":
        yield f"{name} is not called corrected in the data."
    if not row["decided_by"]:
        yield f"{name} does not say who corrected it."
    if (row["original_output"] is None) != (row["withheld"] is not None):
        yield f"{name}: the original output and `withheld` contradict each other."
    if row["corrects"] in by_id:
        yield f"{name} stands beside its original {row['corrects']}."
    if row["corrects"] and row["corrects"] not in replaced:
        yield f"{name}: rejected.parquet does not hold its original {row['corrects']} as {REPLACED}."
    if record is not None and row["corrects"] and row["corrects"] not in record["parent_ids"]:
        yield f"{name} does not name its original among its parents."
