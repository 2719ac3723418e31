"""Words in a block of bytes: where each begins and ends, and one number for it.

Belongs here: the steps that every reader of words from bytes takes. Does not belong here: which bytes belong to words
(`shingles` and `decontamination.byte_words` differ in that), or what words are compared for.

Everything is numpy over a block that fits a core's cache. Words of up to eight bytes never share a number with another
of their length; of longer ones equal numbers are taken for equal words. Indexes that are kept rest on these numbers:
another hash needs another version of them.
"""

from __future__ import annotations

import numpy as np

from itd_pipeline.similarity.arrays import I64, U8, U64, mixed

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(0x2545F4914F6CDD1D)
_KEEP = np.array([(1 << (8 * k)) - 1 for k in range(9)], np.uint64)


def word_edges(inside: U8, offsets: I64) -> I64:
    """Start and end of every word in turn; a word ends where its row ends.

    Args:
        inside: 1 for each byte of a word, else 0; at least one byte.
        offsets: where rows begin in the block, and the end of the last.
    """
    change = np.empty(len(inside) + 1, np.uint8)
    change[0] = inside[0]
    np.bitwise_xor(inside[1:], inside[:-1], out=change[1:-1])
    change[-1] = inside[-1]
    edges = np.flatnonzero(change.view(bool))
    joints = offsets[1:-1]
    joints = joints[(joints > 0) & (joints < len(inside))]
    glued = joints[(inside[joints - 1] & inside[joints]).astype(bool)]
    if len(glued):
        glued = np.repeat(np.unique(glued), 2)
        edges = np.insert(edges, np.searchsorted(edges, glued), glued)
    return edges


def word_hashes(data: U8, starts: I64, lengths: I64) -> U64:
    """Hash of each word, from eight bytes at a time.

    Args:
        data: the block.
        starts: first byte of each word.
        lengths: its bytes, at least one.
    """
    padded = np.zeros(((len(data) + 7) // 8 + 2) * 8, np.uint8)
    padded[:len(data)] = data
    eights = padded.view("<u8")
    value = _eight(eights, starts, lengths)
    value *= MULTIPLIER
    value ^= value >> np.uint64(32)
    longer = np.flatnonzero(lengths > 8)
    done = 8
    while len(longer):
        more = _eight(eights, starts[longer] + done, lengths[longer] - done)
        value[longer] = mixed(value[longer] * _SEED + more)
        done += 8
        longer = longer[lengths[longer] > done]
    value += lengths.astype(np.uint64)
    value *= _SEED
    return value


def _eight(eights: U64, starts: I64, lengths: I64) -> U64:
    """The next eight bytes from each start, those past the length as zero."""
    place = starts >> 3
    shift = ((starts & 7) << 3).astype(np.uint64)
    low: U64 = eights[place] >> shift
    low |= (eights[place + 1] << (np.uint64(63) - shift)) << np.uint64(1)
    low &= _KEEP[np.minimum(lengths, 8)]
    return low
