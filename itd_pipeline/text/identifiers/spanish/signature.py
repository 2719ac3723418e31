"""The block at the end of a Spanish report: who wrote it, in which hospital, street and town.

In it everything that is written with a capital or a digit identifies, except departments, posts and countries.
"""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.spanish.words import DEPARTMENT, DEPARTMENT_ENDINGS, fold

_OPENS = re.compile(
    r"(?im)^[ \t]*(?:remitido por|emitido por|enviado por|re?sponsable\.?(?: cl[ií]nic[oa]| m[eé]dic[oa])?|"
    r"m[eé]dico responsable|(?:direcci[oó]n para )?correspondencia|firmado(?: por)?|fdo\.?)[ \t]*:[ \t]*")
_BLOCK_ENDS = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*[^\W\d_][^\n:]{1,40}:)")
_LONGEST = 700
_PIECE = re.compile(r"[^\s,;:()\"\u201c\u201d\u00ab\u00bb]+")
_LINKS = frozenset({"de", "del", "la", "las", "los", "el", "y", "e", "i", "da", "do", "dos", "en", "a", "no", "les",
    "d",
                    "der", "van", "von"})
_ADDRESS_WORDS = frozenset({"calle", "c/", "s/n", "esc", "piso", "puerta", "bajo", "dcha", "izq", "izqda", "izda",
    "numero",
                            "nº", "num", "avenida", "avda", "av", "plaza", "paseo", "carretera", "ctra", "km", "portal",
                            "der", "apartado", "carrer", "passeig", "bis", "pso", "cp", "c.p"})
_HOSPITALS = frozenset({"hospital", "complejo", "clinica", "centro", "fundacion", "consorcio", "sanatorio",
    "policlinica",
                        "instituto", "ambulatorio", "hospitales", "corporacion", "h"})
_STREETS = frozenset({"calle", "c/", "avenida", "avda", "av", "plaza", "pza", "paseo", "pso", "carretera", "ctra",
    "carrer",
                      "passeig", "ronda", "camino", "travesia", "glorieta"})


def _generic(piece: str) -> bool:
    folded = fold(piece.strip(".-/"))
    return folded in DEPARTMENT or folded.endswith(DEPARTMENT_ENDINGS)


class SignatureRecogniser:
    """Finds who, where and what in signature blocks. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        found = []
        for opening in _OPENS.finditer(text):
            limit = min(len(text), opening.end() + _LONGEST)
            ends = _BLOCK_ENDS.search(text, opening.end(), limit)
            found += self._block(text, opening.end(), ends.start() if ends else limit)
        return found

    @staticmethod
    def _block(text: str, start: int, end: int) -> list[Finding]:
        runs: list[tuple[int, int]] = []
        begun = stopped = -1
        for match in _PIECE.finditer(text, start, end):
            piece = match.group()
            folded = fold(piece.strip("-"))
            if "@" in piece or _generic(piece):
                if begun >= 0:
                    runs.append((begun, stopped))
                begun = -1
                continue
            if folded in _LINKS:
                continue
            telling = any(character.isupper() or character.isdigit() for character in piece) or folded in _ADDRESS_WORDS
            if not telling or not any(character.isalnum() for character in piece):
                continue
            separate = begun >= 0 and (folded in _STREETS or folded in _HOSPITALS or (
                len(folded) >= 5 and folded.removeprefix("e-").isdigit()) or "\n" in text[stopped : match.start()])
            if begun >= 0 and (separate or not _near(text, stopped, match.start())):
                runs.append((begun, stopped))
                begun = -1
            if begun < 0:
                begun = match.start()
            stopped = match.end()
        if begun >= 0:
            runs.append((begun, stopped))
        runs = [run for i, run in enumerate(runs) if i == 0 or not _ordinary(text, *run)]
        return [Finding(first, last, _kind(text[first:last], first == runs[0][0]), "es_signature")
                for first, last in ((first, first + len(text[first:last].rstrip(".-"))) for first, last in runs)]


def _ordinary(text: str, start: int, end: int) -> bool:
    """Whether this is a single letter or a word that the text also uses in small letters."""
    word = text[start:end].strip("ºª°.-/")
    return len(word) < 2 or (word.isalpha() and re.search(rf"(?<!\w){word.lower()}(?!\w)", text) is not None)


def _near(text: str, end: int, start: int) -> bool:
    """Whether only punctuation and linking words stand between."""
    return all(fold(word) in _LINKS for word in re.findall(r"\w+", text[end:start]))


def _kind(surface: str, first: bool) -> str:
    if fold(surface.split()[0]) in _HOSPITALS:
        return "hospital"
    return "name" if first and not any(character.isdigit() for character in surface) else "address"
