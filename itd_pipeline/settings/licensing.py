"""What the dataset is for, and what licences allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from itd_pipeline.settings.section import Section


class LicenceTerms(Section):
    """What a licence of your own, or an agreement, allows."""

    redistribution: bool = Field(description="Whether the text may be passed on.")
    commercial_use: bool = Field(description="Whether it may be used commercially.")
    derivatives: bool = Field(description="Whether changed versions may be passed on.")
    model_providers: bool = Field(default=True, description="Whether it may be sent to a provider of models.")
    share_alike: bool = Field(default=False, description="Whether what is made of it must bear the same licence.")
    attribution: bool = Field(default=True, description="Whether its author must be named.")
    data_use_agreement: str = Field(default="", description="Name of the agreement that must be signed first.")


class Licensing(Section):
    """What the dataset is to be used for. A document whose licence does not allow it is rejected."""

    redistribution: bool = Field(default=True, description="The dataset will be passed on.")
    commercial_use: bool = Field(default=True, description="It may be used commercially.")
    derivatives: bool = Field(default=True, description="Text will be changed and passed on.")
    model_providers: bool = Field(default=False, description="Text will be sent to a provider of models.")
    unknown: Literal["refuse", "allow"] = Field(default="refuse", description="What happens to documents whose "
                                                "licence nobody knows.")
    agreements: tuple[str, ...] = Field(default=(), description="Data use agreements that you have signed, by name.")
    custom: Mapping[str, LicenceTerms] = Field(default_factory=dict, description="Terms of licences of your own: "
                                               "`LicenseRef-...` -> terms.")
