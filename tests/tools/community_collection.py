#!/usr/bin/env python3
"""Fetch one collection of others for tests: out of the package `ansible`, in which it lies, with pip.

    community_collection.py NAMESPACE.NAME FOLDER

FOLDER can be named in ANSIBLE_COLLECTIONS_PATH then. What is there stays.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

#: Pinned: an upgrade is a commit. Its collections are for ansible-core 2.19.
PACKAGE = "ansible==12.3.0"


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    inside = f"ansible_collections/{name.replace('.', '/')}/"
    if (folder / inside / "MANIFEST.json").exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, PACKAGE]
        subprocess.run(pip, check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            wanted = [one for one in archive.namelist() if one.startswith(inside)]
            if not wanted:
                sys.exit(f"{PACKAGE} has no collection {name}")
            archive.extractall(folder, wanted)


if __name__ == "__main__":
    main()
