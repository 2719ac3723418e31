"""What leaves the building: a versioned, immutable set of files, as pure content.

Start at `build.py`; `verify.py` checks a folder that someone else has written,
`diff.py` compares two. Does not belong here: where a
release is stored, who may start one.
"""

from itd_pipeline.release.build import build_release
from itd_pipeline.release.content import ReleaseContent, ReleaseInputs
from itd_pipeline.release.corrections import Correction
from itd_pipeline.release.diff import ReleaseDiff, diff_releases
from itd_pipeline.release.splits import split_leaks
from itd_pipeline.release.verify import verify_release
from itd_pipeline.release.version import SIGNATURE

__all__ = ["SIGNATURE", "Correction", "ReleaseContent", "ReleaseDiff", "ReleaseInputs", "build_release",
           "diff_releases", "split_leaks", "verify_release"]
