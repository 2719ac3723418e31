"""Builders for the readers' tests: a source's settings, everything it gives, archives made in memory."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from itd_pipeline.settings import Source
from itd_pipeline.sources import read_source


@dataclass(frozen=True)
class Everything:
    """All batches of a source together."""

    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    units_in: int
    facts: dict[str, int]

    @property
    def reasons(self) -> list[str]:
        return [reject["reason"] for reject in self.rejects]

    def reject(self) -> dict[str, Any]:
        """The only reject, its row parsed."""
        (only,) = self.rejects
        return {**only, "row": json.loads(only["row"])}


def drain(reader: str, path: Path | None, batch_rows: int = 5000, **settings: Any) -> Everything:
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    units, facts = 0, dict.fromkeys(("files_read", "files_skipped", "limit_reached"), 0)
    source = Source(**{"reader": reader, "licence": "CC-BY-4.0", **settings})
    for batch in read_source("sample", source, path, batch_rows):
        assert batch.units_in == batch.rows.num_rows + batch.rejects.num_rows
        assert batch.rows.num_rows + batch.rejects.num_rows <= batch_rows
        rows += batch.rows.to_pylist()
        rejects += batch.rejects.to_pylist()
        units += batch.units_in
        for name in facts:
            facts[name] += batch.facts[name]
    assert units == len(rows) + len(rejects)
    assert len({row["document_id"] for row in rows}) == len(rows)
    assert len({reject["row_id"] for reject in rejects}) == len(rejects)
    return Everything(rows, rejects, units, facts)


@pytest.fixture
def everything() -> Callable[..., Everything]:
    """Read a whole source: (reader, path, settings) -> rows, rejects, units; checks the accounting of each batch."""
    return drain


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file below the test's folder."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def pack(members: Sequence[tuple[str, bytes]] | Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    """A tar archive of regular files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items() if isinstance(members, Mapping) else members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def packed() -> Callable[..., bytes]:
    """Members -> bytes of a tar archive."""
    return pack


def topic(number: int, answers: Sequence[str], focus: str = "Asthma") -> bytes:
    pairs = "".join(
        f'<QAPair pid="{n}"><Question qid="{number:07d}-{n}" qtype="treatment">What helps ({n}) ?</Question>'
        f"<Answer>{answer}</Answer></QAPair>"
        for n, answer in enumerate(answers, start=1)
    )
    return (f'<?xml version="1.0" encoding="UTF-8"?><Document id="{number:07d}" source="GARD" '
            f'url="https://example.org/{number}"><Focus>{focus}</Focus><FocusAnnotations><UMLS><CUIs><CUI>C0004096</CUI>'
            f"</CUIs><SemanticTypes><SemanticType>T047</SemanticType></SemanticTypes><SemanticGroup>Disorders"
            f"</SemanticGroup></UMLS></FocusAnnotations><QAPairs>{pairs}</QAPairs></Document>").encode()


@pytest.fixture
def medquad_file() -> Callable[..., bytes]:
    """(number, answers) -> a file in MedQuAD's layout."""
    return topic


@pytest.fixture
def shared_data() -> Path:
    """Folder of shared data sets; tests that need it are skipped where it is absent."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    folder = Path(os.environ.get("ITD_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("no shared data here: set ITD_SHARED_DATA to its folder")
    return folder
