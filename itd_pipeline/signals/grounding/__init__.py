"""Grounding: what an output claims, held against the texts it rests on.

Belongs here: claims of one record (numbers, drugs, tests, diagnoses, negations, the patient's sex) and whether evidence
holds them or a stated rule derives them. Does not belong here: whether a claim is right (`medical_lint` asks that
without evidence), or what follows from a finding (the policy).

The way in is `record.ground`. Everything is a pure function of the record's own texts, so a batch can be cut anywhere.
"""

from __future__ import annotations

from itd_pipeline.signals.grounding.record import Grounding, ground

__all__ = ["Grounding", "ground"]
