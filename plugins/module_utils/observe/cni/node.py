# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what a node has for the networks of pods. What is not installed yet is an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Completed, Reader
from ...model.cni.conflist import FIRST_STATUS, SUFFIXES, ConfFile, at_least, read_file
from ...model.cni.network import DesiredCni
from ...model.cni.node import (
    BIN_DIRS,
    CONF_DIR,
    PACKAGE,
    PACKAGED,
    SOCKET,
    CniNode,
    Program,
    RuntimeAnswer,
    runtime_answer,
)
from ...model.cni.preflight import SETTINGS
from ...model.network.interface import KernelRoute, Link
from ..debian.packages import installed_packages
from ..network.kernel import ROUTES, observe_links, parse_routes

RUNTIME, CRI = "cni_runtime", "cri_ask"
_RELEASE = re.compile(r"v?(\d+\.\d+\.\d+)")


def observe(reader: Reader, desired: DesiredCni) -> CniNode:
    """With what the wanted lists need."""
    found = look(reader, desired.types, desired.conf_dir, desired.bin_dirs, desired.socket)
    present = [name for name in desired.lists if name in found.files]
    archive = desired.archive
    unpacked = archive is not None and reader.digest(archive.path) == archive.sha256
    return replace(
        found,
        packaged=desired.package and PACKAGE in installed_packages(reader),
        unpacked=archive is not None and unpacked and _as_unpacked(reader, archive.path, desired.bin_dirs[0]),
        not_ready=_not_ready(reader, desired, [found.files[name] for name in present]),
        appended={one.name: reader.names(f"{desired.conf_dir}/{one.name}") for one in desired.lists.values()},
    )


def look(
    reader: Reader,
    types: Sequence[str] = (),
    conf_dir: str = CONF_DIR,
    bin_dirs: Sequence[str] = BIN_DIRS,
    socket: str = SOCKET,
) -> CniNode:
    """With the plugins of these types, and of all lists that are there."""
    names = [name for name in reader.names(conf_dir) if name.endswith(SUFFIXES)]
    files = {name: read_file(name, reader.read(f"{conf_dir}/{name}") or "") for name in names}
    held = [kind for one in files.values() if one.conflist for kind in one.conflist.types]
    links, routes = observe_links(reader), _routes(reader)
    return CniNode(
        files=files,
        programs=programs(reader, bin_dirs, tuple(dict.fromkeys((*types, *held)))),
        links=links,
        routes=routes,
        mtu=_way_out(links, routes),
        runtime=ask_runtime(reader, socket),
    )


def answered(done: Completed, what: str) -> Any:
    """The JSON that one of our programs printed."""
    if done.rc != 0:
        raise Unreadable(f"{what}: {done.stderr.strip()[-2000:]}.")
    return json.loads(done.stdout)


def ask_runtime(reader: Reader, socket: str) -> Optional[RuntimeAnswer]:
    """None where there is no runtime, or none that answers."""
    if reader.entry(socket) is None:
        return None
    return runtime_answer(answered(reader.program(CRI, socket), f"{socket} cannot be asked"))


def programs(reader: Reader, bin_dirs: Sequence[str], types: Sequence[str]) -> Mapping[str, Program]:
    if not types:
        return {}
    done = reader.program(RUNTIME, "versions", ":".join(bin_dirs), *types)
    told = answered(done, "the plugins cannot be asked")
    return {
        kind: Program(one["path"], tuple(one["versions"]), _release(reader, one["path"], one["banner"]))
        for kind, one in told.items()
    }


def _release(reader: Reader, path: str, banner: str) -> str:
    """Debian's programs do not know their own."""
    found = _RELEASE.search(banner)
    if found is None and path.startswith(f"{PACKAGED}/"):
        found = _RELEASE.match(installed_packages(reader).get(PACKAGE, ""))
    return found.group(1) if found else ""


def _routes(reader: Reader) -> tuple[KernelRoute, ...]:
    """A kernel without a family of addresses says nothing of its routes."""
    return tuple(route for command in ROUTES.values() for route in parse_routes(reader.run_json(*command) or ()))


def _way_out(links: Mapping[str, Link], routes: Sequence[KernelRoute]) -> int:
    defaults = sorted((route for route in routes if route.is_default), key=lambda route: route.metric)
    return next((links[route.interface].mtu for route in defaults if route.interface in links), 0)


def _as_unpacked(reader: Reader, archive: str, folder: str) -> bool:
    """Whether each program of it is there as it is in the archive."""
    return reader.run("tar", "--compare", "--gzip", f"--file={archive}", f"--directory={folder}").rc == 0


def _not_ready(reader: Reader, desired: DesiredCni, files: Sequence[ConfFile]) -> Mapping[str, str]:
    told: dict[str, str] = {}
    for one in files:
        if one.conflist is not None and at_least(one.conflist.version, FIRST_STATUS):
            path = f"{desired.conf_dir}/{one.name}"
            done = reader.program(RUNTIME, "status", ":".join(desired.bin_dirs), path)
            told.update(answered(done, f"nobody could be asked for the status of {path}"))
    return told


def settings(reader: Reader) -> Mapping[str, Optional[int]]:
    """What the kernel says that matters to pods; None for what it does not have."""
    texts = {name: (reader.read(f"/proc/sys/{name}") or "").strip() for name in SETTINGS}
    return {name: int(text) if text.isdigit() else None for name, text in texts.items()}
