"""Records in the three shapes that training programs read: chat messages, ShareGPT and Alpaca.

All hold the same words in the same order: instruction, input, options. Nothing is added, nothing trimmed.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from itd_pipeline.release.encode import jsonl_bytes
from itd_pipeline.release.evidence import Row


def chat(record: Row) -> dict[str, Any]:
    """One user turn (instruction, input and options, parted by blank lines) and one assistant turn. A conversation: the
    instruction as the system's, then its turns as they were, then the output."""
    if record.get("turns"):
        return {
            "messages": [
                {"role": "system", "content": record["instruction"]},
                *({"role": turn["role"], "content": turn["content"]} for turn in record["turns"]),
                {"role": "assistant", "content": record["output"]},
            ],
            "record_id": record["record_id"],
        }
    asked = [record["instruction"], record["input"] or "", lettered(record["options"])]
    return {
        "messages": [
            {"role": "user", "content": "\n\n".join(part for part in asked if part)},
            {"role": "assistant", "content": record["output"]},
        ],
        "record_id": record["record_id"],
    }


_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}


def sharegpt(record: Row) -> dict[str, Any]:
    """The turns of `chat` under ShareGPT's names; the system's words beside them, empty where there are none."""
    turns = chat(record)["messages"]
    return {
        "conversations": [{"from": _SHAREGPT[turn["role"]], "value": turn["content"]}
                          for turn in turns if turn["role"] != "system"],
        "system": next((turn["content"] for turn in turns if turn["role"] == "system"), ""),
        "record_id": record["record_id"],
    }


def alpaca(record: Row) -> dict[str, Any]:
    """Instruction, input (with the options at its end; empty where there is none) and output."""
    given = [record["input"] or "", lettered(record["options"])]
    return {
        "instruction": record["instruction"],
        "input": "\n\n".join(part for part in given if part),
        "output": record["output"],
        "record_id": record["record_id"],
    }


def lettered(options: Sequence[str]) -> str:
    """Answer options as lines `A. ...`; one that already bears its own letter is left as it is.

    Past Z the letters double as in a spreadsheet: AA, AB ...
    """
    lines = []
    for index, option in enumerate(options):
        letter = _letter(index)
        lines.append(option if re.match(rf"\(?{letter}[.):]\s", option) else f"{letter}. {option}")
    return "\n".join(lines)


def _letter(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = string.ascii_uppercase[rest] + letters
    return letters


SHAPES: Mapping[str, Callable[[Row], dict[str, Any]]] = {"chat": chat, "sharegpt": sharegpt, "alpaca": alpaca}
"""Folder below `formats/` -> the shape in it."""

NEEDED = ("record_id", "instruction", "input", "output", "options", "turns")
"""Columns that the shapes are made from."""


def shaped(records: pa.Table) -> dict[str, bytes]:
    """Shape -> JSON lines of `records`, in their order."""
    rows = records.select(list(NEEDED)).to_pylist()
    return {name: jsonl_bytes(map(shape, rows)) for name, shape in SHAPES.items()}
