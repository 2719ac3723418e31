"""JSON from strangers: no NaN, no endless nesting, no recursion that ends the program.

Belongs here: the one place where whole JSON files are parsed. Does not belong here: what a key means.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from itd_pipeline.sources.files.streams import FileProblem

_DEEPEST = 200
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)


def parse_json(text: str) -> Any:
    """A JSON value. Raises FileProblem `malformed_json` (detail: line and column) or `too_deep`."""
    if text.count("[") + text.count("{") > _DEEPEST:
        depth = 0
        for match in _BRACKETS.finditer(text):
            mark = match.group()
            depth += mark in "[{" if len(mark) == 1 else 0
            depth -= mark in "]}" if len(mark) == 1 else 0
            if depth > _DEEPEST:
                raise FileProblem("too_deep", f"more than {_DEEPEST} levels at character {match.start()}")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise FileProblem("malformed_json", f"line {error.lineno} column {error.colno}") from error
    except ValueError as error:
        raise FileProblem("malformed_json", "a number that JSON does not allow") from error
    except RecursionError as error:
        raise FileProblem("too_deep", "nested too deeply") from error


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
