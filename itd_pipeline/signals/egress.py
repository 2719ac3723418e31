"""Which records a model may see, when signals ask one: a judge, a model of inference, or one of embeddings.

Belongs here: the policy of a record's source, held against where the model is. Does not belong here: sending
(`llm`), or prompts that write records, which are scanned before they leave (`expand`).

Stricter than for writing: a record that rests on patient data goes to no model elsewhere, whatever the source allows. A
record of a source that the profile does not name (experts' own) has no policy but that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SourceUse:
    """What a source allows.

    Args:
        model_use: `any`, `local_only` or `none`.
        hosts: that may get its text; empty where any may.
    """

    model_use: str
    hosts: tuple[str, ...] = ()


def as_parameter(uses: Mapping[str, SourceUse]) -> Mapping[str, list[str]]:
    """What sources allow as plain data: it decides the values of signals that ask a model."""
    return {name: [use.model_use, *use.hosts] for name, use in sorted(uses.items())}


def may_see(
    source: str, patient_data: bool, uses: Mapping[str, SourceUse], *, local: bool, hosts: Collection[str],
) -> bool:
    """Whether a record may be shown to a model.

    Args:
        source: the record's.
        patient_data: whether it rests on patient data.
        uses: by name of the source.
        local: whether the model is on this machine.
        hosts: where prompts may go besides this machine.
    """
    use = uses.get(source)
    if use is not None and use.model_use == "none":
        return False
    if local:
        return True
    if patient_data:
        return False
    return use is None or (use.model_use == "any" and (not use.hosts or set(hosts) <= set(use.hosts)))
