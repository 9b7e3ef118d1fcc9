# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read whether a node is ready for a release: run upstream's checker, and look where it does not look.

The checker takes minutes where there are many guests: with ``--full`` it mounts containers that are off, and it
activates storages. So it is asked here alone, and never in the look with which every run begins.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.debian.release import Release
from ...model.upgrade.checker import CheckerReport, parse_report
from ...model.upgrade.release_check import ObservedReleaseCheck, RrdSpace
from ...model.upgrade.release_ssh import SSHD_CONFIG, SshdLine, matching, parse_sshd
from ..debian.packages import installed_packages
from ..debian.repositories import observe as observe_repositories
from ..node.host import observe as observe_host

MEASUREMENTS = "/var/lib/rrdcached/db"
_NOT_INSTALLED = 127


def observe(reader: Reader, release: Release, full: bool) -> ObservedReleaseCheck:
    """``release``: the one that the node is to get."""
    host = observe_host(reader)
    return ObservedReleaseCheck(
        node=host.name,
        codename=host.codename,
        report=_checked(reader, release, full),
        old=_old(reader, release),
        sshd=_sshd(reader),
        files=observe_repositories(reader).files,
        space=_space(reader, release),
        sshd_says=_tried(reader) if host.codename == release.codename else "",
    )


def _tried(reader: Reader) -> str:
    """The configuration may be refused by the very daemon that is to be started with it."""
    done = reader.run("/usr/sbin/sshd", "-t")
    return "" if done.rc == 0 else (done.stderr.strip() or f"exit code {done.rc}")


def _checked(reader: Reader, release: Release, full: bool) -> Optional[CheckerReport]:
    done = reader.run(release.checker, *(["--full"] if full else []))
    return None if done.rc == _NOT_INSTALLED else parse_report(done.stdout)


def _old(reader: Reader, release: Release) -> dict[str, tuple[str, str]]:
    packages = installed_packages(reader)
    found = {name: (packages.get(name, ""), least) for name, least in release.needs_before.items()}
    return {name: pair for name, pair in found.items() if not pair[0] or not _at_least(reader, *pair)}


def _at_least(reader: Reader, version: str, least: str) -> bool:
    """dpkg's own order of versions: 0 for yes, 1 for no."""
    done = reader.run("dpkg", "--compare-versions", version, "ge", least)
    if done.rc not in (0, 1):
        raise Unreadable(f"dpkg does not compare {version} with {least}: {done.stderr.strip()}.")
    return done.rc == 0


def _sshd(reader: Reader) -> tuple[SshdLine, ...]:
    """The configuration with all that it includes, each file once."""
    found: dict[str, list[SshdLine]] = {}
    waiting = [SSHD_CONFIG]
    while waiting:
        path = waiting.pop(0)
        text = None if path in found else reader.read(path)
        if text is not None:
            found[path] = list(parse_sshd(path, text))
            patterns = [pattern for line in found[path] for pattern in line.included]
            waiting += [
                one for pattern in patterns for one in matching(pattern, reader.names(posixpath.dirname(pattern)))
            ]
    return tuple(line for lines in found.values() for line in lines)


def _space(reader: Reader, release: Release) -> RrdSpace:
    used: Mapping[str, int] = {name: _size(reader, f"{MEASUREMENTS}/{name}") for name in release.rrd_growth}
    words = (
        reader.run("df", "--output=avail", "--block-size=1", MEASUREMENTS).stdout.split() if any(used.values()) else []
    )
    return RrdSpace(used, int(words[1]) if len(words) == 2 else None)


def _size(reader: Reader, path: str) -> int:
    """0 where there is none, as on a node that has never measured anything."""
    words = reader.run("du", "--summarize", "--block-size=1", path).stdout.split()
    return int(words[0]) if words else 0
