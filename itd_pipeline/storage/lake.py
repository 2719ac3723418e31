"""Read and write the lake: `<lake>/<stage>/<partition>/` with a manifest and the files that it names.

Belongs here: atomic writing, reading, tidying up. Does not belong here: what the rows mean.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from itd_pipeline.errors import NotBuiltError, StorageError
from itd_pipeline.ports import Batch
from itd_pipeline.storage.manifest import MANIFEST, Manifest, StoredFile
from itd_pipeline.tables.contract import Table
from itd_pipeline.tables.rejects import REJECTS

CHECKED = "checked"
"""File beside a manifest: the data version that passed its blocking checks."""
_WHOLE = "all"
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Lake:
    """The folder that holds every table.

    Args:
        root: folder; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, stage: str, partition: str = "") -> Path:
        return self.root / stage / (partition or _WHOLE)

    def manifest(self, stage: str, partition: str = "") -> Manifest | None:
        """The manifest, or None where the partition has not been built or a file it names is gone."""
        folder = self.folder(stage, partition)
        path = folder / MANIFEST
        if not path.is_file():
            return None
        manifest = Manifest.read(path)
        for stored in manifest.files.values():
            file = folder / stored.file
            if not file.is_file() or file.stat().st_size != stored.size:
                return None
        return manifest

    def require(self, stage: str, partition: str = "") -> Manifest:
        """The manifest; raises NotBuiltError naming the command that builds it."""
        manifest = self.manifest(stage, partition)
        if manifest is None:
            what = f"{stage}[{partition}]" if partition else stage
            source = f" --source {partition}" if partition else ""
            raise NotBuiltError(f"{what} has not been built.", f"Run `itd build{source}`.")
        return manifest

    def partitions(self, stage: str) -> list[str]:
        """Partitions of a stage that lie in the lake, sorted."""
        folder = self.root / stage
        if not folder.is_dir():
            return []
        return sorted(p.parent.name for p in folder.glob(f"*/{MANIFEST}"))

    def path(self, stage: str, partition: str = "", name: str = "rows") -> Path:
        """Path of a file of a partition. Raises NotBuiltError."""
        manifest = self.require(stage, partition)
        return self.folder(stage, partition) / manifest.files[name].file

    def batches(self, stage: str, partition: str = "", name: str = "rows", columns: Sequence[str] | None = None,
                batch_rows: int = 5000) -> Iterator[pa.Table]:
        """Rows in tables of at most `batch_rows`, in stored order, in bounded memory."""
        with self._opened(stage, partition, name) as file:
            for batch in file.iter_batches(batch_size=batch_rows, columns=columns):
                yield pa.Table.from_batches([batch])

    def read(self, stage: str, partition: str = "", name: str = "rows",
             columns: Sequence[str] | None = None) -> pa.Table:
        """A whole table."""
        with self._opened(stage, partition, name) as file:
            return file.read(columns=columns)

    @contextmanager
    def scratch(self, stage: str, partition: str = "") -> Iterator[Path]:
        """A folder on the lake's disk that goes away with the work, or with the next work after a kill."""
        with storage_errors(self.folder(stage, partition)), _scratch(self.folder(stage, partition)) as folder:
            yield folder

    @contextmanager
    def _opened(self, stage: str, partition: str, name: str) -> Iterator[pq.ParquetFile]:
        """A Parquet file for reading. Raises StorageError naming it where its bytes are damaged."""
        path = self.path(stage, partition, name)
        try:
            with pq.ParquetFile(path) as file:
                yield file
        except (pa.ArrowInvalid, OSError) as error:
            if sha256_of(path) == self.require(stage, partition).files[name].sha256:
                raise
            raise StorageError(f"{path} is damaged: its bytes are not those that were written.",
                               f"Delete the folder {path.parent} and run `itd build`.") from error

    def read_bytes(self, stage: str, partition: str, name: str) -> bytes:
        """A whole file that is not a table, such as a report."""
        return self.path(stage, partition, name).read_bytes()

    def passed(self, stage: str, partition: str = "") -> bool:
        """Whether the content that lies there now has passed its blocking checks."""
        manifest = self.manifest(stage, partition)
        path = self.folder(stage, partition) / CHECKED
        return manifest is not None and path.is_file() and path.read_text(encoding="utf-8") == manifest.data_version

    def mark(self, stage: str, partition: str, data_version: str, passed: bool) -> None:
        """Keep the verdict of the blocking checks on a data version. What has none has not passed."""
        path = self.folder(stage, partition) / CHECKED
        if passed:
            write_atomically(path, data_version.encode())
        else:
            path.unlink(missing_ok=True)

    def write(self, table: Table, partition: str, batches: Iterable[Batch], *, fingerprint: str,
              inputs: Mapping[str, str], sides: Sequence[Table] = (), basis: str = "") -> Manifest:
        """Write everything that a stage yields, then commit it in one step.

        Args:
            table: contract of the rows.
            batches: what the stage yields; consumed once, one at a time.
            fingerprint, inputs, basis: go into the manifest.
            sides: contracts of further tables that the batches carry.

        Raises:
            StorageError: the disk is full or not writable; nothing of the partition has changed.
            ContractError: a batch does not fit its contract; nothing of the partition has changed.
        """
        folder = self.folder(table.name, partition)
        started = time.perf_counter()
        with storage_errors(folder), _scratch(folder) as scratch:
            rows = _ParquetFile(scratch / "rows.parquet", table)
            rejected = _ParquetFile(scratch / "rejected.parquet", REJECTS)
            extra = {side.name: _ParquetFile(scratch / f"{side.name}.parquet", side) for side in sides}
            others: dict[str, Path] = {}
            reasons: dict[str, int] = {}
            facts: dict[str, Any] = {}
            units_in = 0
            try:
                for batch in batches:
                    units_in += batch.units_in
                    rows.append(batch.rows)
                    rejected.append(batch.rejects)
                    for reason in batch.rejects.column("reason").to_pylist():
                        reasons[reason] = reasons.get(reason, 0) + 1
                    for name, side in batch.sides.items():
                        extra[name].append(side)
                    for name, content in batch.files.items():
                        others[name] = scratch / name
                        others[name].write_bytes(content)
                    _merge(facts, batch.facts)
            finally:
                for file in (rows, rejected, *extra.values()):
                    file.close()
            files = {"rows": _seal(rows.path, folder, rows.count), "rejected": _seal(rejected.path, folder,
                                                                                     rejected.count)}
            files |= {name: _seal(file.path, folder, file.count) for name, file in extra.items()}
            files |= {name: _seal(path, folder, None) for name, path in sorted(others.items())}
            manifest = Manifest(
                stage=table.name, partition=partition, fingerprint=fingerprint,
                data_version=_data_version(units_in, {name: file for name, file in files.items()
                                                      if name not in {side.name for side in sides if side.clocked}}),
                units_in=units_in,
                rejected=dict(sorted(reasons.items())), files=files, inputs=dict(sorted(inputs.items())),
                facts=facts, seconds=round(time.perf_counter() - started, 3), basis=basis,
            )
            write_atomically(folder / MANIFEST, manifest.to_json().encode())
        _sweep(folder, {stored.file for stored in files.values()})
        return manifest

    def drop(self, stage: str, partition: str) -> None:
        """Remove a partition: the manifest first, so that it is gone in one step."""
        folder = self.folder(stage, partition)
        (folder / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


class _ParquetFile:
    """A Parquet file that grows batch by batch and is checked against its contract."""

    def __init__(self, path: Path, table: Table) -> None:
        self.path = path
        self.table = table
        self.count = 0
        self._writer = pq.ParquetWriter(path, table.schema, compression="zstd")

    def append(self, rows: pa.Table) -> None:
        if rows.num_rows:
            self._writer.write_table(self.table.conform(rows))
            self.count += rows.num_rows

    def close(self) -> None:
        self._writer.close()


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary file beside `path`, flush it to disk, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")
    try:
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A scratch folder that goes away, after clearing those that killed processes left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(".scratch-*"):
        owner = old.name.split("-")[1]
        if not owner.isdigit() or not (process_is_alive(int(owner)) or int(owner) == os.getpid()):
            shutil.rmtree(old, ignore_errors=True)
    scratch = folder / f".scratch-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def process_is_alive(pid: int) -> bool:
    """Whether another process of this machine has this id; this process itself does not count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Name a full or forbidden disk, with the remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_ERRORS:
            raise StorageError(f"No room left to write {folder}.",
                               "Free disk space and run the same command again; what is finished is kept.") from error
        if error.errno in {errno.EACCES, errno.EROFS, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EISDIR}:
            raise StorageError(f"{folder} cannot be written ({type(error).__name__}).",
                               "Check that `lake` names a folder, and who owns it.") from error
        raise


def _seal(path: Path, folder: Path, rows: int | None) -> StoredFile:
    """Flush a finished file to disk and move it under a name that carries its hash."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    digest = sha256_of(path)
    target = folder / f"{path.stem}-{digest[:16]}{path.suffix}"
    size = path.stat().st_size
    path.replace(target)
    return StoredFile(file=target.name, sha256=digest, size=size, rows=rows)


def _data_version(units_in: int, files: Mapping[str, StoredFile]) -> str:
    digest = hashlib.sha256(str(units_in).encode())
    for name in sorted(files):
        digest.update(f"\0{name}\0{files[name].sha256}".encode())
    return digest.hexdigest()[:24]


def _merge(facts: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Facts of batches: counts add up, mappings of counts merge, other values are the last said."""
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(facts.get(name), dict):
            _merge(facts[name], value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and name in facts:
            facts[name] += value
        else:
            facts[name] = dict(value) if isinstance(value, Mapping) else value


def _sweep(folder: Path, wanted: set[str]) -> None:
    """Remove files that the manifest no longer names."""
    wanted = wanted | {MANIFEST, CHECKED}
    for path in folder.iterdir():
        if path.is_file() and path.name not in wanted and not path.name.startswith("."):
            path.unlink(missing_ok=True)
