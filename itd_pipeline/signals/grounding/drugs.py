"""Drugs that the output names and its evidence does not.

A word is taken for a drug where one of these holds and neither evidence, input nor question holds it:

1. stem: it ends in a stem of the WHO's list of International Nonproprietary Names and is no English word
   (`text.identifiers.drug_names`, Webster's Second);
2. source: the poisonings T36 to T50 of ICD-10-CM name it, or it is a common brand;
3. use: it stands where a drug stands (before a dose, after `treated with` or another drug, before `tablets`) and is
   neither an English word nor a word of HPO or ICD-10-CM: so a name that exists nowhere is found, too.

Classes of drugs (antibiotics, statins) are no names. Two spellings of one substance count as one: paracetamol and
acetaminophen, salbutamol and albuterol, and other pairs of INN and USAN.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from itd_pipeline.text.identifiers.drug_names import BRANDS, is_drug
from itd_pipeline.text.identifiers.eponymous_phrases import terms
from itd_pipeline.text.identifiers.lexicon import is_english
from itd_pipeline.text.medical_terms import medical_words
from itd_pipeline.text.words import words

_STRONG = re.compile(
    r"(?:mab|[tcl]inib|anib|enib|ciclib|parib|zomib|limus|[oaie]vir|vudine|citabine|platin|rubicin|taxel|trexate|tecan|"
    r"pril|prilat|sartan|olol|alol|dipine|vastatin|fibrate|gliptin|gliflozin|glutide|glitazone|glinide|formin|thiazide|"
    r"semide|xaban|gatran|parin|grel|plase|azole|prazole|tidine|setron|triptan|gepant|oxetine|traline|pramine|triptyline|"
    r"azepam|zolam|azepine|peridol|barbital|bactam|cillin|mycin|micin|floxacin|cycline|penem|sulfa|nidazole|fungin|"
    r"bendazole|vaptan|caine|curium|curonium|fentanil|morphone|codone|profen|fenac|oxicam|coxib|terol|tropium|lukast|"
    r"phylline|dronate|tocin|relin|kinra|trozole|estrant|steride|lutamide|gabalin|racetam|thyroxine|[a-z]cept|nisolone|"
    r"asone|lazine|promazine|tapine|apride|oxane|zosin|adol|orphan|orphine|setine|barb|quine|quin|dopa|glitide|penam)s?$")
_BEGINS = re.compile(r"^(?:cef|ceph|sulfa|vancomy|metho?trex|pred|dexa|heparin|insulin)[a-z]{3,}$")
_WORD = re.compile(r"[^\W\d_]{4,}(?:-[^\W\d_]+)*")
_BEFORE = re.compile(
    r"(?:\b(?:tak(?:e|es|ing|en)|took|prescrib(?:e|ed|es|ing)|giv(?:e|en|ing)|gave|administer(?:ed|ing)?|receiv(?:e|ed|es|ing)|"
    r"start(?:ed|ing)? on|treated (?:with|by)|treatment with|therapy with|treat(?:s|ing)? (?:\w+ )?with|dose of|"
    r"doses of|"
    r"tablets? of|(?:mg|mcg|g|ml|iu|units) (?:of )?|drug|drugs|medicine|medication|agent|inject(?:ed|ion of|ions of)?|"
    r"infusion of|course of|such as|like|prescription for|allerg(?:y|ic) to|on)\s)(?:the |an? |oral |intravenous |"
    r"topical |iv )?$",
    re.IGNORECASE)
_AFTER = re.compile(
    r"\s?\(?(?:\d[\d.,]*\s?(?:mg|mcg|μg|micrograms?|milligrams?|g|iu|units|ml|%)\b|(?:tablets?|capsules?|injections?|infusions?|therapy|"
    r"inhaler|cream|ointment|syrup|patch(?:es)?|drops|is (?:given|taken|prescribed|an alternative|used to treat)|"
    r"(?:should|may|can) be (?:given|taken|prescribed|used)|twice daily|once daily|daily)\b)", re.IGNORECASE)
_CLASSES = re.compile(r"(?:statins|antibiotics?|steroids?|opioids?|vaccines?|medications?|medicines?|inhibitors?|"
                      r"blockers?|"
                      r"vitamins?|penicillins|insulins|sulfates?|hydrochloride|sodium|acids?)$")
_LISTED = re.compile(r",? (?:and|or) |, ?|/")
_SAME_SUBSTANCE = (
    "paracetamol acetaminophen tylenol panadol", "salbutamol albuterol ventolin", "adrenaline epinephrine",
    "noradrenaline norepinephrine", "naloxone narcan", "furosemide frusemide lasix", "pethidine meperidine",
    "lidocaine lignocaine xylocaine",
    "ciclosporin cyclosporine cyclosporin", "aciclovir acyclovir", "cephalexin cefalexin", "amoxicillin amoxycillin",
    "rifampicin rifampin", "glibenclamide glyburide", "phenobarbital phenobarbitone", "thyroxine levothyroxine",
    "aspirin acetylsalicylic", "estradiol oestradiol", "sulfasalazine sulphasalazine", "glyceryl nitroglycerin",
    "adalimumab humira", "atorvastatin lipitor", "ibuprofen advil motrin", "warfarin coumadin", "fluoxetine prozac",
    "sertraline zoloft", "heparin heparins", "morphine morphia", "isoprenaline isoproterenol", "dipyrone metamizole",
    "bendroflumethiazide bendrofluazide", "beclometasone beclomethasone", "simeticone simethicone", "mesalazine "
                                                                                                    "mesalamine",
    "colecalciferol cholecalciferol", "chlorphenamine chlorpheniramine", "levodopa l-dopa", "suxamethonium "
                                                                                            "succinylcholine",
)
_OTHER_NAMES = {name: frozenset(group.split()) for group in _SAME_SUBSTANCE for name in group.split()}
_POISONING = re.compile(r"\b(?:[Pp]oisoning by|[Aa]dverse effect of|[Uu]nderdosing of)[:,]?\s(.+)")


_ALONE = re.compile(r"(?:[Pp]oisoning by|[Aa]dverse effect of|[Uu]nderdosing of),?\s(?:[^()]*\bof )?"
                    r"([^\W\d_]+[^\W\d_s])(?: \([A-Z]\d.*\))?$")
_NO_DRUGS = frozenset(["drug", "substance", "gas", "iron", "fish", "shellfish", "underdosing"])


@cache
def _listed() -> frozenset[str]:
    """Names of substances that the poisonings of ICD-10-CM list: the one word that a poisoning is of (naproxen), and of
    longer ones the words that look like a drug's."""
    alone = {match[1].lower() for term in terms() for match in [_ALONE.search(term)] if match} - _NO_DRUGS
    found = {word for term in terms() for match in [_POISONING.search(term)] if match
             for word in _WORD.findall(match[1].lower())}
    return frozenset(alone) | frozenset(word for word in found if _STRONG.search(word) or is_drug(word))


@cache
def _is_name(word: str) -> bool:
    """Whether a lower-case word is a drug whatever stands around it."""
    if _CLASSES.search(word) or len(word) < 5:
        return False
    if word in BRANDS or word in _OTHER_NAMES or word in _listed():
        return True
    return bool(_STRONG.search(word) or _BEGINS.match(word) or is_drug(word)) and not _is_known(word)


@cache
def _is_known(word: str) -> bool:
    """Whether a word is English, or a word of HPO's or ICD-10-CM's terms."""
    return is_english(word) or word in medical_words() or word.removesuffix("s") in medical_words()


def unsupported_drugs(output: str, held: Collection[str]) -> list[str]:
    """Drugs of `output` that are not among the words `held`, in order.

    Args:
        output: text.
        held: lower-case words of evidence, input and question (`words_of`).
    """
    found: dict[str, None] = {}
    before, end = "", 0
    for match in _WORD.finditer(output):
        word = match.group().lower()
        listed = _LISTED.fullmatch(output, end, match.start()) and _is_name(before)
        before, end = word, match.end()
        if word in held or word in found or _held_otherwise(word, held):
            continue
        if _is_name(word) or ((is_drug(word) or not _is_known(word)) and (listed or _in_use(output, match))):
            found[word] = None
    return list(found)


def drugs_in(text: str) -> list[tuple[int, str]]:
    """(place, lower-case name) of each drug in a text, in order: by stem or source, or by use of a word that is no
    English."""
    return [(match.start(), word) for match in _WORD.finditer(text) if _is_name(word := match.group().lower()) or (
        (is_drug(word) or not _is_known(word)) and _in_use(text, match))]


def _held_otherwise(word: str, held: Collection[str]) -> bool:
    singular = word[:-1] if word.endswith("s") else word + "s"
    return singular in held or any(name in held for name in _OTHER_NAMES.get(word, ())) or (
        "-" in word and all(part in held for part in word.split("-")))


def _in_use(text: str, match: re.Match[str]) -> bool:
    return bool(_AFTER.match(text, match.end())) or bool(_BEFORE.search(text, max(0, match.start() - 40),
                                                                        match.start()))


def words_of(text: str) -> frozenset[str]:
    """Lower-case words of a text, and the parts of hyphenated ones, to hold drugs and terms against."""
    whole = words(text)
    return frozenset(whole) | {part for word in whole if "-" in word for part in word.split("-")}
