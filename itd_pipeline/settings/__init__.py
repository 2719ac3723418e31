"""A run profile: everything a team sets, read from one YAML file, frozen.

Every key is described here once; `docs/settings.md` is generated from these classes. An unknown key is an error that
lists the valid ones. Relative paths are resolved against the project folder: the one that holds `conf/`, or the
profile's own folder where it does not lie in a `conf/`.
"""

from __future__ import annotations

from itd_pipeline.settings.evaluation import Evaluation
from itd_pipeline.settings.expansion import Coverage, CoverageCell, Expansion, Recipes
from itd_pipeline.settings.licensing import LicenceTerms, Licensing
from itd_pipeline.settings.loading import SECTIONS, load_settings
from itd_pipeline.settings.model import Deployment, Model, Price
from itd_pipeline.settings.people import Release, Review, ReviewGate
from itd_pipeline.settings.probe import Probe, ProbeBenchmark
from itd_pipeline.settings.profile import Settings
from itd_pipeline.settings.section import Section
from itd_pipeline.settings.signals import Benchmark, Signals
from itd_pipeline.settings.source import Dataset, Seeds, Source
from itd_pipeline.settings.text import Cleaning, Deidentification, Quality

__all__ = [
    "SECTIONS",
    "Benchmark",
    "Cleaning",
    "Coverage",
    "CoverageCell",
    "Dataset",
    "Deidentification",
    "Deployment",
    "Evaluation",
    "Expansion",
    "LicenceTerms",
    "Licensing",
    "Model",
    "Price",
    "Probe",
    "ProbeBenchmark",
    "Quality",
    "Recipes",
    "Release",
    "Review",
    "ReviewGate",
    "Section",
    "Seeds",
    "Settings",
    "Signals",
    "Source",
    "load_settings",
]
