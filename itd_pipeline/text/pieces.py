"""Texts as pieces between white space, each distinct piece once: a batch of texts is then counted by few look-ups.

Belongs here: splitting many texts at once, and sums over the pieces of each. Does not belong here: what is counted
(`shape`, `language`). Few pieces make up most of a text (Zipf), so what Python does, it does for the distinct ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from itd_pipeline.tables.arrays import strings, values_of

PUNCTUATION = ".,;:!?()[]{}\"'`*#-\u2013\u2014/\\|<>=+~_%&@$^"
"""What is taken off the ends of a piece before it is measured."""

_HALF, _LOWER_HALF = 31, (1 << 31) - 1
Counts = npt.NDArray[np.int64]


class Pieces(NamedTuple):
    """Pieces of some texts, in order.

    Args:
        distinct: every piece that occurs, once. An empty one stands for white space at the end of a text.
        codes: for each piece, its place in `distinct`.
        edges: where the pieces of each text begin, and behind the last one where they end.
    """

    distinct: list[str]
    codes: npt.NDArray[np.int32]
    edges: Counts

    def running(self, values: Counts) -> Counts:
        """Running sums over all pieces, from 0, of a value for each distinct one."""
        sums = np.zeros(len(self.codes) + 1, np.int64)
        np.cumsum(values[self.codes], out=sums[1:])
        return sums

    def totals(self, one: Counts, other: Counts) -> tuple[list[int], list[int]]:
        """The sums for each text of two values, below 2**31 in sum, for each distinct piece: in one pass over all
        pieces, which costs more than everything else."""
        both = np.diff(self.running(one << _HALF | other)[self.edges])
        return (both >> _HALF).tolist(), (both & _LOWER_HALF).tolist()

    def united(self, bits: Counts) -> list[int]:
        """The bits that any piece of a text has, of bits for each distinct piece."""
        found = np.zeros(len(self.edges) - 1, np.int64)
        filled = self.edges[:-1] < self.edges[1:]
        if filled.any():
            found[filled] = np.bitwise_or.reduceat(bits[self.codes], self.edges[:-1][filled])
        united: list[int] = found.tolist()
        return united


def split(texts: Sequence[str]) -> Pieces:
    """The pieces of `texts`, as `str.split` parts them."""
    pieces = _split(texts)
    if all(map(str.isprintable, pieces.distinct)):
        return pieces
    # White space that is not ASCII: rare in clean text.
    return _split([" ".join(text.split()) for text in texts])


def _split(texts: Sequence[str]) -> Pieces:
    parted = pc.ascii_split_whitespace(strings(texts))
    coded = parted.flatten().dictionary_encode()
    edges = values_of(parted.offsets).astype(np.int64)
    return Pieces(coded.dictionary.to_pylist(), values_of(coded.indices), edges - edges[:1])
