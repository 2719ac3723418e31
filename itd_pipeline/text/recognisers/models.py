"""Thin adapters of models that lie in a local folder: GLiNER, and token classification of `transformers`.

Nothing is downloaded: the folder is given in the profile, and the libraries are told to stay offline. They are no
dependencies of this package; whoever wants a model installs the library beside it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.text.recognisers.seam import CLASSES, Span

_PIECE_CHARACTERS = 1200  # models read some hundred words at a time
_WHOLE_FILE, _ENDS = 1 << 22, 1 << 20
_GLINER_LABELS = {
    "person name": "name", "date": "date", "location": "address", "street address": "address", "hospital": "hospital",
    "phone number": "phone", "email": "email", "medical record number": "mrn", "social security number": "ssn",
    "account number": "account", "health plan number": "plan", "license number": "licence", "url": "url",
    "ip address": "ip",
    "device serial number": "device", "vehicle identifier": "vehicle", "identification number": "id",
}
_TOKEN_LABELS = {
    "PER": "name", "PERSON": "name", "PATIENT": "name", "STAFF": "name", "DOCTOR": "name", "NAME": "name",
    "HCW": "name",
    "LOC": "address", "LOCATION": "address", "HOSP": "hospital", "HOSPITAL": "hospital", "PATORG": "hospital",
    "VENDOR": "hospital",
    "DATE": "date", "AGE": "age", "PHONE": "phone", "FAX": "fax", "EMAIL": "email", "ID": "id", "MEDICALRECORD": "mrn",
    "URL": "url", "WEB": "url", "SSN": "ssn", "DEVICE": "device", "USERNAME": "id", "ZIP": "address",
    "STREET": "address",
    "CITY": "address",
}


class _FolderModel:
    """What both adapters share: the folder, its version, texts cut into pieces."""

    languages: Sequence[str]

    def __init__(self, path: str | Path, labels: Mapping[str, str], languages: Sequence[str]) -> None:
        self._path = Path(path)
        if not self._path.is_dir():
            raise ConfigError(f"{self._path}: there is no such folder with a model.", "Give the folder that the "
                "model lies in; nothing "
                              "is downloaded.")
        unknown = sorted(set(labels.values()) - CLASSES)
        if unknown:
            raise ConfigError(f"deidentification.recognisers: {', '.join(unknown)} is no class of identifiers.",
                              f"Classes: {', '.join(sorted(CLASSES))}.")
        self._labels = dict(labels)
        self.languages = tuple(languages)
        self.version = _digest_of(self._path, repr(sorted(self._labels.items())))

    def find(self, texts: Sequence[str], language: str) -> Sequence[Sequence[Span]]:
        """Spans in each text, from its pieces."""
        del language  # one model reads all of its languages
        pieces = [(number, start, piece) for number, text in enumerate(texts) for start, piece in _pieces(text)]
        found: list[list[Span]] = [[] for _ in texts]
        answers = self._predict([piece for _, _, piece in pieces]) if pieces else []
        for (number, offset, piece), spans in zip(pieces, answers, strict=True):
            for start, end, label in spans:
                kind = self._labels.get(label)
                while start < end and piece[start].isspace():
                    start += 1
                if kind is not None and start < end:
                    found[number].append((offset + start, offset + end, kind))
        return found

    def _predict(self, pieces: Sequence[str]) -> Sequence[Sequence[Span]]:
        raise NotImplementedError


class GlinerRecogniser(_FolderModel):
    """A GLiNER model: finds whatever the labels say in words.

    Args:
        path: folder of the model.
        labels: what to ask for -> class of identifiers.
        threshold: least score.
        languages: ISO 639-1 codes that it reads; empty: every one.
    """

    def __init__(self, path: str | Path, labels: Mapping[str, str] | None = None, threshold: float = 0.5,
                 languages: Sequence[str] = ()) -> None:
        super().__init__(path, labels or _GLINER_LABELS, languages)
        self._threshold = threshold
        self.version += f", threshold {threshold}"
        self._model: Any = None

    def _predict(self, pieces: Sequence[str]) -> Sequence[Sequence[Span]]:
        if self._model is None:
            os.environ["HF_HUB_OFFLINE"] = "1"
            gliner = _library("gliner", "gliner")
            self._model = gliner.GLiNER.from_pretrained(str(self._path), local_files_only=True)
        answers = self._model.batch_predict_entities(list(pieces), list(self._labels), threshold=self._threshold)
        return [[(entity["start"], entity["end"], entity["label"]) for entity in entities] for entities in answers]


class TransformersRecogniser(_FolderModel):
    """A token-classification model of `transformers`.

    Args:
        path: folder of model and tokeniser.
        labels: label of the model, without B- and I- -> class of identifiers.
        threshold: least score.
        languages: ISO 639-1 codes that it reads; empty: every one.
    """

    def __init__(self, path: str | Path, labels: Mapping[str, str] | None = None, threshold: float = 0.5,
                 languages: Sequence[str] = ()) -> None:
        super().__init__(path, labels or _TOKEN_LABELS, languages)
        self._threshold = threshold
        self.version += f", threshold {threshold}"
        self._pipeline: Any = None

    def _predict(self, pieces: Sequence[str]) -> Sequence[Sequence[Span]]:
        if self._pipeline is None:
            os.environ["HF_HUB_OFFLINE"] = "1"
            transformers = _library("transformers", "transformers torch")
            self._pipeline = transformers.pipeline(
                "token-classification", model=str(self._path), tokenizer=str(self._path), aggregation_strategy="simple")
        return [[(entity["start"], entity["end"], entity["entity_group"]) for entity in entities
                 if entity["score"] >= self._threshold] for entities in self._pipeline(list(pieces))]


def _library(name: str, install: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(f"deidentification.recognisers: the library {name} is not installed.",
                          f"Install it: pip install {install}") from error


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(offset, piece), cut at the end of a line or sentence, at worst at a blank."""
    start = 0
    while start < len(text):
        end = min(len(text), start + _PIECE_CHARACTERS)
        if end < len(text):
            end = next((at + len(mark) for mark in ("\n", ". ", " ") if (at := text.rfind(mark, start + 1,
                                                                                          end)) > start), end)
        if text[start:end].strip():
            yield start, text[start:end]
        start = end


def _digest_of(folder: Path, rest: str) -> str:
    """What tells one model from another: every file by name and size, small ones whole, large ones by their ends."""
    digest = hashlib.sha256(rest.encode())
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(folder).as_posix()}\0{size}\0".encode())
        with file.open("rb") as stream:
            if size <= _WHOLE_FILE:
                digest.update(stream.read())
            else:
                digest.update(stream.read(_ENDS))
                stream.seek(-_ENDS, os.SEEK_END)
                digest.update(stream.read(_ENDS))
    return digest.hexdigest()[:32]
