"""Codes of the ICD-10-CM tabular list and their relations. Belongs here: the index. Not here: any question form."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_NOTES = ("inclusion_terms", "includes", "excludes1", "excludes2", "use_additional", "code_first")


@dataclass(frozen=True, slots=True)
class IcdCode:
    """One code, from the attributes of its document. Lists hold the notes that stand at this very code.

    Args:
        document_id: its document.
        code: such as E11.9.
        description: may not be empty.
        parent_code: category or subcategory above, may be empty.
        category: code of the three-character category.
        category_description: may be empty.
        chapter: number or range of the chapter, may be empty.
        chapter_description: may be empty.
        leaf: whether nothing finer stands below it.
        seventh: (character, meaning) pairs that complete the code, empty where it takes none.
    """

    document_id: str
    code: str
    description: str
    parent_code: str
    category: str
    category_description: str
    chapter: str
    chapter_description: str
    leaf: bool
    seventh: tuple[tuple[str, str], ...]
    inclusion_terms: tuple[str, ...]
    includes: tuple[str, ...]
    excludes1: tuple[str, ...]
    excludes2: tuple[str, ...]
    use_additional: tuple[str, ...]
    code_first: tuple[str, ...]


def read_code(document_id: str, attributes: Mapping[str, Any]) -> IcdCode:
    """A code from the attributes that the reader wrote. Raises KeyError, TypeError or ValueError where they are
    not a code's."""
    code, description = _line(attributes["code"]), _line(attributes["description"])
    if not code or not description:
        raise ValueError("not a code of the tabular list")
    notes = {name: tuple(_line(item) for item in attributes.get(name) or () if _line(item)) for name in _NOTES}
    return IcdCode(
        document_id, code, description, _line(attributes.get("parent_code")),
        sys.intern(_line(attributes.get("category"))), sys.intern(_line(attributes.get("category_description"))),
        sys.intern(_line(attributes.get("chapter"))), sys.intern(_line(attributes.get("chapter_description"))),
        bool(attributes.get("leaf")),
        tuple((_line(c), _line(m)) for c, m in (attributes.get("seventh_character") or {}).items()), **notes,
    )


class IcdIndex:
    """Relations between the codes of a source."""

    def __init__(self, codes: Iterable[IcdCode]) -> None:
        self.codes = {code.code: code for code in codes}
        self.children: dict[str, list[IcdCode]] = {}
        self.by_description: dict[str, int] = {}
        for code in self.codes.values():
            self.children.setdefault(code.parent_code, []).append(code)
            for label in {code.description.casefold(), *(term.casefold() for term in code.inclusion_terms)}:
                self.by_description[label] = self.by_description.get(label, 0) + 1

    def unique(self, label: str) -> bool:
        """Whether no second code of the source bears this description or inclusion term."""
        return self.by_description.get(label.casefold(), 0) <= 1

    def siblings(self, code: IcdCode) -> list[IcdCode]:
        """Codes under the same parent."""
        return [c for c in self.children.get(code.parent_code, ()) if c.code != code.code] if code.parent_code else []

    def cousins(self, code: IcdCode) -> list[IcdCode]:
        """Codes of the same depth under the parent's siblings."""
        parent = self.codes.get(code.parent_code)
        if parent is None:
            return []
        return [c for aunt in self.siblings(parent)[:20] for c in self.children.get(aunt.code, ())[:20]]

    def apart(self, one: IcdCode, other: IcdCode) -> bool:
        """Whether neither code lies under the other, and they share no description or inclusion term."""
        labels = {one.description.casefold(), *(term.casefold() for term in one.inclusion_terms)}
        others = {other.description.casefold(), *(term.casefold() for term in other.inclusion_terms)}
        return not one.code.startswith(other.code) and not other.code.startswith(one.code) and not labels & others


def _line(text: Any) -> str:
    return " ".join(str(text or "").split())
