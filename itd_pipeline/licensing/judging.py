"""Whether a licence allows what the profile wants. Belongs here: the rule for one licence, in SPDX's grammar.

AND asks for all its parts; OR leaves the choice to whoever receives the text, so one part that allows it is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from itd_pipeline.licensing.statements import from_statement
from itd_pipeline.licensing.terms import known_terms
from itd_pipeline.settings import LicenceTerms, Licensing

_LONGEST = 500
_CLAUSES = ("redistribution", "commercial_use", "derivatives", "model_providers")


@dataclass(frozen=True)
class Verdict:
    """What came of it.

    Args:
        allowed: whether the text may be used as the profile wants.
        clause: what forbids it: `redistribution`, `commercial_use`, `derivatives`, `model_providers`,
            `data_use_agreement` or `unknown_licence`; empty where it is allowed.
        detail: the licence and the clause in words.
        attribution: whether the author must be named.
        share_alike: whether what is made of it must bear the same licence.
    """

    allowed: bool
    clause: str = ""
    detail: str = ""
    attribution: bool = False
    share_alike: bool = False


def judge(licence: str, policy: Licensing) -> Verdict:
    """The verdict on a licence, an SPDX expression or a `LicenseRef-...` that the profile describes.

    Never raises: what cannot be understood is unknown, and unknown is refused unless the policy says `allow`.
    """
    return _judged(licence.strip(), _Key(policy))


class _Key:
    """A policy as a key of the cache: equal settings are one key."""

    def __init__(self, policy: Licensing) -> None:
        self.policy = policy
        self._json = policy.model_dump_json()

    def __hash__(self) -> int:
        return hash(self._json)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._json == other._json


@lru_cache(maxsize=4096)
def _judged(licence: str, key: _Key) -> Verdict:
    policy = key.policy
    if not licence or len(licence) > _LONGEST:
        return _unknown(policy, "no licence" if not licence else "longer than any licence expression")
    if licence in policy.custom:
        return _symbol(licence, policy)
    # Words are a statement; an expression has none but its operators.
    words = [word for word in licence.split() if word.strip("()") not in {"AND", "OR", "WITH"}]
    stated = len(words) > 1 and not any(word in licence for word in (" AND ", " OR ", " WITH "))
    tree = _parsed(from_statement(licence) if stated or "creativecommons.org" in licence else licence)
    return _unknown(policy, f"licence={licence}") if tree is None else _walk(tree, policy)


def _parsed(licence: str | None) -> Any:
    if licence is None:
        return None
    from license_expression import ExpressionError, ExpressionParseError, get_spdx_licensing

    try:
        return get_spdx_licensing().parse(licence, validate=False, strict=False)
    except (ExpressionError, ExpressionParseError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def _walk(node: Any, policy: Licensing) -> Verdict:
    operator = type(node).__name__
    if operator in {"AND", "OR"}:
        verdicts = [_walk(part, policy) for part in node.args]
        if operator == "OR":
            return next((verdict for verdict in verdicts if verdict.allowed), verdicts[0])
        refused = next((verdict for verdict in verdicts if not verdict.allowed), None)
        return refused or Verdict(True, attribution=any(v.attribution for v in verdicts),
                                  share_alike=any(v.share_alike for v in verdicts))
    if operator == "LicenseWithExceptionSymbol":
        return _symbol(str(node.license_symbol.key), policy)
    return _symbol(str(getattr(node, "key", node)), policy)


def _symbol(identifier: str, policy: Licensing) -> Verdict:
    terms: LicenceTerms | None = policy.custom.get(identifier) or known_terms(identifier)
    if terms is None:
        return _unknown(policy, f"licence={identifier}")
    if terms.data_use_agreement and terms.data_use_agreement not in policy.agreements:
        return Verdict(False, "data_use_agreement",
                       f"licence={identifier} asks for the agreement {terms.data_use_agreement}, which is not signed")
    for clause in _CLAUSES:
        if getattr(policy, clause) and not getattr(terms, clause):
            return Verdict(False, clause, f"licence={identifier} does not grant {clause}")
    return Verdict(True, attribution=terms.attribution, share_alike=terms.share_alike)


def _unknown(policy: Licensing, detail: str) -> Verdict:
    if policy.unknown == "allow":
        return Verdict(True, attribution=True)
    return Verdict(False, "unknown_licence", f"{detail} is not known")
