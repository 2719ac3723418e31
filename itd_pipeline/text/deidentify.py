"""De-identification of patient text: identifiers out, surrogate placeholders of the same kind in.

Belongs here: putting the recognisers' findings together, remembering who belongs to a patient, replacing.
Does not belong here: finding (`identifiers/`) or judging what is left (`scan`).

Rules find a name where its context gives it away: in a header, after a title. The same person then appears bare,
as a surname, a given name or initials, so every name, institution and number found anywhere in a patient's documents
is searched for in all of them. This lowers the risk; it does not prove that a text is anonymous.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from itd_pipeline.text.date_shift import shift
from itd_pipeline.text.identifiers.ages import AGES
from itd_pipeline.text.identifiers.bare_names import BareNameRecogniser
from itd_pipeline.text.identifiers.contacts import CONTACTS, LOOSE_CONTACTS
from itd_pipeline.text.identifiers.dates import FULL_DATES, PARTIAL_DATES
from itd_pipeline.text.identifiers.finding import Finding, Recogniser, RuleRecogniser, merge
from itd_pipeline.text.identifiers.gazetteer import GazetteerRecogniser
from itd_pipeline.text.identifiers.names import TITLE_AT_START, NameRecogniser
from itd_pipeline.text.identifiers.numbers import LOOSE_NUMBERS, NUMBERS, LabelledNumberRecogniser
from itd_pipeline.text.identifiers.packs import recognisers as recognisers_of
from itd_pipeline.text.identifiers.places import ADDRESSES, PLACES
from itd_pipeline.text.known import KnownIdentifiers

RECOGNISERS: tuple[Recogniser, ...] = (
    RuleRecogniser(FULL_DATES + PARTIAL_DATES + AGES),
    RuleRecogniser(CONTACTS + LOOSE_CONTACTS),
    RuleRecogniser(NUMBERS + LOOSE_NUMBERS),
    LabelledNumberRecogniser(loose=True),
    RuleRecogniser(ADDRESSES + PLACES),
    GazetteerRecogniser(),
    NameRecogniser(),
    BareNameRecogniser(),
)
_GROUPS_REMEMBERED = 4096
_CHARACTERS_KEPT = 16_000_000
_MOST_WEEKS = 52
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
        key: secret of at least 16 bytes. Each patient's dates are moved by one number of weeks that follows from key
            and patient, the same in every run, so that intervals and weekdays survive. Without a key dates are taken
            out and nothing links two runs.
    """

    def __init__(
        self, recognisers: Sequence[Recogniser] | None = None, groups_remembered: int = _GROUPS_REMEMBERED,
        language: str = "en", key: bytes | None = None,
    ) -> None:
        self._key = key
        self._language = language
        self._given = None if recognisers is None else tuple(recognisers)
        self._recognisers = {language: self._given or recognisers_of(language)}
        self._groups_remembered = groups_remembered
        self._known: OrderedDict[str, KnownIdentifiers] = OrderedDict()
        self._found: dict[tuple[str, str], list[Finding]] = {}
        self._found_characters = 0

    def learn(self, text: str, patient_key: str, language: str | None = None) -> None:
        """Remember the identifiers of `text` for the patient, before any of the patient's texts is replaced."""
        known = self._of(patient_key)
        for finding in self._find(text, language or self._language):
            if finding.identifier_class == "date":
                known.learn_order_of_dates(text[finding.start : finding.end])
            known.add(finding.identifier_class, text[finding.start : finding.end])

    def remember(self, identifier_class: str, surface: str, patient_key: str) -> None:
        """Remember an identifier that is known from elsewhere, such as the source's own key of the patient."""
        self._of(patient_key).add(identifier_class, surface)

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
        for finding in findings:
            pieces.append(text[position : finding.start])
            pieces.append(self._surrogate(known, finding, text[finding.start : finding.end], patient_key))
            position = finding.end
        pieces.append(text[position:])
        return DeidentifiedText("".join(pieces), tuple(findings))

    def _find(self, text: str, language: str) -> list[Finding]:
        """Findings of the recognisers; kept for a while, because each text is first learnt and then replaced."""
        found = self._found.get((language, text))
        if found is None:
            if language not in self._recognisers:
                self._recognisers[language] = self._given or recognisers_of(language)
            found = merge([finding for recogniser in self._recognisers[language] for finding in recogniser.find(text)])
            if self._found_characters > _CHARACTERS_KEPT:
                self._found.clear()
                self._found_characters = 0
            self._found[language, text] = found
            self._found_characters += len(text)
        return found

    def _of(self, patient_key: str) -> KnownIdentifiers:
        known = self._known.pop(patient_key, None) or KnownIdentifiers()
        self._known[patient_key] = known
        if len(self._known) > self._groups_remembered:
            self._known.popitem(last=False)
        return known

    def _surrogate(self, known: KnownIdentifiers, finding: Finding, surface: str, patient_key: str) -> str:
        kind = finding.identifier_class
        if kind == "date" and self._key is not None:
            moved = shift(surface, days_moved(self._key, patient_key), known.day_first)
            return f"[DATE {moved}]" if moved else "[DATE]"
        if kind == "age":
            return "90+"
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


def deidentify(text: str, patient_key: str = "", language: str = "en") -> DeidentifiedText:
    """One text on its own. Several texts of a patient belong into one `Deidentifier`, which keeps surrogates
    consistent among them; `patient_key` only names that memory and never appears in the result."""
    deidentifier = Deidentifier(language=language)
    deidentifier.learn(text, patient_key)
    return deidentifier.replace(text, patient_key)
