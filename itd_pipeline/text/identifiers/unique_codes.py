"""What else points at one person or thing: vehicles, devices, biometrics, photographs, accounts on the web, codes.

45 CFR 164.514(b)(2)(i)(B), (D) to (G), (I), (L) to (R). Each has a shape of its own, a check digit, or its label. Bare
numbers with a label before them are found by `numbers`.
"""

from __future__ import annotations

import ipaddress
import re

from itd_pipeline.text.identifiers.finding import Rule, gated
from itd_pipeline.text.identifiers.gates import has, shaped, shows

_VIN_VALUES = {**{str(digit): digit for digit in range(10)},
               **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7,
                                                      8, 9],
                          strict=True))}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CODE = r"(?=[\w-]*\d)(?!(?:19|20)\d\d\b)[A-Za-z0-9][\w-]{3,30}"
_MBI_LETTER, _MBI_ANY = "[AC-HJKMNP-RT-Y]", "[AC-HJKMNP-RT-Y0-9]"
_TOP_LEVEL = r"(?:com|org|net|edu|gov|info|biz|health|clinic|app|io|me|(?:co|org|ac|nhs|gov)\.uk|com\.au|co\.nz)"


def _vin(match: re.Match[str]) -> bool:
    """49 CFR 565.15: the ninth sign is the weighted sum of the others, modulo 11. European ones need no such sign: they
    are found by their label."""
    text = match.group()
    rest = sum(_VIN_VALUES[sign] * weight for sign, weight in zip(text, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))


def _address_of_six(match: re.Match[str]) -> bool:
    try:
        return ipaddress.IPv6Address(match.group()) is not None
    except ValueError:
        return False


UNIQUE_CODES = gated((
    Rule("vin", "vehicle", re.compile(r"(?<![\w-])[A-HJ-NPR-Z0-9]{17}(?![\w-])"), _vin),
    Rule("vin_label", "vehicle", re.compile(r"(?i:\bVIN|vehicle identification (?:number|"
                                            r"no\.?))\W{0,4}(?P<it>[A-HJ-NPR-Z0-9]{11,17})"
                                            r"(?!\w)")),
    Rule("plate_label", "vehicle", re.compile(
        r"(?i:\b(?:licen[cs]e|number|registration) plates?|\btag (?:no\.?|number))\W{0,4}(?:is )?"
        r"(?P<it>(?=[A-Z0-9 -]*\d)[A-Z0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){1,3})(?!\w)")),
    Rule("mac", "ip", re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])")),
    Rule("ip_six_short", "ip", re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){0,6}(?::[0-9A-Fa-f]{1,4}){1,7}(?![\w:])"),
         _address_of_six),
    Rule("ip_label", "ip", re.compile(r"(?i:\bIP(?: "
                                      r"address(?:es)?)?\b)[^\n\d]{0,14}(?P<it>\d{1,3}(?:\.\d{1,3}){3})(?![\w.]?\d)")),
    Rule("ip_named_after", "ip", re.compile(r"(?<![\w.])(?P<it>\d{1,3}(?:\.\d{1,3}){3})(?= (?i:ip|address|host|"
                                            r"server)\b)")),
    Rule("uuid", "id", re.compile(r"(?<![\w-])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![\w-])")),
    Rule("udi", "device", re.compile(r"\(01\)\s?\d{14}(?:\s?\(\d{2,3}\)\s?[\w/+.-]{1,20})*")),
    Rule("udi_label", "device", re.compile(r"\bUDI(?:-?DI)?\b[:#\s]{1,4}(?P<it>(?=\S*\d)[\w()+./*$-]{8,80})")),
    Rule("biometric", "biometric", re.compile(
        rf"(?i:\b(?:(?:finger|thumb|palm|voice|foot)[ -]?prints?|(?:retina|retinal|iris|facial|face|vein|palm|hand|"
        rf"ear)[ -]"
        rf"(?:scan|recognition|geometry|image|template|pattern|print)|biometrics?|DNA (?:profile|fingerprint)|"
        rf"genetic profile)"
        rf"(?: (?:scan|template|record|id|identifier|code|profile|hash|no\.?|number|image|file|token|reference))*)"
        rf"\s*(?:is|:|#|=|was)?\s*#?(?P<it>{_CODE})")),
    Rule("picture_file", "photo", re.compile(
        r"(?<![\w/.-])[\w()-]{2,80}\.(?:jpe?g|png|heic|heif|tiff?|bmp|gif|webp|dcm|mp4|mov|avi)(?!\w)", re.I)),
    Rule("picture_label", "photo", re.compile(
        rf"(?i:\b(?:photo(?:graph)?|image|picture|video|selfie|headshot)s? (?:id|no\.?|number|ref(?:erence)?|file|"
        rf"#)\b)\W{{0,3}}#?"
        rf"(?P<it>{_CODE})")),
    Rule("user_name", "id", re.compile(
        rf"(?i:\b(?:user ?name|user id|login(?: name| id)?|screen name|handle|skype(?: name)?|passcode|password|pin "
        rf"code)\b)"
        rf"(?:\s*[:=]\s*|\s+is\s+|\s+(?=\w*\d))(?P<it>{_CODE}|(?<=[:=] )[\w.-]{{3,30}}|(?<=[:=])[\w.-]{{3,30}})")),
    Rule("email_in_words", "email", re.compile(
        r"(?<![\w.+-])[A-Za-z0-9][\w.+%-]*\s?(?:\(at\)|\[at\]|\{at\}|<at>|\s@\s?|(?<=\w)@\s)\s?[A-Za-z0-9-]+"
        r"(?:\s?(?:\(dot\)|\[dot\]|\{dot\}|\.)\s?[A-Za-z0-9-]{2,})+")),
    Rule("bare_domain", "url", re.compile(
        rf"(?<![\w@./-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+{_TOP_LEVEL}(?:/[^\s<>()\[\]\"',;]*[^\s<>()\[\]\"'.,;:])?"
        r"(?![\w@-])", re.I)),
    Rule("phone_trunk", "phone", re.compile(
        r"(?<![\w.,/+-])00[1-9]\d{0,2}(?:[ .-]\(?\d{1,8}\)?){1,5}(?![\w-])")),
    Rule("ssn_masked", "ssn", re.compile(r"(?<![\w-])[Xx*#]{3}-[Xx*#]{2}-(?P<it>\d{4})(?![\w-])")),
    Rule("ssn_last_digits", "ssn", re.compile(
        r"(?i:\blast (?:four|4)(?: digits?)?(?: of)?(?: (?:the|his|her|their|my))? (?:ssn|social(?: security)?(?: "
        r"number)?))"
        r"\D{0,12}(?P<it>\d{4})(?!\d)")),
    Rule("medicare_beneficiary", "plan", re.compile(
        rf"(?<![\w-])[1-9]{_MBI_LETTER}{_MBI_ANY}\d-?{_MBI_LETTER}{_MBI_ANY}\d-?{_MBI_LETTER}{{2}}\d\d(?![\w-])")),
    Rule("medicare_claim", "plan", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}-?[A-Z]\d?(?![\w-])")),
    Rule("prescription_plan", "plan", re.compile(r"(?i:\b(?:rx ?(?:bin|pcn|grp|group)|bin|pcn|mbi|"
                                                 r"hicn)\b)\W{1,3}(?P<it>(?=[\w-]*\d)"
                                                 r"[A-Z0-9][A-Z0-9-]{4,14})(?!\w)")),
    Rule("case_code", "id", re.compile(
        r"(?i:\b(?:participants?|subjects?|case|requisition|slides?|samples?|specimens?|accession|volunteer|enrollee|kit|donor|"
        r"proband|block|batch|prior auth(?:orization)?|authorization|ticket)\b)(?:\s*(?:no\b\.?|number|id|code|"
        r"#))?\s*[:#]?\s*"
        r"(?P<it>[A-Z]{0,5}-?\d[\dA-Z]*(?:-[\dA-Z]+)+|[A-Z]{1,5}-\d{2,}[\w-]*|[A-Z]{1,5}\d{4,}|\d{5,})(?![\w.]*\w)")),
    Rule("coordinates", "address", re.compile(
        r"(?<![\d.])(?P<it>[-+]?\d{1,3}\.\d{3,}°?\s?[NSns]?\b°?,?\s*(?:(?i:long?(?:itude)?|lng)\W{0,3})?[-+]?\d{1,3}\.\d{3,}°?"
        r"(?:\s?[EWew]\b)?)")),
    Rule("county", "address", re.compile(
        r"(?<![\w-])(?P<it>(?!The |This |Our |Any |Each |Every |A |In |From )[A-Z][\w'\u2019-]{2,}(?: "
        r"[A-Z][\w'\u2019-]+)? "
        r"(?:County|Parish|Township|Borough))(?! (?:Hospital|Medical|Health|Clinic|General|Jail))(?!\w)")),
    Rule("lives_in_postcode", "address", re.compile(
        r"(?i:\b(?:liv(?:es|ed|ing)|resid(?:es|ed|ing)|based|located|resident|from|area|home)\b)(?: (?:in|of|at|"
        r"to))?(?: (?:the )?"
        r"(?:zip(?: ?code)?|area))? (?P<it>\d{5}(?:-\d{4})?)(?![\w.,%-]*\w)")),
    Rule("unit_before_street", "address", re.compile(r"(?<!\w)(?:Flat|Apartment|Apt\.?|Unit|Suite) "
                                                     r"\w{1,4},(?=\s\d{1,5}[A-Za-z]? [A-Z])")),
), {
    "vin": shaped(r"[A-Z0-9]{12}"),
    "vin_label": has("vin", "vehicle identification"),
    "plate_label": has("plate", "tag n"),
    "mac": shaped(r"[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]"),
    "ip_six_short": has("::"),
    "ip_label": has("ip"),
    "ip_named_after": shaped(r"\d\.\d{1,3}\.\d"),
    "uuid": shaped(r"-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-"),
    "udi": has("(01)"),
    "udi_label": has("udi"),
    "biometric": has("print", "scan", "recognition", "geometry", "template", "biometric", "profile"),
    "picture_file": has(".jp", ".png", ".hei", ".tif", ".bmp", ".gif", ".webp", ".dcm", ".mp4", ".mov", ".avi"),
    "picture_label": has("photo", "image", "picture", "video", "selfie", "headshot"),
    "user_name": has("user", "login", "screen name", "handle", "skype", "passcode", "password", "pin code"),
    "email_in_words": has("(at)", "[at]", "{at}", "<at>", "@ "),
    "bare_domain": has(".com", ".org", ".net", ".edu", ".gov", ".info", ".biz", ".health", ".clinic", ".app", ".io",
                       ".me", ".co.", ".ac.",
                       ".nhs."),
    "phone_trunk": shaped(r"00[1-9]"),
    "ssn_masked": shows(r"[Xx*#]-\d{4}"),
    "ssn_last_digits": has("last four", "last 4"),
    "medicare_beneficiary": shaped(r"[A-Z]{2}\d\d"),
    "medicare_claim": shaped(r"\d{3}-\d\d-\d{4}-?[A-Z]"),
    "prescription_plan": has("bin", "pcn", "mbi", "hicn", "rx"),
    "case_code": has("participant", "subject", "case", "requisition", "slide", "sample", "specimen", "accession",
                     "volunteer",
                     "enrollee", "kit", "donor", "proband", "block", "batch", "auth", "ticket"),
    "coordinates": shaped(r"\d\.\d{3}"),
    "county": has("county", "parish", "township", "borough"),
    "lives_in_postcode": shaped(r"\d{5}"),
    "unit_before_street": has("flat", "apartment", "apt", "unit", "suite"),
})
