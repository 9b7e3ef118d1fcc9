# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""nfs.conf(5) as far as it concerns the kernel's server: how many threads it has and which versions it speaks.

nfs-utils reads /etc/nfs.conf and then /etc/nfs.conf.d/*.conf in the order of their names; the last word counts. The
server takes a new number of threads while it runs, other versions only when it starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

FOLDER = "/etc/nfs.conf.d"
SETTINGS_FILE = f"{FOLDER}/baremetal_virt.conf"
VERSIONS = ("3", "4.0", "4.1", "4.2")
_HEADER = "# Managed by baremetal.virt.nfs_server: changes made here are replaced."
_TRUE = frozenset(("1", "t", "true", "y", "yes", "on"))


@dataclass(frozen=True)
class Settings:
    """None: not mentioned, or not known."""

    threads: Optional[int] = None
    versions: Optional[frozenset[str]] = None


@dataclass(frozen=True)
class ObservedSettings:
    """``managed``: text of the managed file (None: no file). ``overriding``: file that is read later → its options.

    ``running``: what the kernel's server does now. ``supported``: this release of nfs-utils reads nfs.conf.
    """

    managed: Optional[str] = None
    overriding: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    running: Settings = Settings()
    supported: bool = True


def render_settings(settings: Settings) -> Optional[str]:
    """The managed file; None when nothing is to be said."""
    options = as_options(settings)
    if not options:
        return None
    return "\n".join([_HEADER, "[nfsd]", *(f"{key}={value}" for key, value in options.items())]) + "\n"


def as_options(settings: Settings) -> dict[str, str]:
    """The options of the section ``nfsd`` that say it."""
    options = {} if settings.threads is None else {"threads": str(settings.threads)}
    if settings.versions is not None:
        options["vers3"] = _flag("3" in settings.versions)
        options["vers4"] = _flag(bool(settings.versions - {"3"}))
        options.update({f"vers{version}": _flag(version in settings.versions) for version in VERSIONS[1:]})
    return options


def settings_of(options: Mapping[str, str]) -> Settings:
    """What these options of the section ``nfsd`` settle; the inverse of ``as_options``."""
    threads = options.get("threads", "")
    spoken = frozenset(version for version in VERSIONS if options.get(f"vers{version}") == _flag(True))
    any_version = any(f"vers{version}" in options for version in VERSIONS)
    return Settings(int(threads) if threads.isdecimal() else None, spoken if any_version else None)


def parse_nfsd(text: str) -> dict[str, str]:
    """The options of the section ``nfsd``; names and flags in one spelling."""
    section, options = "", {}
    for line in (line.strip() for line in text.split("\n")):
        if line.startswith("["):
            section = line.strip("[] ").lower()
        elif section == "nfsd" and "=" in line and not line.startswith(("#", ";")):
            key, dummy, value = (part.strip() for part in line.partition("="))
            name = key.lower()
            options[name] = _flag(value.lower() in _TRUE) if name.startswith("vers") else value
    return options


def running_settings(threads: Optional[str], versions: Optional[str]) -> Settings:
    """From the files ``threads`` and ``versions`` in /proc/fs/nfsd; nothing is known of a server that has none."""
    if threads is None or not threads.strip().isdecimal() or int(threads) == 0:
        return Settings()
    return Settings(int(threads), None if versions is None else _spoken(versions.split()))


def shown(versions: frozenset[str]) -> str:
    return ", ".join(sorted(versions)) or "none"


def _spoken(words: list[str]) -> frozenset[str]:
    """``-2 +3 +4 +4.1 +4.2``: 4.0 is spoken with 4 unless it is taken away."""
    spoken = {word[1:] for word in words if word.startswith("+")}
    if "4" in spoken and "-4.0" not in words:
        spoken.add("4.0")
    return frozenset(spoken & set(VERSIONS))


def _flag(value: bool) -> str:
    return "y" if value else "n"
