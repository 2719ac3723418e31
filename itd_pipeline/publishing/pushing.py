"""`push`: every file of a release to the Hub or to any store that fsspec reaches.

Checksums go last: whoever reads while it is copied finds a release that cannot be verified, never a wrong one. What has
arrived is read back and compared. A release that lies there already is left as it is; another one of the same name is
never written over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError, StorageError
from itd_pipeline.publishing.leaving import may_be_pushed
from itd_pipeline.release.version import CHECKSUMS, SIGNATURE

HUB = "hf://datasets/"


@dataclass(frozen=True)
class Pushed:
    """What was pushed.

    Args:
        version: of the release.
        status: `draft` or `reviewed`.
        target: where it lies now.
        files: how many files were written; 0 where it lay there already.
        size_bytes: their size.
    """

    version: str
    status: str
    target: str
    files: int
    size_bytes: int


def push(folder: Path, target: str, draft: bool = False, private: bool = True, options: Mapping[str, Any] | None = None,
         endpoint: str | None = None) -> Pushed:
    """Copy the release in `folder` to `target`.

    Args:
        target: `hf://datasets/OWNER/NAME` for the Hub; else an address that fsspec knows (`s3://bucket/folder`,
            `gs://...`, `file:///share`), below which a folder named after the version is made.
        draft: say so, where it is one.
        private: whether a data set of the Hub that is made for it is private.
        options: for the file system, such as `endpoint_url`; keys come from the environment, as its library documents.
        endpoint: address of another Hub.

    Raises:
        ConfigError, PermanentError: it may not leave; see `may_be_pushed`.
        StorageError: the target cannot be reached, refuses, or holds another release of that name.
    """
    facts = may_be_pushed(folder, draft)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
             if path.is_file()}
    if target.startswith(HUB):
        place, written = _to_hub(files, facts, target.removeprefix(HUB), private, endpoint), list(files)
    else:
        place, written = _to_store(files, facts, target, dict(options or {}))
    return Pushed(facts["version"], facts["status"], place, len(written), sum(len(files[path]) for path in written))


def _to_store(files: Mapping[str, bytes], facts: Mapping[str, Any], target: str, options: dict[str, Any]
              ) -> tuple[str, list[str]]:
    import fsspec

    try:
        store, root = fsspec.core.url_to_fs(target, **options)
    except (ValueError, ImportError) as error:
        raise ConfigError(f"{target!r} is no address of a store that is known here ({type(error).__name__}).",
                          "Write hf://datasets/OWNER/NAME, s3://..., gs://... or file:///...; an object store needs "
                          "its own package, such as s3fs.") from None
    place = f"{root.rstrip('/')}/{facts['version']}"
    try:
        there = f"{place}/{CHECKSUMS}"
        if store.exists(there):
            if store.cat_file(there) == files[CHECKSUMS]:
                return store.unstrip_protocol(place), []
            raise StorageError(f"{place} holds another release of the same name.",
                               "Releases are immutable: move the other one away, or look who wrote it.")
        last = (CHECKSUMS, SIGNATURE)
        written = [*(path for path in files if path not in last), *(path for path in last[::-1] if path in files)]
        for path in written:
            full = f"{place}/{path}"
            store.makedirs(full.rsplit("/", 1)[0], exist_ok=True)
            store.pipe_file(full, files[path])
            if hashlib.sha256(store.cat_file(full)).digest() != hashlib.sha256(files[path]).digest():
                raise StorageError(f"{full} did not arrive as it was sent.", "Push again.")
    except OSError as error:
        raise StorageError(f"{place} cannot be written ({type(error).__name__}).",
                           "Look at the address, the rights and the connection, then push again.") from error
    return store.unstrip_protocol(place), written


def _to_hub(
    files: Mapping[str, bytes], facts: Mapping[str, Any], name: str, private: bool, endpoint: str | None
) -> str:
    """One commit with every file, and a tag named after the version: all of it is there, or none."""
    from httpx import HTTPError
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import HfHubHTTPError

    if name.count("/") != 1 or not all(name.split("/")):
        raise ConfigError(f"{HUB}{name} is no data set of the Hub.", "Write hf://datasets/OWNER/NAME.")
    hub = HfApi(endpoint=endpoint)
    word = "draft" if facts["status"] != "reviewed" else "reviewed release"
    try:
        hub.create_repo(name, repo_type="dataset", private=private, exist_ok=True)
        held = set(hub.list_repo_files(name, repo_type="dataset")) - set(files) - {".gitattributes"}
        operations: list[Any] = [CommitOperationAdd(path, raw) for path, raw in files.items()]
        operations += [CommitOperationDelete(path) for path in sorted(held)]
        hub.create_commit(name, operations, repo_type="dataset", commit_message=f"{facts['version']} ({word})")
        hub.create_tag(name, repo_type="dataset", tag=facts["version"], exist_ok=True)
    except (HfHubHTTPError, HTTPError, OSError) as error:
        raise StorageError(f"{HUB}{name} cannot be written ({type(error).__name__}).",
                           "Log in with `hf auth login` or set HF_TOKEN, look at the rights, push again.") from error
    return f"{HUB}{name}@{facts['version']}"
