"""Bringing a release out of the house: to the Hub, to an object store, to a folder; and signing it.

Belongs here: copying, and what must hold before anything is copied. Does not belong here: whether a release is sound
(`release/verify.py`). Nothing here runs by itself: only `itd release push` and `itd release sign` call it.
"""

from __future__ import annotations

from itd_pipeline.publishing.pushing import Pushed, push
from itd_pipeline.publishing.signing import sign, signature_problems

__all__ = ["Pushed", "push", "sign", "signature_problems"]
