#!/usr/bin/env python3
"""Make a release from the last commit: its changelog, its archive, and Galaxy's opinion of that.

usage: release.py FOLDER IMPORTER     FOLDER gets the archive; IMPORTER is the environment that has galaxy-importer

1. What is not committed is refused.
2. If the changelog has no entry for the version of galaxy.yml, it is written from the fragments, to be committed.
3. The archive is built in two fresh clones, in other folders and with other permissions, and must be the same twice.
4. galaxy-importer examines it, and may have nothing to say.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import archive
import importer
import yaml

UMASKS = (0o022, 0o077)


def uncommitted(root: Path) -> list[str]:
    """Files that differ from the last commit, or that git does not know."""
    told = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"], cwd=root, check=True, capture_output=True, text=True
    )
    return [line[3:] for line in told.stdout.splitlines()]


def version(root: Path) -> str:
    return str(yaml.safe_load((root / "galaxy.yml").read_text())["version"])


def in_changelog(root: Path) -> bool:
    """Has the changelog an entry for the version of galaxy.yml, and is nothing left that belongs into a later one?"""
    changes = yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text())
    if version(root) not in (changes.get("releases") or {}):
        return False
    left = sorted(path.name for path in (root / "changelogs" / "fragments").glob("*.y*ml"))
    if left:
        raise SystemExit(
            f"{version(root)} is in the changelog already, but not {', '.join(left)}. Raise the version in galaxy.yml."
        )
    return True


def built_twice(root: Path, folder: Path) -> Path:
    """The archive; an error when two fresh clones do not give the same bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        found = []
        for number, mask in enumerate(UMASKS, 1):
            before = os.umask(mask)
            try:
                clone = Path(scratch) / ("x" * number) / "tree"
                subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
                found.append(archive.build(clone, Path(scratch) / str(number)))
            finally:
                os.umask(before)
        first, second = (path.read_bytes() for path in found)
        if first != second:
            raise SystemExit("Two builds of this commit differ: there is something in the archive that is not in git.")
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / found[0].name
        kept.write_bytes(first)
        return kept


def main(root: Path, folder: Path, programs: Path) -> int:
    if changed := uncommitted(root):
        print(f"A release is made from a commit, but these are in none: {', '.join(changed)}.", file=sys.stderr)
        return 1
    if not in_changelog(root):
        changelog = str(Path(sys.executable).with_name("antsibull-changelog"))
        subprocess.run([changelog, "release"], cwd=root, check=True)
        print(f"The changelog of {version(root)} is written. Read it, commit it, and run this again.", file=sys.stderr)
        return 1
    made = built_twice(root, folder)
    print(f"{made}\nSHA-256 {hashlib.sha256(made.read_bytes()).hexdigest()}, twice the same", flush=True)
    said = importer.examine(made.resolve(), programs)
    (folder / "importer.log").write_text(said)
    for objection in (found := list(importer.objections(said))):
        print(f"galaxy-importer: {objection}", file=sys.stderr)
    print("galaxy-importer objects." if found else "galaxy-importer has no objection.")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path.cwd(), Path(sys.argv[1]), Path(sys.argv[2]).absolute() / "bin"))
