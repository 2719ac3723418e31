from __future__ import annotations

import io
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from itd_pipeline.release.build import build_release
from itd_pipeline.release.encode import json_bytes, parquet_bytes
from itd_pipeline.release.verify import verify_release
from itd_pipeline.release.version import CHECKSUMS, checksums, content_version

TRAIN = "data/train-00000-of-00001.parquet"
TEST = "data/test-00000-of-00001.parquet"


@pytest.fixture
def folder(make_inputs, write):
    return write(build_release(make_inputs()))


def _sign(folder):
    """Write fresh checksums, as somebody would who wants to hide a change."""
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    (folder / CHECKSUMS).write_bytes(checksums(files))


def test_an_untouched_release_has_no_problems(folder):
    assert verify_release(folder) == []


def test_sha256sum_agrees(folder):
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", CHECKSUMS], cwd=folder, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("path", [TRAIN, "README.md", "lineage.parquet", "report.html", "prompts/definition.j2"])
def test_one_byte_is_noticed(folder, path):
    raw = bytearray((folder / path).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / path).write_bytes(bytes(raw))
    problems = verify_release(folder)
    assert f"{path} has been changed: its SHA-256 is not the one in SHA256SUMS." in problems
    assert any(p.startswith("The content is that of version") for p in problems)


@pytest.mark.parametrize("path", ["README.md", "RELEASE.json", "croissant.json", "config.yaml"])
def test_fresh_checksums_do_not_hide_a_change(folder, path):
    (folder / path).write_bytes((folder / path).read_bytes() + b"\n")
    _sign(folder)
    problems = verify_release(folder)
    assert problems[0].startswith("The content is that of version")
    assert any(problem.startswith((path, f"croissant.json: {path} ")) for problem in problems[1:])


def test_a_row_taken_out_is_noticed_by_every_count(folder):
    table = pq.ParquetFile(io.BytesIO((folder / TRAIN).read_bytes())).read()
    (folder / TRAIN).write_bytes(parquet_bytes(table.slice(1)))
    _sign(folder)
    problems = " ".join(verify_release(folder))
    left = table.num_rows - 1
    assert f"{TRAIN} holds {left} rows, RELEASE.json counts {left + 1}." in problems
    assert f"formats/chat/train.jsonl holds {left + 1} rows" in problems
    assert "which is not in the data" in problems


def test_a_leak_between_splits_is_noticed(folder):
    train = pq.ParquetFile(io.BytesIO((folder / TRAIN).read_bytes())).read()
    test = pq.ParquetFile(io.BytesIO((folder / TEST).read_bytes())).read()
    (folder / TEST).write_bytes(parquet_bytes(pa.concat_tables([test, train.slice(0, 1)])))
    problems = verify_release(folder)
    group = train["group_id"][0].as_py()
    assert f"group {group} stands in train and test" in problems


def test_missing_and_unlisted_files_are_noticed(folder):
    (folder / "report.html").unlink()
    (folder / "extra.txt").write_text("x")
    problems = verify_release(folder)
    assert "report.html is listed in SHA256SUMS but missing." in problems
    assert "extra.txt is not listed in SHA256SUMS." in problems


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "a/../../b", "a\\..\\b", "./x"])
def test_a_path_out_of_the_folder_is_refused(folder, path):
    (folder.parent / "outside.txt").write_text("secret")
    lines = (folder / CHECKSUMS).read_text().splitlines()
    (folder / CHECKSUMS).write_text("\n".join([*lines, f"{'0' * 64}  {path}"]) + "\n")
    assert verify_release(folder) == [
        f"SHA256SUMS, line {len(lines) + 1}: refused, the path may lead out of the release."]


def test_a_link_is_refused(folder):
    outside = folder.parent / "outside.txt"
    outside.write_bytes((folder / "report.html").read_bytes())
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to(outside)
    problems = verify_release(folder)
    assert "report.html is a link; a release holds only plain files." in problems
    assert "report.html is listed in SHA256SUMS but missing." in problems


def test_a_broken_checksum_file_is_reported(folder):
    lines = (folder / CHECKSUMS).read_text().splitlines()
    (folder / CHECKSUMS).write_text("\n".join([lines[0], *lines, "hello"]) + "\n")
    path = lines[0].split("  ")[1]
    assert verify_release(folder) == [
        f"SHA256SUMS, line 2: {path} is listed twice.",
        f"SHA256SUMS, line {len(lines) + 2}: not a checksum and a path.",
    ]


def test_nothing_to_check_is_not_a_pass(folder, tmp_path):
    assert verify_release(tmp_path / "nowhere") == ["nowhere: there is no such folder."]
    (folder / CHECKSUMS).unlink()
    assert verify_release(folder) == ["SHA256SUMS is missing: nothing can be checked."]


def test_a_release_without_records_is_a_problem(make_inputs, rows, write):
    folder = write(build_release(make_inputs([rows["record"](1, licence="unknown")])))
    assert verify_release(folder) == ["The release holds no records."]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", json_bytes({"version": "no-version"})])
def test_an_unreadable_release_file_is_a_problem_and_no_crash(folder, raw):
    (folder / "RELEASE.json").write_bytes(raw)
    assert "RELEASE.json names no version of the form name-000000000000." in verify_release(folder)


def test_a_damaged_parquet_file_is_a_problem_and_no_crash(folder):
    (folder / TRAIN).write_bytes(b"PAR1")
    (folder / "lineage.parquet").write_bytes(b"")
    problems = verify_release(folder)
    assert f"{TRAIN} cannot be read as Parquet." in problems
    assert "lineage.parquet cannot be read as Parquet." in problems


def test_the_version_inside_a_file_does_not_change_the_version():
    files = {"README.md": b"this is d-000000000000", "x": b"y"}
    version = content_version("d", files)
    named = {**files, "README.md": f"this is {version}".encode()}
    assert content_version("d", named, version) == version
