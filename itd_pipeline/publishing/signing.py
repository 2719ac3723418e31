"""A detached signature of `SHA256SUMS`, and so of every file: by the program gpg, with a key of yours.

It lies beside the checksums as `SHA256SUMS.asc`, is no part of the version, and may be added or left out at any time.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from itd_pipeline.errors import ConfigError, PermanentError
from itd_pipeline.release.version import CHECKSUMS, SIGNATURE


def sign(folder: Path, key: str | None = None) -> Path:
    """Sign the release in `folder`; the file that was written.

    Args:
        key: id or address of the key; gpg's own default where it is None.

    Raises:
        ConfigError: gpg is not there, or the folder is no release.
        PermanentError: gpg refused.
    """
    if not (folder / CHECKSUMS).is_file():
        raise ConfigError(f"{folder.name} is no folder of a release: it holds no {CHECKSUMS}.", "Name one.")
    target = folder / SIGNATURE
    chosen = ["--local-user", key] if key else []
    done = subprocess.run([_gpg(), "--batch", "--yes", "--armor", *chosen, "--output", str(target), "--detach-sign",
                           str(folder / CHECKSUMS)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermanentError(f"gpg did not sign: {_last(done.stderr)}",
                             "`gpg --list-secret-keys` shows the keys that are there.")
    return target


def signature_problems(folder: Path) -> list[str]:
    """What is wrong with the signature; empty where there is none, or where it is good.

    A signature that cannot be checked is a problem: gpg or the public key is missing.
    """
    if not (folder / SIGNATURE).is_file():
        return []
    if shutil.which("gpg") is None:
        return [f"{SIGNATURE} cannot be checked: there is no gpg."]
    done = subprocess.run(["gpg", "--batch", "--verify", str(folder / SIGNATURE), str(folder / CHECKSUMS)],
                          capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"{SIGNATURE} is not a good signature of {CHECKSUMS}: {_last(done.stderr)}"]


def _gpg() -> str:
    found = shutil.which("gpg")
    if found is None:
        raise ConfigError("There is no program gpg.", "Install GnuPG, or release without a signature.")
    return found


def _last(said: str) -> str:
    return said.strip().splitlines()[-1] if said.strip() else "no word of why"
