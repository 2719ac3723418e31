"""Numbers and contacts of Spanish notes (45 CFR 164.514(b)(2)(i)(D) to (O)). E-mail, web and network addresses are the
English ones: they look the same everywhere."""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.contacts import CONTACTS, LOOSE_CONTACTS
from itd_pipeline.text.identifiers.finding import Rule, gated
from itd_pipeline.text.identifiers.gates import has, shaped

_NO = r"(?:\s{0,3}(?:n[.ºo°]{1,2}|nro\.?|núm\.?|número))?"
_MARK = r"\s{0,3}(?:[:#=]|\bes\b)?\s{0,3}(?:de\s)?"
_VALUE = r"(?P<it>(?:[A-Za-z]{1,4}[-. /]?)?\d[\w./-]{0,24}(?:[ -]\d[\w/-]{0,14}){0,3})"
_NUMBER = r"(?P<it>(?:\(?\+|00)?\(?\d[\d ().+/-]{5,22}\d(?:,?\s{0,2}ext(?:ensión)?\.?\s{0,2}\d{1,6})?)"


def _labelled(name: str, kind: str, label: str) -> Rule:
    return Rule(name, kind, re.compile(rf"(?<!\w)(?:{label})(?![A-Za-zÁ-ú]){_NO}{_MARK}{_VALUE}", re.I))


def _enough(match: re.Match[str]) -> bool:
    number: str = match["it"]
    return sum(character.isdigit() for character in number) >= 3


def _telephone(match: re.Match[str]) -> bool:
    number: str = match["it"]
    return 6 <= sum(character.isdigit() for character in number) <= 23


_SHARED = tuple(rule for rule in CONTACTS + LOOSE_CONTACTS if rule.name in {"email", "url", "ip", "ip_six"})

CONTACT_RULES = (*_SHARED, *gated((
    Rule("es_email_accented", "email", re.compile(r"(?<![\w.+-])\w[\w.+%-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    Rule("es_email_label", "email", re.compile(
        r"\b(?:e-?mail|correo(?: electrónico)?)\s{0,3}:\s{0,3}(?P<it>[\w.+-]{1,64}\s?@\s?[\w.-]{1,120}\w)", re.I)),
    Rule("es_fax", "fax", re.compile(rf"\bfax\b\.?{_NO}\s{{0,3}}[:.]?\s{{0,3}}{_NUMBER}", re.I), _telephone),
    Rule("es_phone_label", "phone", re.compile(
        rf"\b(?:tel[eé]fonos?|teléf|telf|tel|tfnos?|tfno|tfn|tlfno|tlf|tfo|móvil|movil|contacto|llamar al|"
        rf"busca)\b\.?{_NO}"
        rf"(?:\s{{0,3}}(?:de contacto|móvil|fijo|y fax|/\s?fax))?\s{{0,3}}[:.]?\s{{0,3}}{_NUMBER}", re.I), _telephone),
    Rule("es_phone_international", "phone", re.compile(
        r"(?<![\w.+])(?P<it>\(?(?:\+|00)\s?\d{1,3}\)?[ .-]?\(?\d[\d ().-]{5,18}\d)"), _telephone),
    Rule("es_phone_nine", "phone", re.compile(
        r"(?<![\w.,/+-])(?P<it>[6789]\d{2}[ .-]\d{3}[ .-]\d{3}|[6789]\d{2}(?:[ .-]\d{2}){3}|"
        r"9\d[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}"
        r"|[6789]\d{8})(?![\w-]|[.,]\d)")),
    Rule("es_extension", "phone", re.compile(r"\b(?:ext|extensión|extension|"
                                             r"busca)\b\.?\s{0,3}:?\s{0,3}(?P<it>\d{3,6})\b", re.I)),
), {
    "es_email_accented": has("@"),
    "es_email_label": has("@"),
    "es_fax": has("fax"),
    "es_phone_international": shaped(r"\d"),
}))

NUMBER_RULES = (
    *(Rule(rule.name, rule.identifier_class, rule.pattern, _enough) for rule in (
        _labelled("es_record", "mrn", r"n\.?[ºo°]?\.?\s?h\.?\s?c\.?|hcn?|nhc|n\.?h\.?c\.?|n[uú]mero de historia(?: "
                  r"cl[ií]nica)?|(?:n[ºo°.]{1,2} ?(?:de )?)?historia(?: cl[ií]nica)?\s?(?:n[.ºo°]{1,2}|n[uú]mero|:)|"
                  r"(?:n[ºo°.]{1,2} ?(?:de )?)historia(?: cl[ií]nica)?"),
        _labelled("es_social_security", "ssn", r"nass|n\.?s\.?s\.?|n\.?u\.?s\.?s\.?|n[.ºo°]{0,2} ?(?:de )?(?:la )?"
                  r"(?:seguridad social|afiliación|s\.?s\.)|seguridad social|número de (?:la )?(?:seguridad social|"
                  r"afiliación)"),
        _labelled("es_health_card", "plan", r"cipa?|c\.i\.p\.?|sip|tis|cips|nuhsa|an-?hc|tarjeta sanitaria|"
                  r"(?:póliza|mutua|asegurado)"),
        _labelled("es_episode", "id", r"episodio|n[.ºo°]{1,2} ?(?:de )?(?:episodio|ingreso|informe|petición|biopsia|"
                  r"muestra|contacto|paciente)|icu|número de (?:episodio|ingreso|petición)|identificador|id\b"),
        _labelled("es_document", "id", r"d\.?n\.?i\.?|n\.?i\.?e\.?|n\.?i\.?f\.?|pasaporte|c[eé]dula|curp|rut|"
                  r"documento(?: nacional)?(?: de identidad)?"),
        _labelled("es_licence", "licence", r"n\.?[ºo°]?\.?\s?(?:de )?col(?:egiad[oa])?\.?|colegiad[oa]|"
                  r"n[uú]mero de colegiad[oa]|cpm|m\.?p\.?n\.?"),
        _labelled("es_account", "account", r"iban|cuenta(?: bancaria| corriente)?|factura|tarjeta de crédito"),
        _labelled("es_vehicle", "vehicle", r"matr[ií]cula"),
        _labelled("es_device", "device", r"n[.ºo°]{1,2} ?(?:de )?(?:serie|lote)|número de (?:serie|lote)|s/n:|sn"),
    )),
    Rule("es_licence_joined", "licence", re.compile(r"N[ºo°.]{1,2} ?Col[.:]{0,2} ?(?P<it>\d[\d /-]{2,16}\d)")),
    Rule("es_plate", "vehicle", re.compile(r"(?<![\w-])\d{4}[ -]?[BCDFGHJ-NPR-TV-Z]{3}(?![\w-])")),
    Rule("es_identity_card", "id", re.compile(r"(?<![\w.,/-])(?:[XYZ][- ]?\d{7}|\d{8}|"
                                              r"\d{2}\.\d{3}\.\d{3})[- ]?[A-HJ-NP-TV-Z]"
                                              r"(?![\w-])")),
    Rule("es_iban", "account", re.compile(r"(?<!\w)ES\d{2}(?:[ -]?\d{4}){5}(?!\w)")),
    Rule("es_nhc_bare", "id", re.compile(r"(?<!\w)nhc-?\s?(?P<it>\d{3,12})", re.I)),
)
