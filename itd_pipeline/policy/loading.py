"""Reading a policy file. Every wrong key, signal, comparison and value is named together with the valid ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.policy.rules import COLUMNS, SCOPES, WITHOUT_VALUE, Policy, Rule, operators

_REMEDY = "See conf/policy.yaml for a whole policy."
_SNAKE = re.compile(r"[a-z][a-z0-9_]*")
_RULE_KEYS = ("name", "reason", "signal", "keep_if", "reject_if", "action", "if_missing", "scope", "note",
              "version")
_ACTIONS = ("reject", "quarantine", "warn")
_MISSING = ("pass", "reject")


def load_policy(path: Path) -> Policy:
    """Read and check a policy.

    Raises:
        ConfigError: the file is missing or is not YAML, or a rule is wrong; the message names file, rule and what
            is valid.
    """
    if not path.is_file():
        raise ConfigError(f"There is no policy {str(path)!r}.", "Correct the key `policy` of the profile.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: not readable as YAML.", "Mend the syntax there.") from error
    if not isinstance(content, dict):
        _fail(path, "a policy is a mapping with version and rules")
    _known(path, "key", content, ("version", "rules", "accepted"))
    if not isinstance(content.get("version"), str | int) or isinstance(content["version"], bool):
        _fail(path, "version is missing; write a text such as \"1\"")
    if not isinstance(content.get("rules"), list) or not content["rules"]:
        _fail(path, "rules must be a list with at least one rule")
    rules = tuple(_rule(path, number, entry) for number, entry in enumerate(content["rules"], start=1))
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            _fail(f"{path}, rule {name!r}", "the name occurs twice; every rule has a name of its own")
    return Policy(str(content["version"]), rules, _accepted(path, content.get("accepted", {})))


def _accepted(path: Path, entry: Any) -> dict[str, str]:
    if not isinstance(entry, dict) or not all(isinstance(k, str) and isinstance(v, str) and v for k,
                                              v in entry.items()):
        _fail(path, "accepted maps record ids to a text: who let the record out of quarantine, and why")
    return dict(entry)


def _rule(path: Path, number: int, entry: Any) -> Rule:
    if not isinstance(entry, dict):
        _fail(f"{path}, rule {number}", "a rule is a mapping of keys to values")
    where = f"{path}, rule {entry.get('name', number)!r}"
    _known(where, "key", entry, _RULE_KEYS)
    for key in ("name", "reason", "signal"):
        if not isinstance(entry.get(key), str) or not _SNAKE.fullmatch(entry[key]):
            _fail(where, f"{key} is missing or not in snake_case")
    _known(where, "signal", [entry["signal"]], COLUMNS)
    polarities = [key for key in ("keep_if", "reject_if") if key in entry]
    if len(polarities) != 1:
        _fail(where, "write either keep_if or reject_if")
    op, value = _comparison(where, entry["signal"], polarities[0], entry[polarities[0]])
    action, missing = entry.get("action", "reject"), entry.get("if_missing", "pass")
    _known(where, "action", [action], _ACTIONS)
    _known(where, "if_missing", [missing], _MISSING)
    if "if_missing" in entry and op in ("is_null", "not_null"):
        _fail(where, f"if_missing has no meaning beside {op}; leave it out")
    version = entry.get("version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        _fail(where, "version must be a whole number from 1")
    note = entry.get("note", "")
    if not isinstance(note, str):
        _fail(where, "note must be a text")
    return Rule(name=entry["name"], reason=entry["reason"], signal=entry["signal"],
                polarity="keep_if" if polarities[0] == "keep_if" else "reject_if", op=op, value=value, action=action,
                if_missing=missing, scope=_scope(where, entry.get("scope", {})), note=" ".join(note.split()),
                version=version)


def _comparison(where: str, signal: str, polarity: str, entry: Any) -> tuple[str, Any]:
    if not isinstance(entry, dict):
        _fail(where, f"{polarity} is a mapping with op and value")
    _known(where, f"key in {polarity}", entry, ("op", "value"))
    op = entry.get("op")
    valid = operators(signal)
    if op not in valid or (polarity == "reject_if" and valid == ("is_null",)):
        side = "keep_if with " if valid == ("is_null",) else ""
        _fail(where, f"op {op!r} in {polarity} does not fit the signal {signal}; valid: {side}{', '.join(valid)}")
    if op in WITHOUT_VALUE:
        if "value" in entry:
            _fail(where, f"{op} takes no value")
        return op, None
    if "value" not in entry:
        _fail(where, f"value is missing after {op!r}")
    return op, _value(where, signal, op, entry["value"])


def _value(where: str, signal: str, op: str, value: Any) -> Any:
    column = COLUMNS[signal]
    if op in ("in", "not_in", "has_any", "has_none"):
        if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
            _fail(where, f"the value of {op} is a list of texts")
        _in_vocabulary(where, value, column.vocabulary)
        return tuple(value)
    if pa.types.is_boolean(column.type):
        if not isinstance(value, bool):
            _fail(where, f"the signal {signal} is true or false, and so must its value be")
    elif pa.types.is_string(column.type):
        if not isinstance(value, str):
            _fail(where, f"the signal {signal} is a text, and so must its value be")
        _in_vocabulary(where, [value], column.vocabulary)
    elif isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        _fail(where, f"the signal {signal} is a number, and so must its value be")
    else:
        least, most = column.minimum, column.maximum
        if (least is not None and value < least) or (most is not None and value > most):
            _fail(where, f"{value} lies outside what {signal} can be: {least} to {most if most is not None else 'any'}")
    return value


def _scope(where: str, scope: Any) -> Mapping[str, Any]:
    if not isinstance(scope, dict):
        _fail(where, "scope is a mapping")
    _known(where, "key in scope", scope, (*SCOPES, "patient_data"))
    result: dict[str, Any] = {}
    for key, wanted in scope.items():
        if key == "patient_data":
            if not isinstance(wanted, bool):
                _fail(where, "patient_data in scope is true or false")
            result[key] = wanted
            continue
        if not isinstance(wanted, list) or not wanted or not all(isinstance(part, str) for part in wanted):
            _fail(where, f"{key} in scope is a list of texts")
        _in_vocabulary(where, wanted, SCOPES[key] or ())
        result[key] = tuple(wanted)
    return result


def _in_vocabulary(where: str, values: Iterable[str], vocabulary: tuple[str, ...]) -> None:
    if vocabulary:
        _known(where, "value", values, vocabulary)


def _known(where: str | Path, what: str, given: Iterable[Any], valid: Iterable[str]) -> None:
    valid = list(valid)
    for one in given:
        if one not in valid:
            close = difflib.get_close_matches(str(one), valid, n=1)
            meant = f" (did you mean {close[0]!r}?)" if close else ""
            _fail(where, f"unknown {what} {one!r}{meant}; valid: {', '.join(valid)}")


def _fail(where: str | Path, problem: str) -> NoReturn:
    raise ConfigError(f"{where}: {problem}.", _REMEDY)
