"""Hostile files: each is refused by name within 5 seconds and 500 MiB, by a reader in a process of its own.

Seconds and memory are printed with `-s`: `pytest -s itd_pipeline_tests/integration/test_hostile_files.py`.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

SECONDS, MEBIBYTES = 5.0, 500
CHILD = """
import json, sys, time
from pathlib import Path
from itd_pipeline import sources
from itd_pipeline.errors import ItdError
from itd_pipeline.settings import Source

def peak():
    # Not getrusage: its peak begins with that of the process that started this one.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024

started = time.perf_counter()
reasons, rows, refused = {}, 0, ""
try:
    for batch in sources.read_source("bad", Source(reader=sys.argv[1], licence="CC0-1.0", path=sys.argv[2],
                                                   columns=json.loads(sys.argv[3])), Path(sys.argv[2])):
        rows += batch.rows.num_rows
        for reject in batch.rejects.to_pylist():
            reasons[reject["reason"]] = reasons.get(reject["reason"], 0) + 1
            refused = refused or reject["row"][:2000]
except ItdError as error:
    refused = error.problem
print(json.dumps({"rows": rows, "reasons": reasons, "refused": refused, "seconds": time.perf_counter() - started,
                  "mebibytes": peak()}))
"""
ARTICLE = "<article><front><article-meta/></front><body><p>{}</p></body></article>"


def entity_bomb(folder: Path) -> Path:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return _file(folder, "bomb.xml", f'<!DOCTYPE article [<!ENTITY l0 "ha">{levels}]>' + ARTICLE.format("&l11;"))


def external_entity(folder: Path) -> Path:
    (folder / "secret.txt").write_text("TOP-SECRET-CONTENT", encoding="utf-8")
    return _file(folder, "outside.xml", f'<!DOCTYPE article [<!ENTITY out SYSTEM "file://{folder}/secret.txt">]>'
                 + ARTICLE.format("&out;"))


def deep_xml(folder: Path) -> Path:
    return _file(folder, "deep.xml", ARTICLE.format("<sec>" * 200_000 + "x" + "</sec>" * 200_000))


def deep_json(folder: Path) -> Path:
    return _file(folder, "deep.json", '{"resourceType": "Bundle", "a": ' + "[" * 500_000 + "]" * 500_000 + "}")


def deep_json_line(folder: Path) -> Path:
    return _file(folder, "deep.jsonl", '{"text": ' + "[" * 500_000 + "]" * 500_000 + "}\n")


def zip_bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open(
            "a.xml", "w", force_zip64=True) as file:
        for _ in range(2048):
            file.write(b"\0" * (1 << 20))
    return folder / "bomb.zip"


def nested_zip_bomb(folder: Path) -> Path:
    inner = zip_bomb(folder).read_bytes()
    for level in range(6):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(8):
                archive.writestr(f"{level}-{copy}.zip", inner)
        inner = packed.getvalue()
    (folder / "bomb.zip").unlink()
    (folder / "nested.zip").write_bytes(inner)
    return folder / "nested.zip"


def traversal(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "up.zip", "w") as archive:
        archive.writestr("../../escaped.xml", ARTICLE.format("x"))
    return folder / "up.zip"


def tar_traversal(folder: Path) -> Path:
    with tarfile.open(folder / "up.tar.gz", "w:gz") as archive:
        for name, kind in (("../../escaped.md", tarfile.REGTYPE), ("link.md", tarfile.SYMTYPE),
                           ("device.md", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member, io.BytesIO(b""))
    return folder / "up.tar.gz"


def _one_line(folder: Path, name: str, opening: bytes) -> Path:
    with (folder / name).open("wb") as file:
        file.write(opening)
        for _ in range(1024):
            file.write(b"a" * (1 << 20))
    return folder / name


def long_json_line(folder: Path) -> Path:
    return _one_line(folder, "line.jsonl", b'{"text": "')


def long_csv_line(folder: Path) -> Path:
    return _one_line(folder, "line.csv", b"text\n")


def long_text_line(folder: Path) -> Path:
    return _one_line(folder, "line.txt", b"")


def link_outside(folder: Path) -> Path:
    inside = folder / "inside"
    inside.mkdir()
    (folder / "outside.md").write_text("# Secret\n\nTOP-SECRET-CONTENT stands here for everybody to see.")
    (inside / "link.md").symlink_to(folder / "outside.md")
    return inside


def _file(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.slow
@pytest.mark.parametrize(("reader", "make"), [
    ("jats", entity_bomb), ("spl", entity_bomb), ("ccda", entity_bomb), ("fhir", entity_bomb),
    ("jats", external_entity), ("ccda", external_entity), ("jats", deep_xml), ("ccda", deep_xml),
    ("fhir", deep_json), ("openfda", deep_json), ("jsonl", deep_json_line), ("spl", zip_bomb), ("jats", zip_bomb),
    ("spl", nested_zip_bomb), ("spl", traversal), ("markdown", tar_traversal), ("jsonl", long_json_line),
    ("csv", long_csv_line), ("text", long_text_line), ("markdown", link_outside),
])
def test_refused_by_name(reader: str, make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path)
    columns = '{"text": "text"}' if reader in {"csv", "jsonl"} else "{}"
    done = subprocess.run([sys.executable, "-c", CHILD, reader, str(path), columns], capture_output=True, text=True,
                          timeout=60, check=False)
    if path.is_file():
        path.unlink()  # a gigabyte each, and pytest keeps its folders
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    sys.stdout.write(f"{reader:9} {make.__name__:16} {told['seconds']:5.2f} s {told['mebibytes']:4.0f} MiB "
                     f"{told['reasons'] or told['refused'][:80]}\n")
    assert told["rows"] == 0
    assert told["reasons"] or told["refused"]
    assert "TOP-SECRET" not in done.stdout
    assert told["seconds"] < SECONDS
    assert told["mebibytes"] < MEBIBYTES
    assert not list(tmp_path.parent.glob("escaped*"))
