"""Any instruction-tuning dataset held against the profile that this project proposes for them.

Belongs here: reading a dataset of anybody, the requirements, and what it lacks. Does not belong here: whether a release
of this project is untouched (`release/verify.py`). Start at `requirements.py`.
"""

from __future__ import annotations

from itd_pipeline.validation.reading import Dataset, read_dataset
from itd_pipeline.validation.requirements import PROFILE_VERSION, Finding, validate
from itd_pipeline.validation.schemas import schemas

__all__ = ["PROFILE_VERSION", "Dataset", "Finding", "read_dataset", "schemas", "validate"]
