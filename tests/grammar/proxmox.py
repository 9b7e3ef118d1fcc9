"""Proxmox VE's own modules for Perl, which read its files: no archive of Debian has them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from labtool.locks import locked
from labtool.settings import CACHE

#: A folder that has PVE/SectionConfig.pm and PVE/Storage/Plugin.pm, in place of the packages.
GIVEN = "GRAMMAR_PVE_PERL"
PACKAGES = ("libpve-common-perl", "libpve-storage-perl")


def perl_modules() -> Path:
    """The folder that has ``PVE/``; the test is skipped where there is none to be had."""
    given = os.environ.get(GIVEN)
    if given is not None:
        return Path(given)
    folder = CACHE / "grammar" / "-".join(PACKAGES)
    with locked(CACHE / ".grammar.lock"):
        if not folder.exists():
            _unpack(folder)
    return folder / "usr/share/perl5"


def _unpack(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=place, capture_output=True, text=True)
        if done.returncode != 0:
            missing = f"{GIVEN} names no folder, and this host's apt does not have {' and '.join(PACKAGES)}"
            pytest.skip(f"no parser of storage.cfg: {missing} ({done.stderr.strip()})")
        partial = Path(place) / "root"
        for package in sorted(Path(place).glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", str(package), str(partial)], check=True)
        partial.rename(folder)
