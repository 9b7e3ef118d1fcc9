#!/usr/bin/env python3
"""Build the collection's archive: what git knows of the tree, and the same bytes whenever and wherever it is built.

usage: archive.py FOLDER      build from the tree as it stands here, changes included; print the path of the archive

What `ansible-galaxy collection build` makes bears the times of the files and of the build, in the order in which the
file system lists them, and holds whatever lies in the folder. Here it gets a copy of what git knows, and its archive is
packed anew: sorted, of nobody, of the time of the commit.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Optional

import yaml
from known_files import known_files

MANIFEST, FILES = "MANIFEST.json", "FILES.json"

Members = dict[str, Optional[bytes]]


def shipped(root: Path) -> list[str]:
    """Paths of the files that a build of the collection contains, and of galaxy.yml, from which it is built."""
    ignored = yaml.safe_load((root / "galaxy.yml").read_text())["build_ignore"]
    return [path for path in known_files(root) if not _ignored(path, ignored)]


def _ignored(path: str, patterns: Iterable[str]) -> bool:
    """Does a pattern match this file or a folder above it? (as ansible-galaxy does it)"""
    above = [path, *(str(folder) for folder in Path(path).parents if folder.name)]
    return any(fnmatch(part, pattern) for part in above for pattern in patterns)


def copy_tree(root: Path, target: Path) -> list[str]:
    """A copy of what is shipped, and nothing else."""
    paths = shipped(root)
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, target / path, follow_symlinks=False)
    return paths


def build(root: Path, folder: Path) -> Path:
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    with tempfile.TemporaryDirectory() as scratch:
        paths = copy_tree(root, Path(scratch) / "tree")
        subprocess.run(
            [galaxy, "collection", "build", "--output-path", f"{scratch}/built", f"{scratch}/tree"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (built,) = Path(scratch, "built").glob("*.tar.gz")
        members = _members(built)
    told = {entry["name"] for entry in _read(members, FILES)["files"] if entry["ftype"] == "file"}
    if different := told ^ (set(paths) - {"galaxy.yml"}):
        raise SystemExit(f"The archive and git do not have the same files: {', '.join(sorted(different))}.")
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / built.name
    archive.write_bytes(_packed(_canonical(members), _time_of_commit(root)))
    return archive


def _members(archive: Path) -> Members:
    """Each file in the archive and what it holds, and each folder, which holds nothing by itself."""
    with tarfile.open(archive) as tar:
        files = [(member, tar.extractfile(member)) for member in tar.getmembers()]
        return {member.name.rstrip("/"): file.read() if file else None for member, file in files}


def _canonical(members: Members) -> Members:
    """The list of the files in one order, and the manifest with the list's checksum."""
    files, manifest = _read(members, FILES), _read(members, MANIFEST)
    files["files"].sort(key=lambda entry: str(entry["name"]))
    listed = json.dumps(files, indent=True).encode()
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listed).hexdigest()
    rest = {name: members[name] for name in sorted(members) if name not in (MANIFEST, FILES)}
    return {MANIFEST: json.dumps(manifest, indent=True).encode(), FILES: listed, **rest}


def _read(members: Members, name: str) -> Any:
    return json.loads(members[name] or b"")


def _packed(members: Members, moment: int) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=moment) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.mtime, member.mode = moment, 0o644
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            member.size = len(content or b"")
            tar.addfile(member, io.BytesIO(content or b""))
    return packed.getvalue()


def _time_of_commit(root: Path) -> int:
    told = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], capture_output=True, text=True, check=True, cwd=root
    ).stdout
    return int(told)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(build(Path.cwd(), Path(sys.argv[1])))
