"""What assets and checks are given: the profile and the lake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from itd_pipeline.pipeline.refresh import Observer
from itd_pipeline.pipeline.stage import Answered, Estimated, Scope
from itd_pipeline.settings import Settings
from itd_pipeline.storage.lake import Lake


@dataclass(frozen=True)
class Pipeline:
    """The profile at hand and its lake.

    Args:
        settings: as read when the definitions were loaded.
        reload: reads the profile anew; the sensor asks it, to see sources that were added since.
        build: name of the build, where one process starts several runs; else each run is a build of its own.
        observe: told of each batch that a stage writes; None in Dagster's own processes.
        answered, estimated: told how far the requests to a model are, and before that what they will come to; see
            `Scope`.
    """

    settings: Settings
    reload: Callable[[], Settings]
    observe: Observer | None = None
    build: str = ""
    answered: Answered | None = None
    estimated: Estimated | None = None

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_path)

    def scope(self, partition: str = "", run: str = "") -> Scope:
        return Scope(self.settings, self.lake, partition, self.build or run, self.answered, self.estimated)
