"""Vectors of texts: the model that a profile names, and the store in front of it.

Belongs here: which embedder a name stands for, and that no text is embedded twice. Does not belong here: what vectors
are compared for.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from itd_pipeline.errors import ConfigError, StorageError
from itd_pipeline.llm.locality import hosts_of
from itd_pipeline.llm.minilm import CARRIED_EMBEDDER, MiniLM
from itd_pipeline.ports import Embedder
from itd_pipeline.settings import Model

F32 = npt.NDArray[np.float32]
_TOGETHER = 256


def open_embedder(name: str, store_path: Path) -> Embedder:
    """The embedder of a profile behind its store.

    Args:
        name: `local/all-minilm-l6-v2`, or an embedding model as litellm names it.
        store_path: SQLite file that keeps the vectors.

    Raises:
        ConfigError: a `local/` name that does not exist.
    """
    if name.startswith("local/") and name != CARRIED_EMBEDDER:
        raise ConfigError(f"There is no embedding model {name!r}.", f"The one with local/ is {CARRIED_EMBEDDER}.")
    return StoredEmbedder(MiniLM() if name == CARRIED_EMBEDDER else LitellmEmbedder(name), store_path)


class LitellmEmbedder:
    """Any embedding model that litellm reaches. Follows `ports.Embedder`."""

    local = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.hosts = hosts_of(Model(name=name))

    def embed(self, texts: Sequence[str]) -> F32:
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        import litellm

        answer = litellm.embedding(model=self.name, input=list(texts))
        rows = sorted(answer.data, key=lambda entry: entry["index"])
        return _unit(np.array([entry["embedding"] for entry in rows], np.float32))


class StoredEmbedder:
    """Vectors by model and hash of the text; texts are not kept. Follows `ports.Embedder`."""

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder, self._path = embedder, path
        self.name, self.local, self.hosts = embedder.name, embedder.local, embedder.hosts

    def embed(self, texts: Sequence[str]) -> F32:
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with sqlite3.connect(self._path) as store:
                store.execute("CREATE TABLE IF NOT EXISTS vectors (model TEXT, text BLOB, vector BLOB, "
                              "PRIMARY KEY (model, text))")
                held = {key: self._held(store, key) for key in dict.fromkeys(keys)}
                missing = {key: text for key, text in zip(keys, texts, strict=True) if held[key] is None}
                new = list(missing)
                for start in range(0, len(new), _TOGETHER):
                    part = new[start:start + _TOGETHER]
                    vectors = self._embedder.embed([missing[key] for key in part])
                    for key, vector in zip(part, vectors, strict=True):
                        held[key] = vector
                        store.execute("INSERT INTO vectors VALUES (?, ?, ?)",
                                      (self.name, key, vector.astype("<f4").tobytes()))
                    store.commit()
        except sqlite3.DatabaseError as error:
            raise StorageError(f"{self._path} cannot be used ({type(error).__name__}).",
                               "Delete the file: the vectors are computed again.") from error
        return np.array([held[key] for key in keys], np.float32)

    def _held(self, store: sqlite3.Connection, key: bytes) -> F32 | None:
        row = store.execute("SELECT vector FROM vectors WHERE model = ? AND text = ?", (self.name, key)).fetchone()
        return None if row is None else np.frombuffer(row[0], "<f4")


def _unit(vectors: F32) -> F32:
    result: F32 = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result
