"""How many records are made, and from what."""

from __future__ import annotations

from pydantic import Field

from itd_pipeline.settings.section import Section


class Expansion(Section):
    """From passages and seeds to candidate records."""

    synthetic_per_source: int = Field(default=12, ge=0, description="Model requests per source by passage alone.")
    hybrid_per_source: int = Field(default=12, ge=0, description="Model requests per source by passage and seeds.")
    examples_per_prompt: int = Field(default=2, ge=0, le=8, description="Seeds shown in a hybrid prompt.")
    template_per_source: int | None = Field(default=None, ge=0, description="Template records per source, drawn "
                                            "evenly over question forms and documents. Null for all that fit.")
    seed: int = Field(default=7, description="Decides which passages, seeds and forms are drawn.")
