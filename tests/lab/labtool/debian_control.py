"""Debian's control format and the .deb container, as far as the lab reads and rewrites them."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

Fields = dict[str, str]
"""Field name -> value, continuation lines included, in file order."""

AR_MAGIC = b"!<arch>\n"
AR_HEADER = 60


def parse(text: str) -> list[Fields]:
    """The stanzas of a control file or Packages index."""
    return [parse_stanza(stanza) for stanza in text.split("\n\n") if stanza.strip()]


def parse_stanza(stanza: str) -> Fields:
    fields: Fields = {}
    name = ""
    for line in stanza.strip("\n").split("\n"):
        if line[:1] in (" ", "\t"):
            fields[name] += f"\n{line}"
        elif not line.startswith("#"):
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    return fields


def render(fields: Fields) -> str:
    return "".join(f"{name}: {value}\n" if value else f"{name}:\n" for name, value in fields.items())


def read_control(deb: Path) -> Fields:
    """The control stanza of a .deb."""
    done = subprocess.run(["dpkg-deb", "--field", str(deb)], capture_output=True, text=True, check=True)
    return parse_stanza(done.stdout)


@dataclass(frozen=True)
class Member:
    """One member of an ar archive."""

    name: str
    offset: int
    size: int


def members(archive: BinaryIO) -> Iterator[Member]:
    if archive.read(len(AR_MAGIC)) != AR_MAGIC:
        raise ValueError("not an ar archive")
    while True:
        header = archive.read(AR_HEADER)
        if len(header) < AR_HEADER:
            return
        member = Member(header[:16].decode().strip().rstrip("/"), archive.tell(), int(header[48:58]))
        yield member
        archive.seek(member.offset + member.size + member.size % 2)


def rewrite(source: Path, target: Path, fields: Fields) -> None:
    """Copy a .deb with another control stanza; scripts and data are the original's, byte for byte."""
    plain_tar = subprocess.run(["dpkg-deb", "--ctrl-tarfile", str(source)], capture_output=True, check=True).stdout
    control = gzip.compress(_with_control(plain_tar, render(fields).encode()), compresslevel=6, mtime=0)
    with source.open("rb") as archive, target.open("wb") as out:
        data = next(member for member in members(archive) if member.name.startswith("data.tar"))
        out.write(AR_MAGIC)
        _append(out, "debian-binary", io.BytesIO(b"2.0\n"), 4)
        _append(out, "control.tar.gz", io.BytesIO(control), len(control))
        archive.seek(data.offset)
        _append(out, data.name, archive, data.size)


def _with_control(plain_tar: bytes, control: bytes) -> bytes:
    """The control archive with the file `control` replaced."""
    result = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(plain_tar)) as old, tarfile.open(fileobj=result, mode="w") as new:
        for entry in old:
            content = old.extractfile(entry) if entry.isfile() else None
            if entry.name in ("control", "./control"):
                entry.size, content = len(control), io.BytesIO(control)
            new.addfile(entry, content)
    return result.getvalue()


def _append(out: BinaryIO, name: str, content: BinaryIO, size: int) -> None:
    out.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode())
    remaining = size
    while remaining:
        block = content.read(min(remaining, 1 << 20))
        if not block:
            raise ValueError(f"{name} ended early")
        out.write(block)
        remaining -= len(block)
    if size % 2:
        out.write(b"\n")
