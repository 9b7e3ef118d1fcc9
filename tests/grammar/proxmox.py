"""Proxmox VE's own modules for Perl, which read its files: no archive of Debian has them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from labtool.locks import locked
from labtool.settings import CACHE

#: A folder that has PVE/SectionConfig.pm and the parsers, in place of the packages.
GIVEN = "GRAMMAR_PVE_PERL"
_COMMON = "libpve-common-perl"
#: Package with a parser → a file of it.
STORAGE, HA, GUESTS = "libpve-storage-perl", "pve-ha-manager", "libpve-guest-common-perl"
_PARSERS = {STORAGE: "PVE/Storage/Plugin.pm", HA: "PVE/HA/Rules.pm", GUESTS: "PVE/ReplicationConfig.pm"}
#: Where a sandbox has the modules.
MODULES = "/mnt/pve"


def asking(name: str) -> list[str]:
    """The process that reads texts, one after the other, with the parser of this file."""
    texts = (Path(__file__).with_name(one).read_text() for one in ("proxmox.pl", name))
    return ["perl", f"-I{MODULES}", "-e", "".join(texts)]


def perl_modules(*parsers: str) -> Path:
    """The folder that has ``PVE/``; the test is skipped where there is none to be had."""
    given = os.environ.get(GIVEN)
    if given is not None:
        missing = [_PARSERS[parser] for parser in parsers if not (Path(given) / _PARSERS[parser]).exists()]
        if missing:
            pytest.skip(f"the folder that {GIVEN} names has no {' and no '.join(missing)}")
        return Path(given)
    packages = (_COMMON, *parsers)
    folder = CACHE / "grammar" / "-".join(packages)
    with locked(CACHE / ".grammar.lock"):
        if not folder.exists():
            _unpack(folder, packages)
    return folder / "usr/share/perl5"


def _unpack(folder: Path, packages: Sequence[str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        done = subprocess.run(["apt-get", "download", *packages], cwd=place, capture_output=True, text=True)
        if done.returncode != 0:
            missing = f"{GIVEN} names no folder, and this host's apt does not have {' and '.join(packages)}"
            pytest.skip(f"no parser of Proxmox VE's: {missing} ({done.stderr.strip()})")
        partial = Path(place) / "root"
        for package in sorted(Path(place).glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", str(package), str(partial)], check=True)
        partial.rename(folder)
