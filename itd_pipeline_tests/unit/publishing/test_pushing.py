"""A release leaves only when asked, only sound, never as a draft unsaid, never with patient data."""

from __future__ import annotations

import base64
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest

from itd_pipeline.errors import ConfigError, PermanentError, StorageError
from itd_pipeline.publishing import push, sign, signature_problems
from itd_pipeline.release import build_release, verify_release
from itd_pipeline_tests.unit.release import conftest as made


def _written(folder: Path, **inputs: Any) -> Path:
    content = build_release(made.inputs_of(**inputs))
    for path, raw in content.files.items():
        (folder / content.version / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / content.version / path).write_bytes(raw)
    return folder / content.version


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return _written(tmp_path)


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    return _written(tmp_path, review={"status": "reviewed", "ready": True})


def test_a_draft_is_pushed_only_when_that_is_said(draft: Path, tmp_path: Path) -> None:
    target = f"file://{tmp_path / 'share'}"
    with pytest.raises(ConfigError, match="is a draft"):
        push(draft, target)
    assert not (tmp_path / "share").exists()
    pushed = push(draft, target, draft=True)
    assert (pushed.status, pushed.version) == ("draft", draft.name)
    assert verify_release(tmp_path / "share" / draft.name) == []


def test_a_reviewed_release_needs_no_word(reviewed: Path, tmp_path: Path) -> None:
    assert push(reviewed, f"file://{tmp_path / 'share'}").status == "reviewed"


def test_an_object_store_holds_the_same_bytes_and_the_checksums_come_last(draft: Path) -> None:
    store = fsspec.filesystem("memory")
    order: list[str] = []
    plain = store.pipe_file
    store.pipe_file = lambda path, value, **more: (order.append(path), plain(path, value, **more))[1]
    try:
        pushed = push(draft, "memory://bucket/sets", draft=True)
        assert order[-1].endswith("SHA256SUMS")
        assert pushed.files == len(order) == len([p for p in draft.rglob("*") if p.is_file()])
        for path in draft.rglob("*"):
            if path.is_file():
                there = f"/bucket/sets/{draft.name}/{path.relative_to(draft).as_posix()}"
                assert store.cat_file(there) == path.read_bytes()
        assert push(draft, "memory://bucket/sets", draft=True).files == 0  # it lies there already
    finally:
        del store.pipe_file
        store.rm("/bucket", recursive=True)


def test_another_release_of_the_same_name_is_never_written_over(draft: Path, tmp_path: Path) -> None:
    (tmp_path / "share" / draft.name).mkdir(parents=True)
    (tmp_path / "share" / draft.name / "SHA256SUMS").write_text("something else")
    with pytest.raises(StorageError, match="holds another release"):
        push(draft, f"file://{tmp_path / 'share'}", draft=True)


def test_what_is_not_sound_stays(draft: Path, tmp_path: Path) -> None:
    (draft / "report.html").write_text("x")
    with pytest.raises(PermanentError, match=r"report\.html has been changed"):
        push(draft, f"file://{tmp_path / 'share'}", draft=True)
    assert not (tmp_path / "share").exists()


def test_patient_data_never_leaves(tmp_path: Path) -> None:
    of_patient = made.record(1, source="letters", patient_data=True, privacy_status="de_identified")
    folder = _written(
        tmp_path, records=[of_patient, made.record(2)], release={"allow_patient_data": True},
        passages=[made.passage(1, source="letters", patient_data=True, privacy_status="de_identified"),
                  made.passage(2)],
        documents=[made.document(1, source="letters", patient_data=True), made.document(2)])
    assert verify_release(folder) == []
    with pytest.raises(PermanentError, match="1 of its records rest on patient data"):
        push(folder, f"file://{tmp_path / 'share'}", draft=True)
    assert not (tmp_path / "share").exists()


@pytest.mark.parametrize("target", ["nowhere://x", "hf://datasets/no-owner", "hf://datasets/a/b/c"])
def test_an_address_that_means_nothing_is_an_error(draft: Path, target: str) -> None:
    with pytest.raises(ConfigError):
        push(draft, target, draft=True)


class _Hub(BaseHTTPRequestHandler):
    """As much of the Hub as a push asks for."""

    asked: list[tuple[str, str]]
    files: dict[str, bytes]
    refuse = False

    def _answer(self, content: Any, status: int = 200) -> None:
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path))
        if self.refuse:
            self._answer({"error": "no"}, 403)
            return
        self._answer([{"type": "file", "path": "stale.txt", "size": 1, "oid": "0"}] if "/tree/" in self.path else {})

    def do_POST(self) -> None:
        body = self._body()
        self.asked.append(("POST", self.path))
        if self.refuse:
            self._answer({"error": "no"}, 403)
        elif "/preupload/" in self.path:
            self._answer({"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False}
                                    for f in json.loads(body)["files"]]})
        elif "/commit/" in self.path:
            for line in body.splitlines():
                said = json.loads(line)
                if said["key"] == "file":
                    self.files[said["value"]["path"]] = base64.b64decode(said["value"]["content"])
                else:
                    self.asked.append((said["key"], json.dumps(said["value"])))
            self._answer({"commitUrl": "http://127.0.0.1/datasets/ward/set/commit/abc", "commitOid": "abc",
                          "hookOutput": ""})
        else:
            self._answer({"url": "http://127.0.0.1/datasets/ward/set"})

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[_Hub]]]:
    for name in ("HF_HUB_OFFLINE", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    # Read when the library is imported; the tests of the whole set it, for none of them reaches the Hub.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    handler = type("Hub", (_Hub,), {"asked": [], "files": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_hub_gets_one_commit_and_a_tag(draft: Path, hub: tuple[str, type[_Hub]], tmp_path: Path) -> None:
    address, handler = hub
    pushed = push(draft, "hf://datasets/ward/set", draft=True, endpoint=address)
    assert pushed.target == f"hf://datasets/ward/set@{draft.name}"
    for path, raw in handler.files.items():
        (tmp_path / "got" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "got" / path).write_bytes(raw)
    assert verify_release(tmp_path / "got", draft.name) == []
    said = dict(reversed(handler.asked))
    assert json.loads(said["header"])["summary"] == f"{draft.name} (draft)"
    assert json.loads(said["deletedFile"]) == {"path": "stale.txt"}
    assert sum("/commit/" in path for _, path in handler.asked) == 1
    assert any(path.endswith("/tag/main") for _, path in handler.asked)


def test_a_hub_that_refuses_is_an_error_with_a_remedy(draft: Path, hub: tuple[str, type[_Hub]]) -> None:
    address, handler = hub
    handler.refuse = True
    with pytest.raises(StorageError, match="cannot be written"):
        push(draft, "hf://datasets/ward/set", draft=True, endpoint=address)


@pytest.mark.skipif(shutil.which("gpg") is None, reason="there is no gpg")
def test_a_signature_is_made_checked_and_breaks_with_the_checksums(
    draft: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    home = tmp_path_factory.mktemp("g")  # a short path: gpg's agent listens on a socket in it
    home.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    assert signature_problems(draft) == []
    with pytest.raises(PermanentError, match="gpg did not sign"):
        sign(draft)
    subprocess.run(["gpg", "--batch", "--passphrase", "", "--quick-gen-key", "ward@example.org", "ed25519", "sign"],
                   check=True, capture_output=True)
    try:
        sign(draft, "ward@example.org")
        assert signature_problems(draft) == []
        assert verify_release(draft) == []  # the signature is no part of the content
        (draft / "SHA256SUMS").write_text((draft / "SHA256SUMS").read_text() + "\n")
        assert len(signature_problems(draft)) == 1
    finally:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False, capture_output=True)
