"""Debian's own packages: finding and fetching them through the cached mirror."""

from __future__ import annotations

import lzma
import re
import subprocess
import tarfile
from functools import cached_property
from io import BytesIO
from pathlib import Path

from .debian_control import Fields, parse
from .mirror import Mirror
from .settings import LabError


class DebianArchive:
    """The main component of one Debian release."""

    def __init__(self, mirror: Mirror, codename: str) -> None:
        self._mirror = mirror
        self.codename = codename

    @cached_property
    def _index(self) -> str:
        packed = self._mirror.fetch(f"dists/{self.codename}/main/binary-amd64/Packages.xz")
        return lzma.decompress(packed.read_bytes()).decode()

    def built_from(self, source: str) -> list[Fields]:
        """Every binary package of a source package."""
        pattern = rf"^(?:Package: {re.escape(source)}|Source: {re.escape(source)}(?: \(.*\))?)$"
        matching = (text for text in self._index.split("\n\n") if re.search(pattern, text, re.MULTILINE))
        return [fields for fields in parse("\n\n".join(matching)) if source_name(fields) == source]

    def package(self, name: str) -> Fields:
        found = re.search(rf"^Package: {re.escape(name)}\n(?:.+\n)+", self._index, re.MULTILINE)
        if found is None:
            raise LabError(f"Debian {self.codename} has no package {name}")
        return parse(found.group(0))[0]

    def deb(self, package: Fields) -> Path:
        return self._mirror.fetch(package["Filename"])

    def file_of(self, name: str, path: str) -> bytes:
        """The content of one file inside a package."""
        deb = self.deb(self.package(name))
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(deb)], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=BytesIO(data)) as archive:
            entry = archive.extractfile(f"./{path.lstrip('/')}")
            if entry is None:
                raise LabError(f"{name} has no file {path}")
            return entry.read()


def source_name(package: Fields) -> str:
    return package.get("Source", package["Package"]).split(" ")[0]
