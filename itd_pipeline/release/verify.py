"""`verify_release`: whether a folder still is the release that its name says, from its files alone.

Checked, each by itself, in this order: every file is listed and unchanged; the version is that of the content, and the
name of the folder; then, in `verify_rows.py`, what the records say, and in `verify_papers.py`, what is said of them.
So a change is named whether or not its maker has written fresh checksums, and mostly also where they have made up a
fresh version. What nobody can tell from the files alone is whether a whole, sound release was put in the place of
another: for that, tell `expected`, or sign.

Reads only; never follows a path or link out of the folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itd_pipeline.release.verify_papers import paper_problems
from itd_pipeline.release.verify_rows import row_problems
from itd_pipeline.release.version import CHECKSUMS, SIGNATURE, VERSION, content_version, safe_path

_LINE = re.compile(r"^(?P<digest>[0-9a-f]{64})  (?P<path>.+)$")


def verify_release(folder: Path, expected: str | None = None) -> list[str]:
    """Problems found in `folder`, one sentence each with the file or id; empty where there are none.

    Args:
        expected: the version that it should be, known from elsewhere.
    """
    if not folder.is_dir():
        return [f"{folder.name}: there is no such folder."]
    if not (folder / CHECKSUMS).is_file():
        return [f"{CHECKSUMS} is missing: nothing can be checked."]
    listed, problems = _listed(folder / CHECKSUMS)
    there, links = _present(folder)
    problems += links
    files = {path: (folder / path).read_bytes() for path in there}
    for path in sorted(listed.keys() | files.keys()):
        if path not in files:
            problems.append(f"{path} is listed in {CHECKSUMS} but missing.")
        elif path not in listed:
            if path not in (CHECKSUMS, SIGNATURE):
                problems.append(f"{path} is not listed in {CHECKSUMS}.")
        elif hashlib.sha256(files[path]).hexdigest() != listed[path]:
            problems.append(f"{path} has been changed: its SHA-256 is not the one in {CHECKSUMS}.")
    facts, unreadable = _facts(files)
    problems += unreadable
    problems += _version(facts, files, folder.resolve().name, expected)
    return problems + row_problems(folder, facts, files) + paper_problems(facts, files)


def _listed(path: Path) -> tuple[dict[str, str], list[str]]:
    """Path -> digest, and what is wrong with the list. A path that could lead out of the folder is refused."""
    listed: dict[str, str] = {}
    problems = []
    for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), start=1):
        match = _LINE.match(line)
        if not match:
            problems.append(f"{CHECKSUMS}, line {number}: not a checksum and a path.")
        elif not safe_path(match["path"]):
            problems.append(f"{CHECKSUMS}, line {number}: refused, the path may lead out of the release.")
        elif match["path"] in listed:
            problems.append(f"{CHECKSUMS}, line {number}: {match['path']} is listed twice.")
        else:
            listed[match["path"]] = match["digest"]
    return listed, problems


def _present(folder: Path) -> tuple[list[str], list[str]]:
    """Plain files inside the folder, and links, which a release never holds."""
    files, problems = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            problems.append(f"{name} is a link; a release holds only plain files.")
        elif path.is_file():
            files.append(name)
        elif not path.is_dir():
            problems.append(f"{name} is neither a file nor a folder; a release holds only plain files.")
    return files, problems


def _facts(files: Mapping[str, bytes]) -> tuple[dict[str, Any], list[str]]:
    try:
        facts = json.loads(files.get("RELEASE.json", b""))
    except ValueError:
        return {}, ["RELEASE.json is missing or not JSON."]
    return (facts, []) if isinstance(facts, dict) else ({}, ["RELEASE.json holds no object."])


def _version(facts: Mapping[str, Any], files: Mapping[str, bytes], folder: str, expected: str | None) -> list[str]:
    version = str(facts.get("version", ""))
    match = VERSION.match(version)
    if not match:
        return ["RELEASE.json names no version of the form name-000000000000."]
    found = content_version(match["name"], files, version)
    problems = [] if found == version else [f"The content is that of version {found}, not of {version}."]
    if VERSION.match(folder) and folder != version:
        problems.append(f"The folder is named {folder}, RELEASE.json says {version}.")
    if expected is not None and expected != version:
        problems.append(f"Expected was {expected}, RELEASE.json says {version}.")
    return problems
