"""Names of persons in Spanish notes (45 CFR 164.514(b)(2)(i)(A)): labels, titles, and known given names and
surnames."""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.spanish.places import CAPITAL, WORD, is_eponym
from itd_pipeline.text.identifiers.spanish.words import GIVEN_NAMES, NO_NAME, SURNAMES, WORDLIKE_NAMES, fold

_PIECE = rf"(?:M\.?ª\.?|M\.a\.?|{CAPITAL}\.(?:[ -]?{CAPITAL}\.)?|{WORD})"
_PARTICLE = r"(?:de|del|la|las|los|y|i|e|da|do|dos|van|von|der|den|el|al|ben|di)"
_FOLLOWING = re.compile(rf"[ \t]{{1,8}}(?:{_PARTICLE}[ \t]{{1,8}}){{0,2}}{_PIECE}")
_FIRST = re.compile(_PIECE)
_TITLE = (r"(?:[Dd]r|[Dd]ra|DR|DRA|Drs|Dres|Dras|Prof|D|Dña|Da|Sr|Sra|Srta|Lic|Ldo|Lda|Enf|DUE)\s?\.?[ªa]?[.:]\s?|"
          r"(?:Don|Doña|don|doña|Señora?|señora?|[Dd]octora?|Dra?|D[.]?ª|Dª|Dña|Sra?|Sor|Mr|Mrs|Ms)[ \t]{1,8}")
_BY_TITLE = re.compile(rf"(?<![\w.])(?:{_TITLE})[ \t]{{0,8}}(?={CAPITAL})")
_LABEL = re.compile(
    r"(?<!\w)(?:m[eé]dic[oa](?: responsable| peticionario| adjunt[oa]| de familia| tratante)?|remitid[oa] por|"
    r"emitido por|"
    r"responsable(?: cl[ií]nic[oa]| m[eé]dic[oa])?|rs?ponsable (?:cl[ií]nico|m[eé]dico)|firmado(?: por)?|fdo\.?|"
    r"paciente|"
    r"enfermer[oa]|cirujan[oa]|anestesi(?:sta|[oó]log[oa])|ayudante|facultativo|informado por|solicitado por|"
    r"realizado por|"
    r"revisado por|elaborado por|padre|madre|hij[oa]|espos[oa]|marido|familiar(?: de contacto)?|cuidador[a]?|"
    r"persona de contacto|tutor[a]?|atendid[oa] por|autor|titular|nombre y apellidos|apellidos y nombre|"
    r"nombre completo|nombre del paciente)[ \t]{0,8}:[ \t,]{0,8}", re.I)
_CALLED = re.compile(r"(?<!\w)(?:se llama|llamad[oa]|de nombre|atendid[oa] por|vist[oa] por|remitid[oa] por|"
                     r"(?:su|la|el) (?:hij[oa]|espos[oa]|marido|mujer|herman[oa]|madre|padre|abuel[oa]|niet[oa]|"
                     r"sobrin[oa]|"
                     r"cuidador[a]?|vecin[oa]|parej[a]|prim[oa]),?)[ \t]{1,8}(?:(?:el|la) )?(?=[A-ZÁÉÍÓÚÑ][a-záéíóúñ])")
_LINE_LABEL = re.compile(
    r"(?<!\w)(?:nombre|apellidos?|primer apellido|segundo apellido|nombre y apellidos|"
    r"apellidos y nombre)[ \t]{0,8}:[ \t]{0,8}"
    r"(?P<it>[^\n:.\d@]{2,60})", re.I)
_SIGNED = re.compile(rf"(?m)^[ \t]{{0,200}}"
                     rf"(?P<it>{WORD}(?:[ \t]{{1,8}}(?:{_PARTICLE}[ \t]{{1,8}}){{0,2}}{_PIECE}){{1,4}})[ \t,.]+"
                     r"(?=N\.?[ºo°]\.?\s?(?:de )?Col|Coleg)")
_SURNAME_FIRST = re.compile(rf"(?<!\w)({WORD})[ \t]{{1,8}}({WORD}),[ \t]{{1,8}}({WORD})(?![\w])")
_BARE = re.compile(rf"(?<![\w@.-]){WORD}")
_COLLEGE = re.compile(r"[ºo°.]{1,2} ?(?:de )?Col")
_INITIALS = re.compile(r"(?<!\w)(?:paciente|iniciales)[ \t]{0,8}:?[ \t]{1,8}(?P<it>(?:[A-ZÑ]\.[ ]?){2,4})(?!\w)")


_PARTICLES = frozenset({"de", "del", "la", "las", "los", "el", "y", "al"})


def _stops(piece: str) -> bool:
    return fold(piece) in NO_NAME


class NameRecogniser:
    """Finds persons. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        found = []
        for match in _LINE_LABEL.finditer(text):
            surface = match["it"].rstrip()
            end = self._cut(surface)
            if end:
                found.append(Finding(match.start("it"), match.start("it") + end, "name", "es_name_line"))
        for pattern, rule in ((_LABEL, "es_name_label"), (_BY_TITLE, "es_name_title"), (_CALLED, "es_name_called")):
            for match in pattern.finditer(text):
                start = match.end()
                if rule == "es_name_label" and (title := _BY_TITLE.match(text, start)):
                    start = title.end()
                end = self._end(text, start)
                first = fold(text[start:end].split()[0]) if end > start else ""
                alone = len(text[start:end].split()) < 2 and first not in GIVEN_NAMES and first not in SURNAMES
                relative = match.group().startswith(("su ", "la ", "el "))
                if alone and rule != "es_name_title" and not relative and text[start - 1] != ".":
                    continue
                if end > start and not (rule == "es_name_title" and is_eponym(text, match.start())):
                    found.append(Finding(start, end, "name", rule))
        found += [Finding(*match.span("it"), "name", "es_name_signed") for match in _SIGNED.finditer(text)]
        found += [Finding(*match.span("it"), "name", "es_initials") for match in _INITIALS.finditer(text)]
        for match in _SURNAME_FIRST.finditer(text):
            if fold(match[1]) in SURNAMES and fold(match[3]) in GIVEN_NAMES:
                found.append(Finding(*match.span(), "name", "es_surname_first"))
        return found + self._bare(text)

    def _bare(self, text: str) -> list[Finding]:
        """A known given name with what follows it, where a known surname or two further names do."""
        found = []
        position = 0
        for match in _BARE.finditer(text):
            start = match.start()
            if start < position:
                continue
            first = fold(match.group().split("-")[0])
            if first not in GIVEN_NAMES:
                continue
            end = self._end(text, start)
            pieces = [fold(piece) for piece in text[start:end].split()]
            later = [piece for piece in pieces[1:] if piece in SURNAMES]
            strong = first not in WORDLIKE_NAMES
            if (later or (strong and len(pieces) > 2 and pieces[1] in GIVEN_NAMES)) and not is_eponym(text, start):
                found.append(Finding(start, end, "name", "es_name_bare"))
            position = max(position, match.end())
            if later:
                position = end
        return found

    @staticmethod
    def _end(text: str, start: int) -> int:
        """Where the name that begins here ends; `start` where none does."""
        match = _FIRST.match(text, start)
        if match is None or _stops(match.group()):
            return start
        end = match.end()
        for _ in range(6):
            following = _FOLLOWING.match(text, end)
            if following is None or _stops(following.group().split()[-1]) or (
                    following.group().split()[-1] == "N" and _COLLEGE.match(text, following.end())):
                break
            end = following.end()
        if text[end - 1] == "N" and _COLLEGE.match(text, end):
            end -= 1
        if text[end - 1] == "." and end - start > 4 and text[end - 3 : end - 2].isalpha():
            end -= 1
        return end

    @staticmethod
    def _cut(surface: str) -> int:
        """Length of the name in what follows a label on its line."""
        length = 0
        for match in re.finditer(r"\S+", surface):
            if length and _stops(match.group()) and match.group() not in _PARTICLES:
                break
            length = match.end()
        return length
