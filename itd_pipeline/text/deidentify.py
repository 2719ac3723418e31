"""De-identification of patient text: identifiers out, surrogate placeholders of the same kind in.

Belongs here: putting the recognisers' findings together, remembering who belongs to a patient, replacing.
Does not belong here: finding (`identifiers/`) or judging what is left (`scan`).

Rules find a name where its context gives it away: in a header, after a title. The same person then appears bare,
as a surname, a given name or initials, so every name, institution and number found anywhere in a patient's documents
is searched for in all of them. This lowers the risk; it does not prove that a text is anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from itd_pipeline.text.date_shift import shift
from itd_pipeline.text.identifiers.ages import AGES
from itd_pipeline.text.identifiers.bare_names import BareNameRecogniser
from itd_pipeline.text.identifiers.contacts import CONTACTS, LOOSE_CONTACTS
from itd_pipeline.text.identifiers.dates import FULL_DATES, PARTIAL_DATES
from itd_pipeline.text.identifiers.finding import Finding, Recogniser, RuleRecogniser, merge
from itd_pipeline.text.identifiers.foreign_addresses import ForeignAddressRecogniser
from itd_pipeline.text.identifiers.gazetteer import GazetteerRecogniser
from itd_pipeline.text.identifiers.institutions import InstitutionRecogniser
from itd_pipeline.text.identifiers.names import TITLE_AT_START, NameRecogniser
from itd_pipeline.text.identifiers.numbers import LABEL_AT_START, LOOSE_NUMBERS, NUMBERS, LabelledNumberRecogniser
from itd_pipeline.text.identifiers.packs import ENGLISH
from itd_pipeline.text.identifiers.packs import recognisers as recognisers_of
from itd_pipeline.text.identifiers.places import ADDRESSES, PLACES
from itd_pipeline.text.identifiers.presidio import find_in_rest
from itd_pipeline.text.identifiers.unique_codes import UNIQUE_CODES
from itd_pipeline.text.known import KnownIdentifiers
from itd_pipeline.text.recognisers import Plug, find_in, made
from itd_pipeline.text.surrogates import StandIns

RECOGNISERS: tuple[Recogniser, ...] = (
    RuleRecogniser(FULL_DATES + PARTIAL_DATES + AGES, ENGLISH),
    RuleRecogniser(CONTACTS + LOOSE_CONTACTS, ENGLISH),
    RuleRecogniser(NUMBERS + LOOSE_NUMBERS + UNIQUE_CODES, ENGLISH),
    LabelledNumberRecogniser(loose=True),
    RuleRecogniser(ADDRESSES + PLACES, ENGLISH),
    GazetteerRecogniser(),
    InstitutionRecogniser(),
    ForeignAddressRecogniser(),
    NameRecogniser(),
    BareNameRecogniser(),
)
_GROUPS_REMEMBERED = 4096
_CHARACTERS_KEPT = 16_000_000
_MOST_WEEKS = 52
REPLACEMENTS = ("tags", "surrogates")
_BIRTH_BEFORE = re.compile(r"(?i)\b(?:d\.?o\.?b\.?|birth|born|nacid[oa]|nacimiento)\b[^.\n]{0,14}$")
_NUMBERED = frozenset({"name", "hospital"})


@dataclass(frozen=True)
class DeidentifiedText:
    """A text after de-identification.

    Args:
        text: the text with surrogates such as `[NAME-1]`, `[DATE]`, `[MRN]`; ages over 89 are `90+`. With a key, dates
            are moved and marked: `[DATE 12 March 2019]`.
        findings: what was replaced, with offsets into the text before replacement, in order, without overlap.
    """

    text: str
    findings: tuple[Finding, ...]


_NOTHING = DeidentifiedText("", ())


class Deidentifier:
    """De-identifies the documents of many patients, with one memory per patient.

    Args:
        recognisers: what finds identifiers; further ones (a model) are added to the tuple. None: those of `language`.
        groups_remembered: patients whose identifiers are kept in memory; the least recently used goes first.
        language: ISO 639-1 code of texts that are given without one; ValueError where it has no recognisers.
        replacement: `tags` puts `[NAME-1]` in the place of identifiers, `surrogates` another name, town, number of the
            same kind (see `surrogates`).
        key: secret of at least 16 bytes. Each patient's dates are moved by one number of weeks that follows from key
            and patient, the same in every run, so that intervals and weekdays survive. Without a key dates are taken
            out and nothing links two runs.
        further: recognisers of other packages, and models; what they find is added to what our rules find.
    """

    def __init__(
        self, recognisers: Sequence[Recogniser] | None = None, groups_remembered: int = _GROUPS_REMEMBERED,
        language: str = "en", key: bytes | None = None, replacement: str = "tags", further: Sequence[Plug] = (),
    ) -> None:
        if replacement not in REPLACEMENTS:
            raise ValueError(f"{replacement}: no such replacement; there are: {', '.join(REPLACEMENTS)}")
        self._key = key
        self._replacement = replacement
        self._further = tuple(further)
        self._content: dict[str, bytes] = {}
        self._surrogates: dict[str, StandIns] = {}
        self._language = language
        self._given = None if recognisers is None else tuple(recognisers)
        self._recognisers = {language: self._given or recognisers_of(language)}
        self._groups_remembered = groups_remembered
        self._known: OrderedDict[str, KnownIdentifiers] = OrderedDict()
        self._found: dict[tuple[str, str], list[Finding]] = {}
        self._found_characters = 0

    def look_ahead(self, texts: Sequence[str], language: str | None = None) -> None:
        """Let the further recognisers read many texts at once, which is what models do best. Without it each text is
        given to them alone."""
        if self._further:
            language = language or self._language
            new = list(dict.fromkeys(text for text in texts if (language, text) not in self._found))
            for text, findings in zip(new, self._found_by_others(new, language), strict=True):
                self._keep(text, language, merge([*self._by_rules(text, language), *findings]))

    def learn(self, text: str, patient_key: str, language: str | None = None) -> None:
        """Remember the identifiers of `text` for the patient, before any of the patient's texts is replaced."""
        known = self._of(patient_key)
        if self._key is None and self._replacement == "surrogates":
            self._content[patient_key] = hashlib.sha256(
                self._content.get(patient_key, b"") + text.encode("utf-8", "surrogatepass")).digest()
        self._surrogates.pop(patient_key, None)
        for finding in self._find(text, language or self._language):
            if finding.identifier_class == "date":
                known.learn_order_of_dates(text[finding.start : finding.end])
            known.add(finding.identifier_class, text[finding.start : finding.end])

    def remember(self, identifier_class: str, surface: str, patient_key: str) -> None:
        """Remember an identifier that is known from elsewhere, such as the source's own key of the patient."""
        self._surrogates.pop(patient_key, None)
        self._of(patient_key).declare(identifier_class, surface)

    def replace(self, text: str, patient_key: str, language: str | None = None) -> DeidentifiedText:
        """`text` with surrogates for what the recognisers find in it and for what the patient's texts have taught."""
        if not text:
            return _NOTHING
        known = self._of(patient_key)
        language = language or self._language
        remembered = known.find(text)
        if language != "en":
            remembered = [finding for finding in remembered if not _is_small_word(text, finding)]
        found = self._find(text, language)
        findings = merge([*found, *remembered]) if remembered else found  # those of the recognisers are merged already
        if not findings:
            return DeidentifiedText(text, ())
        pieces = []
        position = 0
        stand_ins = self._stand_ins(known, patient_key)
        for finding in findings:
            surface = text[finding.start : finding.end]
            between = text[position : finding.start]
            if stand_ins is None:
                pieces += [between, self._tag(known, finding, surface, patient_key)]
            else:
                born = _BIRTH_BEFORE.search(text, max(0, finding.start - 24), finding.start) is not None
                pieces += [stand_ins.years(between), stand_ins.of(finding, surface, born)]
            position = finding.end
        pieces.append(text[position:] if stand_ins is None else stand_ins.years(text[position:]))
        return DeidentifiedText("".join(pieces), tuple(findings))

    def _find(self, text: str, language: str) -> list[Finding]:
        """Findings of the recognisers; kept for a while, because each text is first learnt and then replaced."""
        found = self._found.get((language, text))
        if found is None:
            found = self._by_rules(text, language)
            if self._further:
                found = merge([*found, *self._found_by_others([text], language)[0]])
            self._keep(text, language, found)
        return found

    def _by_rules(self, text: str, language: str) -> list[Finding]:
        if language not in self._recognisers:
            self._recognisers[language] = self._given or recognisers_of(language)
        found = merge([finding for recogniser in self._recognisers[language] for finding in recogniser.find(text)])
        if self._given is None:
            found = merge([*found, *find_in_rest(text, found, language)])
        return found

    def _found_by_others(self, texts: Sequence[str], language: str) -> list[list[Finding]]:
        together: list[list[Finding]] = [[] for _ in texts]
        for plug in self._further:
            for held, findings in zip(together, find_in(made(plug), plug.name, texts, language), strict=True):
                held += findings
        return together

    def _keep(self, text: str, language: str, found: list[Finding]) -> None:
        if self._found_characters > _CHARACTERS_KEPT:
            self._found.clear()
            self._found_characters = 0
        self._found[language, text] = found
        self._found_characters += len(text)

    def _of(self, patient_key: str) -> KnownIdentifiers:
        known = self._known.pop(patient_key, None) or KnownIdentifiers()
        self._known[patient_key] = known
        if len(self._known) > self._groups_remembered:
            self._known.popitem(last=False)
        return known

    def _stand_ins(self, known: KnownIdentifiers, patient_key: str) -> StandIns | None:
        """What makes the patient's surrogates; None where tags are wanted."""
        if self._replacement == "tags":
            return None
        if self._key is not None:
            secret = hmac.digest(self._key, f"surrogates\0{patient_key}".encode("utf-8", "surrogatepass"), "sha256")
        else:
            secret = hashlib.sha256(b"surrogates\0" + self._content.get(patient_key, b"")).digest()
        held = self._surrogates.get(patient_key)
        if held is None:
            held = self._surrogates[patient_key] = StandIns(secret, known)
        return held

    def _tag(self, known: KnownIdentifiers, finding: Finding, surface: str, patient_key: str) -> str:
        kind = finding.identifier_class
        if kind == "date" and self._key is not None:
            moved = shift(surface, days_moved(self._key, patient_key), known.day_first)
            return f"[DATE {moved}]" if moved else "[DATE]"
        if kind == "age":
            return "90+"
        label = LABEL_AT_START.match(surface) if kind in {"mrn", "id"} else None
        if label is not None:
            return f"{label.group()}[{kind.upper()}]"
        title = TITLE_AT_START.match(surface) if kind == "name" else None
        if title is not None:
            return f"{title.group()}[NAME-{known.number_of(kind, surface[title.end():])}]"
        if kind in _NUMBERED:
            return f"[{kind.upper()}-{known.number_of(kind, surface)}]"
        return f"[{kind.upper()}]"


def _is_small_word(text: str, known: Finding) -> bool:
    """Whether a known name is only a word here: the English lists of everyday words know no `rubio`, `cabeza`."""
    surface = text[known.start : known.end]
    return surface.isalpha() and surface.islower()


def days_moved(key: bytes, patient_key: str) -> int:
    """How far a patient's dates are moved: 1 to 52 whole weeks into the past, from HMAC-SHA-256 of the patient."""
    drawn = hmac.digest(key, f"dates\0{patient_key}".encode("utf-8", "surrogatepass"), "sha256")
    return -7 * (1 + int.from_bytes(drawn[:8], "big") % _MOST_WEEKS)


def deidentify(
    text: str, patient_key: str = "", language: str = "en", replacement: str = "tags", further: Sequence[Plug] = ()
) -> DeidentifiedText:
    """One text on its own. Several texts of a patient belong into one `Deidentifier`, which keeps surrogates
    consistent among them; `patient_key` only names that memory and never appears in the result."""
    deidentifier = Deidentifier(language=language, replacement=replacement, further=further)
    deidentifier.learn(text, patient_key)
    return deidentifier.replace(text, patient_key)
