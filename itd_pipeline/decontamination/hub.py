"""Where a data set of the Hugging Face Hub lies on this machine, if someone has downloaded it.

Nothing is fetched here: a build never goes to the network for a benchmark. The layout of the cache is documented in
huggingface_hub's guide "Understand caching".
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The Hub's cache: HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub."""
    named = environment.get("HF_HUB_CACHE")
    home = environment.get("HF_HOME")
    return Path(named) if named else Path(home, "hub") if home else Path.home() / ".cache" / "huggingface" / "hub"


def snapshot(name: str, cache: Path, revision: str | None = None) -> Path | None:
    """Folder of the downloaded files; None where there is none.

    Args:
        name: `owner/name`.
        cache: see `cache_folder`.
        revision: commit or branch; `main` where it is not given, or the only snapshot there is.
    """
    folder = cache / f"datasets--{name.replace('/', '--')}"
    reference = folder / "refs" / (revision or "main")
    commit = reference.read_text(encoding="ascii").strip() if reference.is_file() else revision or ""
    found = folder / "snapshots" / commit
    if commit and found.is_dir():
        return found
    there = sorted(path for path in (folder / "snapshots").glob("*") if path.is_dir())
    return there[0] if len(there) == 1 and revision is None else None
