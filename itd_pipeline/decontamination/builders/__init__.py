"""Builders: what each published benchmark looks like as a file. One file for each format.

Belongs here: which fields of a format are prompt, options and answer. Does not belong here: which benchmarks a profile
names (`benchmarks`), or comparing.
"""

from __future__ import annotations

from collections.abc import Mapping

from itd_pipeline.decontamination.builders.bioasq import BIOASQ
from itd_pipeline.decontamination.builders.draft import Builder, Draft, FormatError
from itd_pipeline.decontamination.builders.healthbench import HEALTHBENCH
from itd_pipeline.decontamination.builders.k_qa import K_QA
from itd_pipeline.decontamination.builders.liveqa import LIVEQA
from itd_pipeline.decontamination.builders.medec import MEDEC
from itd_pipeline.decontamination.builders.medicationqa import MEDICATIONQA
from itd_pipeline.decontamination.builders.medmcqa import MEDMCQA
from itd_pipeline.decontamination.builders.medqa import MEDQA
from itd_pipeline.decontamination.builders.medxpertqa import MEDXPERTQA
from itd_pipeline.decontamination.builders.mmlu import MMLU_MEDICAL
from itd_pipeline.decontamination.builders.pubmedqa import PUBMEDQA

BUILDERS: Mapping[str, Builder] = {
    "medqa": MEDQA, "medmcqa": MEDMCQA, "pubmedqa": PUBMEDQA, "mmlu_medical": MMLU_MEDICAL, "medxpertqa": MEDXPERTQA,
    "healthbench": HEALTHBENCH, "liveqa": LIVEQA, "medicationqa": MEDICATIONQA, "k_qa": K_QA, "medec": MEDEC,
    "bioasq": BIOASQ,
}

__all__ = ["BUILDERS", "Builder", "Draft", "FormatError"]
