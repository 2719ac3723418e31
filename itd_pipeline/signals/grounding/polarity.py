"""Negations and opposites: whether an output says the reverse of the sentence it was made from.

Follows the idea of NegEx (Chapman et al. 2001, J Biomed Inform 34:301-310): a cue negates the words after it, up to a
stop. Here both sentences are aligned first, and only what differs counts: a cue on one side whose scope the other side
keeps, or a word in the place of its opposite. A cue beside an opposite cancels out: `not recommended` is
`contraindicated`, `not increase` beside `decrease` may be loose but is no reversal.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from itd_pipeline.signals.grounding.sentences import Aligned

NEGATIONS = frozenset((
    "not", "no", "never", "without", "nor", "neither", "none", "denies", "denied", "deny", "denying", "absent",
    "absence",
    "lacks", "lack", "lacking", "nobody", "nothing", "negative", "unable", "fails", "failed", "free", "non", "avoid",
    "ruled",
    "stop", "longer", "unlikely", "isn", "unless",
))
_SCOPE = 6
_NEAR = 5
LEAST_SHARE = 0.6
_STOPS = frozenset(("but", "however", "although", "though", "except", "yet"))
_LIGHT = frozenset(["a", "an", "the", "any", "of", "to", "be", "been", "being", "is", "are", "was", "were", "has",
                    "have", "had", "do", "does", "did", "will", "would", "can", "could", "may", "might", "must",
                    "should", "shall", "for", "in", "on", "at", "with", "by", "or", "and", "that", "this", "these",
                    "those", "it", "its", "there", "as", "also", "usually", "generally", "often", "always", "all",
                    "very", "significantly", "your", "his", "her", "their", "some", "signs", "evidence"])
_OPPOSITES = """
increase decrease; increases decreases; increased decreased; increasing decreasing; increase reduce; increases reduces;
increased reduced; rise fall; rises falls; raised lowered; raises lowers; raise lower; higher lower; high low; highest
lowest; more less; more fewer; most least; above below; over under; before after; positive negative; present absent;
recommended contraindicated; indicated contraindicated; recommended discouraged; safe unsafe; safe dangerous; effective
ineffective; benign malignant; acute chronic; normal abnormal; common rare; common uncommon; likely unlikely; improves
worsens; improve worsen; improved worsened; improving worsening; better worse; gain loss; gains loses; reports denies;
reported denied; reports denied; endorses denies; admits denies; complains denies; start stop; started stopped; begin
stop; continue stop; continued discontinued; continue discontinue; always never; can cannot; with without; mild severe;
dominant recessive; maternal paternal; left right; upper lower; early late; early advanced; hyper hypo; tachycardia
bradycardia; hypertension hypotension; hyperglycemia hypoglycemia; hyperglycaemia hypoglycaemia; hyperkalemia
hypokalemia; hyperthyroidism hypothyroidism; prevents causes; prevent cause; inhibits stimulates; inhibit stimulate;
activates inhibits; agonist antagonist; allow forbid; must mustn't; yes no; all none; everyone nobody; significant
insignificant; necessary unnecessary; possible impossible; able unable; stable unstable; regular irregular; related
unrelated; curable incurable; elevated decreased; elevated reduced; elevated low; shorter longer; short long; faster
slower; smaller larger; contracts dilates; constrict dilate; constricts dilates; narrows widens; bilateral unilateral;
agree disagree; still longer
"""
_PAIRS = frozenset(frozenset(pair.split()) for pair in _OPPOSITES.replace("\n", " ").split(";") if pair.strip())
_SEXES = ("he she; him her; his her; his hers; himself herself; man woman; men women; male female; males females; "
          "boy girl; "
          "boys girls; father mother; fathers mothers; son daughter; brother sister; husband wife; gentleman lady; "
          "mr mrs")
_SEX_PAIRS = frozenset(frozenset(pair.split()) for pair in _SEXES.split(";"))
_SEXED = frozenset(word for pair in _SEX_PAIRS for word in pair)
_PARTS = re.compile(r"[-'’]")
_PREFIX = re.compile(r"(?:un|in|im|ir|non-?|dis)")


def reversed_claims(aligned: Aligned) -> list[str]:
    """What the claim reverses: negation cues as `+not` or `-not`, and pairs of opposites as `evidence/claim`.

    Nothing is said of a claim of which fewer than 60 % of the words stand in the evidence sentence in order.
    """
    if aligned.share < LEAST_SHARE or len(aligned.claim.tokens) < 3:
        return []
    lost, added = _unmatched(aligned)
    opposed = []
    for i, j in _opposed(aligned, lost, added, _PAIRS):
        before = _cue_before(aligned.evidence.tokens, i, lost)
        put_in = _cue_before(aligned.claim.tokens, j, added)
        if (before is None) == (put_in is None):
            opposed.append((i, j))
        for place, places in ((i, lost), (before, lost), (j, added), (put_in, added)):
            if place is not None:
                places.pop(place, None)
    cues = _cues(aligned, lost, added)
    return [f"{aligned.evidence.tokens[i]}/{aligned.claim.tokens[j]}" for i, j in opposed] + cues


def changed_sex(aligned: Aligned) -> list[str]:
    """Words of one sex that stand in the place of words of the other, as `evidence/claim`."""
    if aligned.share < LEAST_SHARE or len(aligned.claim.tokens) < 4:
        return []
    lost, added = _unmatched(aligned)
    return [f"{aligned.evidence.tokens[i]}/{aligned.claim.tokens[j]}"
            for i, j in _opposed(aligned, lost, added, _SEX_PAIRS)]


def keeps_sex(aligned: Aligned) -> bool:
    """Whether every word of the claim that tells a sex stands in the evidence sentence in its place."""
    matched = {j for _, j in aligned.pairs}
    return all(j in matched for j, word in enumerate(aligned.claim.tokens)
               if any(part in _SEXED for part in _PARTS.split(word)))


def _unmatched(aligned: Aligned) -> tuple[dict[int, float], dict[int, float]]:
    """Places of words without a partner, each with where it stands, or would stand, in the claim."""
    partner = dict(aligned.pairs)
    in_claim = set(partner.values())
    lost: dict[int, float] = {}
    at = -1.0
    for i in range(len(aligned.evidence.tokens)):
        if i in partner:
            at = float(partner[i])
        else:
            lost[i] = at + 0.5
    return lost, {j: float(j) for j in range(len(aligned.claim.tokens)) if j not in in_claim}


def _opposed(
    aligned: Aligned, lost: Mapping[int, float], added: Mapping[int, float], pairs: frozenset[frozenset[str]],
) -> list[tuple[int, int]]:
    """(place in evidence, place in claim) of opposites that stand in each other's place."""
    found = []
    for j, here in added.items():
        word = aligned.claim.tokens[j]
        for i, there in lost.items():
            other = aligned.evidence.tokens[i]
            opposite = frozenset((word, other)) in pairs or (
                (_prefixed(word, other) or _prefixed(other, word)) if pairs is _PAIRS else _inside(word, other))
            if opposite and abs(here - there) <= _NEAR:
                found.append((i, j))
                break
    return found


def _inside(word: str, other: str) -> bool:
    """Whether two words differ in a part that is a pair of sexes: mother-to-child, the woman's."""
    if not ("-" in word or "'" in word or "’" in word):
        return False
    parts, others = _PARTS.split(word), _PARTS.split(other)
    apart = [frozenset(pair) for pair in zip(parts, others, strict=False) if pair[0] != pair[1]]
    return len(parts) == len(others) and len(apart) == 1 and apart[0] in _SEX_PAIRS


def _cue_before(tokens: Sequence[str], place: int, unmatched: Mapping[int, float]) -> int | None:
    """Place of a negation without a partner among the four words before a place."""
    return next((i for i in range(place - 1, max(-1, place - 5), -1) if i in unmatched and tokens[i] in NEGATIONS),
                None)


def _prefixed(longer: str, shorter: str) -> bool:
    match = _PREFIX.match(longer)
    return match is not None and len(shorter) > 3 and longer[match.end():] == shorter


def _cues(aligned: Aligned, lost: Mapping[int, float], added: Mapping[int, float]) -> list[str]:
    """Negations of one side whose scope the other side keeps, without those that have a partner on the other."""
    dropped = {i: at for i, at in lost.items() if aligned.evidence.tokens[i] in NEGATIONS}
    put_in = {j: at for j, at in added.items() if aligned.claim.tokens[j] in NEGATIONS}
    for j, here in list(put_in.items()):
        for i, there in list(dropped.items()):
            if abs(here - there) <= _NEAR:
                del dropped[i], put_in[j]
                break
    in_evidence, in_claim = {i for i, _ in aligned.pairs}, {j for _, j in aligned.pairs}
    return [f"-{aligned.evidence.tokens[i]}" for i in dropped if _keeps_scope(aligned.evidence.tokens, i,
                                                                              in_evidence)] + [
        f"+{aligned.claim.tokens[j]}" for j in put_in if _keeps_scope(aligned.claim.tokens, j, in_claim)]


def _keeps_scope(tokens: Sequence[str], cue: int, matched: Collection[int]) -> bool:
    """Whether the first word of weight after a cue is also on the other side; a cue that ends its clause is judged by
    the word before it."""
    for place in range(cue + 1, min(len(tokens), cue + 1 + _SCOPE)):
        if tokens[place] in _STOPS:
            break
        if tokens[place] not in _LIGHT:
            return place in matched
    return cue > 0 and cue == len(tokens) - 1 and cue - 1 in matched
