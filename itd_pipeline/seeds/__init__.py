"""Records that experts wrote, read from YAML, JSONL, CSV, TSV or XLSX and checked cell by cell.

    find.py       which files are read, and the name each is shown under
    yaml_items.py, jsonl_items.py, table_items.py, sheet_items.py
                  one file format each: bytes -> items (name of cell -> value) and faults
    cells.py      what one kind of cell may hold
    columns.py    which cells a seed has and of which kind each is
    record.py     one item -> one row of `tables.records.SEEDS`, or everything that is wrong with it
    check.py      every wrong cell of files of seeds, one by one, and the good seeds
    merging.py    several authors' copies of one workbook into one set of seeds
    guidance.py   what each cell is for, in words, and worked examples
    coverage.py   which kinds of seeds there are and which are missing
    workbook.py   the spreadsheet in which experts write
    nearness.py   seeds that are nearly the same as what is being written
    balance.py    how far accepted records are from the seeds they grew from
    read.py       files -> batches, with duplicates found across files and every row accounted for

Does not belong here: measuring or filtering records (signals, policy) or asking experts about them (review).
"""

from __future__ import annotations

from itd_pipeline.seeds.find import SIGNED_OFF_FILE, seed_files
from itd_pipeline.seeds.read import read_seeds

__all__ = ["SIGNED_OFF_FILE", "read_seeds", "seed_files"]
