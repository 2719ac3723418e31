"""Terms of the Human Phenotype Ontology and their relations. Belongs here: the index. Not here: any question form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from itd_pipeline.expand.forms.form import draw

_POOL = 60


@dataclass(frozen=True, slots=True)
class HpoTerm:
    """One term, from the attributes of its document.

    Args:
        document_id: its document.
        id: such as HP:0001250.
        name: preferred name.
        definition: may be empty.
        comment: may be empty.
        exact: exact synonyms that are not lay terms, without the name itself.
        lay: lay terms of exact scope, without the name itself.
        related: other synonyms of any scope.
        parents: (id, name) pairs.
        branch: name of the branch below the root, may be empty.
    """

    document_id: str
    id: str
    name: str
    definition: str
    comment: str
    exact: tuple[str, ...]
    lay: tuple[str, ...]
    related: tuple[str, ...]
    parents: tuple[tuple[str, str], ...]
    branch: str

    @property
    def labels(self) -> frozenset[str]:
        """Every name of the term, case folded."""
        return frozenset(label.casefold() for label in (self.name, *self.exact, *self.lay, *self.related))


def read_term(document_id: str, attributes: Mapping[str, Any]) -> HpoTerm:
    """A term from the attributes that the reader wrote. Raises KeyError, TypeError or ValueError where they are
    not a term's."""
    name = _line(attributes["name"])
    exact: list[str] = []
    lay: list[str] = []
    related: list[str] = []
    for synonym in attributes.get("synonyms") or []:
        label = _line(synonym["text"])
        if not label or label.casefold() == name.casefold():
            continue
        is_exact = str(synonym.get("scope", "")).upper() == "EXACT"
        bucket = related if not is_exact else lay if synonym.get("layperson") else exact
        if label.casefold() not in {known.casefold() for known in bucket}:
            bucket.append(label)
    identifier = str(attributes["id"])
    if not identifier.startswith("HP:") or not name:
        raise ValueError("not a term of the ontology")
    branch = attributes.get("branch") or ""
    return HpoTerm(
        document_id, identifier, name, _line(attributes.get("definition")), _line(attributes.get("comment")),
        tuple(exact), tuple(lay), tuple(related),
        tuple((str(p["id"]), _line(p["name"])) for p in attributes.get("parents") or []),
        _line(branch.get("name") if isinstance(branch, Mapping) else branch),
    )


class HpoIndex:
    """Relations between the terms of a source."""

    def __init__(self, terms: Iterable[HpoTerm]) -> None:
        self.terms = {term.id: term for term in terms}
        self.children: dict[str, list[str]] = {}
        self.branches: dict[str, list[str]] = {}
        self.by_label: dict[str, set[str]] = {}
        self._above: dict[str, frozenset[str]] = {}
        for term in self.terms.values():
            for parent, _ in term.parents:
                self.children.setdefault(parent, []).append(term.id)
            self.branches.setdefault(term.branch, []).append(term.id)
            for label in term.labels:
                self.by_label.setdefault(label, set()).add(term.id)

    def ancestors(self, identifier: str) -> frozenset[str]:
        """Ids of all terms above, as far as the source holds them."""
        known = self._above.get(identifier)
        if known is None:
            found: set[str] = set()
            queue = [identifier]
            while queue:
                term = self.terms.get(queue.pop())
                for parent, _ in term.parents if term else ():
                    if parent not in found:
                        found.add(parent)
                        queue.append(parent)
            known = self._above[identifier] = frozenset(found)
        return known

    def siblings(self, term: HpoTerm) -> list[HpoTerm]:
        """Terms that share a parent with `term`."""
        ids = sorted({c for parent, _ in term.parents for c in self.children.get(parent, ()) if c != term.id})
        return [self.terms[i] for i in ids]

    def same_branch(self, term: HpoTerm) -> list[HpoTerm]:
        """Some terms of the same branch, drawn by a hash: a stretch of the branch's order."""
        members = self.branches[term.branch]
        at = draw("branch", term.id) % len(members)
        return [self.terms[i] for i in (members + members)[at : at + min(_POOL, len(members))] if i != term.id]

    def apart(self, one: HpoTerm, other: HpoTerm) -> bool:
        """Whether neither is the other, its synonym, its ancestor or its descendant."""
        return (
            one.id != other.id and not one.labels & other.labels
            and one.id not in self.ancestors(other.id) and other.id not in self.ancestors(one.id)
        )

    def names_only(self, label: str, term: HpoTerm) -> bool:
        """Whether `label` names this term and no other one of the source."""
        return self.by_label.get(label.casefold(), set()) <= {term.id}


def _line(text: Any) -> str:
    return " ".join(str(text or "").split())
