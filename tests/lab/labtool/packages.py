"""Building the lab's .deb packages from declarative recipes.

A recipe is a folder packages/NAME with
    control      the stanza; Version is the upstream version, the builder appends "+standin1"; Description's first line
                 ends in "(lab stand-in)"; `Lab-Repository: lab` puts the package into the lab's own repository
                 instead of Proxmox's; `Lab-Releases: 8 9` are the releases of Proxmox VE that have the package
    preinst postinst prerm postrm triggers    as dpkg knows them, each optional; what is in /etc is a conffile
    files/       a tree copied as it is
    manifest     lines "SRC DEST MODE": SRC is a file or folder relative to tests/lab, or `@keyring` (the lab's public
                 key), or `@debian/PACKAGE/PATH` (a file out of Debian's own package); MODE is for files

What differs between the releases of Proxmox VE has the release in its name: a field `Version-8` takes the place of
`Version` on 8, `files-8/` and `manifest-8` come on top of `files/` and `manifest`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .debian_control import Fields, parse_stanza, render
from .release import RELEASES
from .settings import CACHE, LAB_SOURCE, LabError
from .shell import run

RECIPES = LAB_SOURCE / "packages"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
METADATA = (*SCRIPTS, "triggers")
#: With LAB_BUILD=2 in the environment, packages are what a node can be upgraded to.
SUFFIX = f"+standin{os.environ.get('LAB_BUILD', '1')}"
MARK = "(lab stand-in)"
BUILDER = 3
"""Raised when the builder itself changes what it makes of the same recipe."""
_RELEASE_FIELD = re.compile(rf"(.+)-({'|'.join(map(str, RELEASES))})")


class Sources(Protocol):
    """Where the @ sources of a manifest come from."""

    pve: int
    codename: str
    keyring: bytes

    def debian_file(self, package: str, path: str) -> bytes: ...


@dataclass(frozen=True)
class Entry:
    """One file of a package: where it goes, with which mode, and where it comes from."""

    target: str
    mode: int
    source: str

    def local(self) -> Path:
        return LAB_SOURCE / self.source


@dataclass(frozen=True)
class Built:
    """A finished package and the repository it belongs to."""

    deb: Path
    repository: str


def recipes(pve: int, folder: Path = RECIPES) -> list[Path]:
    """The recipes of the packages that this release of Proxmox VE has."""
    found = sorted(control.parent for control in folder.glob("*/control"))
    return [recipe for recipe in found if str(pve) in _releases(recipe)]


def _releases(recipe: Path) -> list[str]:
    return parse_stanza((recipe / "control").read_text()).get("Lab-Releases", " ".join(map(str, RELEASES))).split()


def build_all(sources: Sources) -> list[Built]:
    with ThreadPoolExecutor() as workers:
        return list(workers.map(lambda recipe: build(recipe, sources), recipes(sources.pve)))


def build(recipe: Path, sources: Sources) -> Built:
    """The package of one recipe, from the cache when nothing it is made of has changed."""
    fields = control_fields(recipe, sources.pve)
    repository = fields.pop("Lab-Repository", "proxmox")
    entries = sorted(contents(recipe, sources.pve), key=lambda entry: entry.target)
    digest = _digest(recipe, fields, entries, sources)
    name = f"{fields['Package']}_{fields['Version'].replace(':', '%3a')}_{fields['Architecture']}.deb"
    deb = CACHE / "packages" / digest / name
    if not deb.exists():
        _assemble(recipe, fields, entries, sources, deb)
    return Built(deb, repository)


def control_fields(recipe: Path, pve: int) -> Fields:
    """The recipe's control stanza for one release, checked and completed."""
    fields = {"Package": recipe.name, **_for_release(parse_stanza((recipe / "control").read_text()), pve)}
    missing = [name for name in ("Version", "Architecture", "Maintainer", "Description") if name not in fields]
    if missing:
        raise LabError(f"recipe {recipe.name}: control lacks {', '.join(missing)}")
    if fields["Package"] != recipe.name:
        raise LabError(f"recipe {recipe.name}: control says Package: {fields['Package']}")
    if not fields["Description"].split("\n")[0].endswith(MARK):
        raise LabError(f"recipe {recipe.name}: Description's first line must end in {MARK!r}")
    fields["Version"] += SUFFIX
    return fields


def _for_release(fields: Fields, pve: int) -> Fields:
    """`Version-8` is `Version` on 8 and nothing elsewhere."""
    general = {name: value for name, value in fields.items() if not _RELEASE_FIELD.fullmatch(name)}
    special = {
        matched[1]: fields[name]
        for name in fields
        if (matched := _RELEASE_FIELD.fullmatch(name))
        if matched[2] == str(pve)
    }
    general.pop("Lab-Releases", None)
    return {**general, **special}


def contents(recipe: Path, pve: int) -> Iterator[Entry]:
    """Every file of the recipe's trees and manifests."""
    for tree in (recipe / "files", recipe / f"files-{pve}"):
        for path in _files_below(tree):
            mode = 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
            yield Entry(str(path.relative_to(tree)), mode, str(path.relative_to(LAB_SOURCE)))
    for manifest in (recipe / "manifest", recipe / f"manifest-{pve}"):
        for line in manifest.read_text().splitlines() if manifest.exists() else []:
            if line.strip() and not line.startswith("#"):
                yield from _manifest_line(recipe, line)


def _manifest_line(recipe: Path, line: str) -> Iterator[Entry]:
    try:
        source, target, mode_text = line.split()
        mode = int(mode_text, 8)
    except ValueError as error:
        raise LabError(f"recipe {recipe.name}: manifest line is not `SRC DEST MODE`: {line!r}") from error
    target = target.lstrip("/")
    if source.startswith("@"):
        yield Entry(target, mode, source)
        return
    origin = LAB_SOURCE / source
    if origin.is_dir():
        for path in _files_below(origin):
            relative = path.relative_to(origin)
            yield Entry(f"{target.rstrip('/')}/{relative}", mode, f"{source.rstrip('/')}/{relative}")
    elif origin.is_file():
        yield Entry(target, mode, source)
    else:
        raise LabError(f"recipe {recipe.name}: manifest names {source}, which is not there")


def _files_below(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path for path in found if "__pycache__" not in path.parts)


def _digest(recipe: Path, fields: Fields, entries: list[Entry], sources: Sources) -> str:
    digest = hashlib.sha256(repr((BUILDER, SUFFIX, fields)).encode())
    for name in METADATA:
        script = recipe / name
        digest.update(repr((name, script.read_bytes() if script.exists() else None)).encode())
    for entry in entries:
        digest.update(repr((entry, _identity(entry, sources))).encode())
    return digest.hexdigest()[:16]


def _identity(entry: Entry, sources: Sources) -> bytes:
    """What stands for the entry's content in the digest; Debian's files are named by their release, not fetched."""
    if entry.source == "@keyring":
        return sources.keyring
    if entry.source.startswith("@debian/"):
        return sources.codename.encode()
    path = entry.local()
    return os.readlink(path).encode() if path.is_symlink() else path.read_bytes()


def _assemble(recipe: Path, fields: Fields, entries: list[Entry], sources: Sources, deb: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="bmv-deb-") as folder:
        root = Path(folder) / "root"
        root.mkdir(mode=0o755)
        for entry in entries:
            _place(entry, sources, root / entry.target)
        control = root / "DEBIAN"
        control.mkdir(mode=0o755)
        (control / "control").write_text(render(fields))
        for name in METADATA:
            if (recipe / name).exists():
                shutil.copyfile(recipe / name, control / name)
                (control / name).chmod(0o755 if name in SCRIPTS else 0o644)
        conffiles = [entry.target for entry in entries if _is_conffile(root, entry)]
        if conffiles:
            (control / "conffiles").write_text("".join(f"/{target}\n" for target in conffiles))
        for path in root.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)
        partial = Path(folder) / deb.name
        run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, partial])
        deb.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(partial, deb.with_suffix(".partial"))
        deb.with_suffix(".partial").replace(deb)


def _is_conffile(root: Path, entry: Entry) -> bool:
    """Links (of masked units) are none: dpkg puts a conffile in its place late, when the package is configured."""
    return entry.target.startswith("etc/") and not (root / entry.target).is_symlink()


def _place(entry: Entry, sources: Sources, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if entry.source == "@keyring":
        target.write_bytes(sources.keyring)
    elif entry.source.startswith("@debian/"):
        package, _, path = entry.source[len("@debian/") :].partition("/")
        target.write_bytes(sources.debian_file(package, path))
    elif entry.local().is_symlink():
        target.symlink_to(os.readlink(entry.local()))
        return
    else:
        shutil.copy2(entry.local(), target)
    target.chmod(entry.mode)
