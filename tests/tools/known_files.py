"""The files of a tree: those that git knows, and those that it would add."""

from __future__ import annotations

import subprocess
from pathlib import Path


def known_files(root: Path, *patterns: str) -> list[str]:
    """Their paths in order, of those that are there; with patterns, of those that match one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    return sorted(path for path in listed.stdout.split("\0") if path and (root / path).exists())
