"""How many records are made, from what, by which recipes, and how they are to be spread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from itd_pipeline.settings.model import Model
from itd_pipeline.settings.section import Section, not_blank


class Recipes(Section):
    """Which recipes write records. `itd recipe list` shows them."""

    paths: tuple[Path, ...] = Field(default=(), description="Your own recipes: YAML files, or folders of them.")
    use: tuple[str, ...] = Field(default=(), description="Recipes by name or pattern (`evolve_*`). Empty: all that "
                                 "work on passages and suit the model.")

    _paths = field_validator("paths", mode="before")(not_blank)


class CoverageCell(Section):
    """Records wanted for every combination of the values named; a key left out stands for any value."""

    specialty: tuple[str, ...] = Field(default=(), description="Specialties.")
    task: tuple[str, ...] = Field(default=(), description="Tasks.")
    audience: tuple[str, ...] = Field(default=(), description="Audiences.")
    difficulty: tuple[int, ...] = Field(default=(), description="Difficulties, 1 to 5.")
    wanted: int = Field(ge=1, description="Records wanted for each combination, over all sources.")
    sources: tuple[str, ...] = Field(default=(), description="Sources that fill it. Empty: all that ask a model.")


class Coverage(Section):
    """How records are to be spread over specialty, task, audience and difficulty."""

    cells: tuple[CoverageCell, ...] = Field(default=(), description="What is wanted. The report shows wanted, there "
                                            "and missing.")
    overdraw: float = Field(default=1.5, ge=1, le=20, description="How many records are planned for each missing one, "
                            "since some are turned away.")
    only: bool = Field(default=False, description="Whether nothing is planned beyond the cells. Otherwise what is left "
                       "of the requests goes to all recipes by their weights.")


class Expansion(Section):
    """From passages and seeds to candidate records."""

    synthetic_per_source: int = Field(default=12, ge=0, description="Records planned per source by passage alone.")
    hybrid_per_source: int = Field(default=12, ge=0, description="Records planned per source by passage and seeds.")
    evolved_per_source: int = Field(default=12, ge=0, description="Records planned per source by recipes from records.")
    evolve_release: Path | None = Field(default=None, description="A release whose records may be evolved, beside "
                                        "seeds and this run's own records: its folder.")
    examples_per_prompt: int = Field(default=2, ge=0, le=8, description="Seeds shown in a hybrid prompt.")
    template_per_source: int | None = Field(default=None, ge=0, description="Template records per source, drawn "
                                            "evenly over question forms and documents. Null for all that fit.")
    recipes: Recipes = Recipes()
    coverage: Coverage = Coverage()
    roles: Mapping[str, Model] = Field(default_factory=dict, description="Models for other roles that recipes name, "
                                       "such as `answerer`. A role not named here is played by `model`.")
    seed: int = Field(default=7, description="Decides which passages, seeds and forms are drawn.")

    _paths = field_validator("evolve_release", mode="before")(not_blank)

    def model_of(self, role: str, model: Model) -> Model:
        """The model that plays a role."""
        return self.roles.get(role, model)
