"""Which prompts may leave the building. Belongs here: the rule. Not here: what an identifier is (`text/scan.py`).

A source's policy (`model_use`) comes first: `none` allows no model, `local_only` only one on this machine. Text about
patients goes to a model elsewhere only where the policy says `any` and a scan of everything that would be sent,
schema included, finds no residual identifier (HIPAA Privacy Rule, 45 CFR 164.514: de-identified text only).

A source may also name the hosts that may get its text (`model_hosts`); any other is refused, whatever it would be sent.

A seed about patients never leaves: the policy at hand is that of the passage's source, and nobody gave it for the seed.
"""

from __future__ import annotations

from collections.abc import Collection

from itd_pipeline import settings
from itd_pipeline.ports import ChatRequest
from itd_pipeline.text.scan import scan_identifiers


def refusal(request: ChatRequest, source: settings.Source, patient_data: bool, local: bool,
            patient_seeds: int = 0, hosts: Collection[str] = ()) -> str | None:
    """Why this exact prompt may not be sent, in words without text; None where it may.

    Args:
        request: what would be sent.
        source: settings of the passage's source.
        patient_data: whether the passage is about patients.
        local: whether the model is on this machine.
        patient_seeds: how many seeds in the prompt are about patients.
        hosts: where a model elsewhere may be asked: its own host and those of its further deployments.
    """
    if source.model_use == "none":
        return "model_use=none"
    if local:
        return None
    if source.model_use == "local_only":
        return "model_use=local_only, model is not local"
    if source.model_hosts and (others := sorted(set(hosts) - set(source.model_hosts))):
        return f"model_hosts does not name {', '.join(others)}"
    if patient_seeds:
        return f"seeds with patient data: {patient_seeds}, model is not local"
    if not (patient_data or source.patient_data):
        return None
    sent = [content for _, content in request.messages]
    if request.json_schema:
        sent.append(request.json_schema)
    findings = sum(len(scan_identifiers(part)) for part in sent)
    return f"patient data, residual identifiers found: {findings}" if findings else None
