"""One file from a server on this machine: cut, changed, too long, wrong, led astray, and in the end whole."""

from __future__ import annotations

import errno
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline.errors import ChecksumError, FetchError
from itd_pipeline.network import Receipt, download, read_receipt, receipt_path
from itd_pipeline.network.downloading import Patience
from itd_pipeline.network.receipt import note_path, part_path
from itd_pipeline_tests.web_server import BODY, Site, cut, proper, status, whole

SHA = hashlib.sha256(BODY).hexdigest()
LIMIT = 10 * len(BODY)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sources" / "file.xml"


class Waits(list[float]):
    """Sleeps that took no time."""

    @property
    def patience(self) -> Patience:
        return Patience(tries=3, timeout=5, sleep=self.append)


def fetch(site: Site, target: Path, waits: Waits | None = None, **more: Any) -> Receipt:
    given: dict[str, Any] = {"size_limit": LIMIT, "retrieved_on": "2026-01-15", **more}
    return download(site.address, target, patience=(Waits() if waits is None else waits).patience, **given)


def left(target: Path) -> set[str]:
    """Names of all files beside the target."""
    return {path.name for path in target.parent.iterdir()}


def test_a_file_with_its_receipt(site: Site, target: Path) -> None:
    site.answers = [proper()]
    told: list[tuple[int, int | None]] = []
    receipt = fetch(site, target, sha256=SHA, progress=lambda done, total: told.append((done, total)))
    assert target.read_bytes() == BODY
    assert receipt == Receipt(site.address, SHA, len(BODY), '"one"', "", "2026-01-15") == read_receipt(target)
    assert left(target) == {"file.xml", "file.xml.receipt.json"}
    assert site.requests[0]["accept-encoding"] == "identity"
    assert told[-1] == (len(BODY), len(BODY))


def test_an_empty_file_is_a_file(site: Site, target: Path) -> None:
    site.answers = [proper(b"")]
    assert fetch(site, target).size == 0
    assert left(target) == {"file.xml", "file.xml.receipt.json"}


def test_a_cut_connection_goes_on_where_it_ended(site: Site, target: Path) -> None:
    site.answers = [cut(1000), proper()]
    assert fetch(site, target, sha256=SHA).sha256 == SHA
    assert (site.requests[1]["range"], site.requests[1]["if-range"]) == ("bytes=1000-", '"one"')
    assert target.read_bytes() == BODY


def test_the_next_run_goes_on_too(site: Site, target: Path) -> None:
    site.answers = [cut(1000), status(500)]
    with pytest.raises(FetchError, match="1,000 bytes are kept"):
        fetch(site, target)
    assert left(target) == {"file.xml.part", "file.xml.part.json"}
    site.answers = [proper()]
    fetch(site, target)
    assert site.requests[-1]["range"] == "bytes=1000-"
    assert target.read_bytes() == BODY


def test_a_server_that_ignores_ranges_begins_again(site: Site, target: Path) -> None:
    site.answers = [cut(1000), whole()]
    fetch(site, target, sha256=SHA)
    assert "range" in site.requests[1]
    assert target.read_bytes() == BODY


def test_a_file_that_changed_in_between_begins_again(site: Site, target: Path) -> None:
    newer = BODY[::-1]
    site.answers = [cut(1000), proper(newer, '"two"')]
    assert fetch(site, target).etag == '"two"'
    assert target.read_bytes() == newer


def test_a_rest_of_another_version_is_not_glued_on(site: Site, target: Path) -> None:
    """A server that ignores If-Range and sends the rest of a newer file."""
    newer = BODY[::-1]
    rest = {"Content_Range": f"bytes 1000-{len(newer) - 1}/{len(newer)}"}
    site.answers = [cut(1000), lambda h: h.send(206, newer[1000:], ETag='"two"', **rest), proper(newer, '"two"')]
    fetch(site, target)
    assert "range" not in site.requests[2]
    assert target.read_bytes() == newer


@pytest.mark.parametrize("place", ["bytes 5-9/10", "bytes 0-", "", "bytes 1000-1999/99999"])
def test_a_part_that_was_not_asked_for_is_not_taken(site: Site, target: Path, place: str) -> None:
    site.answers = [cut(1000), lambda h: h.send(206, b"xxxxx", ETag='"one"', Content_Range=place), proper()]
    fetch(site, target, sha256=SHA)
    assert target.read_bytes() == BODY


def test_without_anything_to_compare_a_part_is_not_trusted(site: Site, target: Path) -> None:
    site.answers = [cut(1000, etag=""), whole()]
    fetch(site, target)
    assert "range" not in site.requests[1]


def test_a_weak_etag_is_nothing_to_go_on_with(site: Site, target: Path) -> None:
    site.answers = [cut(1000, etag='W/"one"'), whole()]
    fetch(site, target)
    assert "range" not in site.requests[1]


def test_a_part_longer_than_the_file_begins_again(site: Site, target: Path) -> None:
    site.answers = [cut(1000), proper(BODY[:500])]
    fetch(site, target)
    assert target.read_bytes() == BODY[:500]


def test_nothing_new_transfers_nothing(site: Site, target: Path) -> None:
    site.answers = [proper()]
    before = fetch(site, target)
    again = fetch(site, target, retrieved_on="2030-01-01")
    assert site.requests[1]["if-none-match"] == '"one"'
    assert again == before
    assert left(target) == {"file.xml", "file.xml.receipt.json"}


def test_a_changed_etag_is_fetched_anew(site: Site, target: Path) -> None:
    site.answers = [proper(), proper(b"newer", '"two"')]
    fetch(site, target)
    assert fetch(site, target).size == 5
    assert target.read_bytes() == b"newer"


def test_a_damaged_file_is_not_called_unchanged(site: Site, target: Path) -> None:
    site.answers = [proper()]
    fetch(site, target)
    target.write_bytes(BODY[:-1])
    fetch(site, target)
    assert "if-none-match" not in site.requests[1]
    assert target.read_bytes() == BODY


def test_a_newer_file_that_is_not_expected_leaves_the_older_one(site: Site, target: Path) -> None:
    site.answers = [proper(), proper(b"newer", '"two"')]
    fetch(site, target)
    with pytest.raises(ChecksumError, match=SHA):
        fetch(site, target, sha256=SHA)
    assert target.read_bytes() == BODY
    assert left(target) == {"file.xml", "file.xml.receipt.json"}


def test_a_wrong_checksum_leaves_nothing(site: Site, target: Path) -> None:
    site.answers = [proper(b"another")]
    with pytest.raises(ChecksumError, match="another file than expected"):
        fetch(site, target, sha256=SHA)
    assert left(target) == set()


def test_too_long_by_its_own_word(site: Site, target: Path) -> None:
    site.answers = [whole()]
    with pytest.raises(FetchError, match="announces more than the limit of 1,000 bytes"):
        fetch(site, target, size_limit=1000)
    assert left(target) == set()


def test_too_long_without_a_word(site: Site, target: Path) -> None:
    def chunked(handler: Any) -> None:
        handler.send(200, b"", Transfer_Encoding="chunked", Content_Length="")
        for start in range(0, len(BODY), 500):
            piece = BODY[start:start + 500]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    site.answers = [chunked]
    with pytest.raises(FetchError, match="sends more than the limit of 1,000 bytes"):
        fetch(site, target, size_limit=1000)
    assert left(target) == set()
    assert fetch(site, target).sha256 == SHA  # within the limit it comes whole


def test_a_length_that_lies_does_not_make_a_file(site: Site, target: Path) -> None:
    site.answers = [lambda h: h.send(200, BODY, Content_Length="10", ETag='"one"')]
    assert fetch(site, target).size == 10  # as announced; the rest is noise on the line
    site.answers = [lambda h: h.send(200, BODY, Content_Length=str(len(BODY) + 1), ETag='"two"')]
    with pytest.raises(FetchError, match="could not be fetched"):
        fetch(site, target)
    assert target.read_bytes() == BODY[:10]


def test_without_a_length_a_cut_could_not_be_told(site: Site, target: Path) -> None:
    site.answers = [lambda h: h.send(200, BODY, Content_Length="")]
    with pytest.raises(FetchError, match="does not say how long it is"):
        fetch(site, target)
    assert fetch(site, target, sha256=SHA).size == len(BODY)  # the checksum tells


def test_what_comes_packed_unasked_is_refused(site: Site, target: Path) -> None:
    site.answers = [lambda h: h.send(200, BODY, Content_Encoding="gzip")]
    with pytest.raises(FetchError, match="comes packed"):
        fetch(site, target)
    assert fetch(site, target.with_name("file.tar.gz")).sha256 == SHA  # such servers mean the file itself


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_server_in_trouble_is_asked_again(site: Site, target: Path, code: int) -> None:
    waits = Waits()
    site.answers = [status(code), status(code), proper()]
    fetch(site, target, waits)
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize(("asks", "waits"), [("7", 7.0), ("999999", 60.0), ("soon", 1.0),
                                             ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)])
def test_a_server_says_when_within_reason(site: Site, target: Path, asks: str, waits: float) -> None:
    waited = Waits()
    site.answers = [status(429, Retry_After=asks), proper()]
    fetch(site, target, waited)
    assert waited == [waits]


def test_a_server_that_stays_in_trouble(site: Site, target: Path) -> None:
    site.answers = [status(503)]
    with pytest.raises(FetchError, match="the server answered 503") as raised:
        fetch(site, target)
    assert site.address in raised.value.problem
    assert str(target) in raised.value.problem
    assert "again later" in raised.value.remedy
    assert len(site.requests) == 3
    assert left(target) == set()


def test_a_server_that_brings_a_little_each_time_is_not_given_up(site: Site, target: Path) -> None:
    def little(handler: Any) -> None:
        start = int(handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        place = {"Content_Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"} if start else {}
        handler.send(206 if start else 200, BODY[start:], cut=len(BODY) // 10, ETag='"one"', **place)

    site.answers = [little]
    fetch(site, target, sha256=SHA)
    assert len(site.requests) > 5


@pytest.mark.parametrize(("code", "says"), [(404, "notes of the catalogue"), (410, "notes of the catalogue"),
                                            (401, "login"), (403, "by hand"), (400, "browser")])
def test_a_refusal_is_not_repeated(site: Site, target: Path, code: int, says: str) -> None:
    site.answers = [status(code)]
    with pytest.raises(FetchError, match=str(code)) as raised:
        fetch(site, target)
    assert says in raised.value.remedy
    assert len(site.requests) == 1


def test_nobody_listens(target: Path) -> None:
    waits = Waits()
    with pytest.raises(FetchError, match="ConnectError"):
        download("http://127.0.0.1:9/file.xml", target, size_limit=10, patience=waits.patience)
    assert len(waits) == 2


def test_redirects_are_followed(site: Site, target: Path) -> None:
    site.answers = [status(302, Location="/other.xml"), status(307, Location=site.address), proper()]
    assert fetch(site, target).address == site.address


def test_redirects_come_to_an_end(site: Site, target: Path) -> None:
    site.answers = [status(302, Location="/again")]
    with pytest.raises(FetchError, match="more than 5 times"):
        fetch(site, target)
    assert len(site.requests) == 6


@pytest.mark.parametrize("where", ["file:///etc/hostname", "ftp://example.org/x", "http://10.0.0.1/x", "gopher://x",
                                   "http://example.org/x", "https://user:secret@example.org/x", "https://["])
def test_redirects_to_where_none_may_lead(site: Site, target: Path, where: str) -> None:
    site.answers = [status(302, Location=where)]
    with pytest.raises(FetchError) as raised:
        fetch(site, target)
    assert "secret" not in str(raised.value)
    assert len(site.requests) == 1
    assert left(target) == set()


def test_a_file_of_somebody_else_is_not_overwritten(site: Site, target: Path) -> None:
    site.answers = [proper()]
    target.parent.mkdir()
    target.write_bytes(b"mine")
    with pytest.raises(FetchError, match="was not fetched by this command"):
        fetch(site, target)
    assert target.read_bytes() == b"mine"
    assert not site.requests


def test_killed_between_file_and_receipt(site: Site, target: Path) -> None:
    site.answers = [proper()]
    fetch(site, target)
    receipt_path(target).unlink()
    note_path(target).write_text('{"address": "", "validator": ""}')
    fetch(site, target)
    assert left(target) == {"file.xml", "file.xml.receipt.json"}


def test_a_receipt_that_nobody_understands(site: Site, target: Path) -> None:
    site.answers = [proper()]
    fetch(site, target)
    for text in ("[]", "{", '{"address": 1, "sha256": "", "size": 2}', '{"other": 1}'):
        receipt_path(target).write_text(text)
        with pytest.raises(FetchError, match="cannot be understood"):
            fetch(site, target)


def test_a_full_disk(site: Site, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.answers = [proper()]

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("itd_pipeline.network.downloading.write_beside", full)
    with pytest.raises(FetchError, match="disk is full"):
        fetch(site, target)
    assert not target.exists()


def test_a_folder_that_cannot_be_written(site: Site, tmp_path: Path) -> None:
    (tmp_path / "sources").write_text("a file where the folder should be")
    with pytest.raises(FetchError, match="cannot be written"):
        fetch(site, tmp_path / "sources" / "file.xml")


def test_two_downloads_of_one_file_do_not_meet(site: Site, target: Path) -> None:
    def meanwhile(handler: Any) -> None:
        with pytest.raises(FetchError, match="under way"):
            fetch(site, target)
        proper()(handler)

    site.answers = [meanwhile]
    fetch(site, target)
    assert len(site.requests) == 1


def test_a_killed_process_leaves_only_the_part(site: Site, target: Path) -> None:
    def slow(handler: Any) -> None:
        handler.send(200, BODY, cut=2000, ETag='"one"')
        time.sleep(20)

    site.answers = [slow]
    program = ("import sys; from pathlib import Path; from itd_pipeline.network import download; "
               "download(sys.argv[1], Path(sys.argv[2]), size_limit=10**9)")
    child = subprocess.Popen([sys.executable, "-c", program, site.address, str(target)])
    try:
        until = time.monotonic() + 30
        while not (part_path(target).exists() and part_path(target).stat().st_size == 2000):
            assert time.monotonic() < until, "nothing came"
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()
    assert left(target) == {"file.xml.part", "file.xml.part.json"}
    site.answers = [proper()]
    fetch(site, target, sha256=SHA)
    assert site.requests[-1]["range"] == "bytes=2000-"


def test_a_receipt_holds_no_clock(site: Site, target: Path) -> None:
    site.answers = [proper()]
    fetch(site, target)
    assert set(json.loads(receipt_path(target).read_text())) == {
        "address", "sha256", "size", "etag", "last_modified", "retrieved_on"}
