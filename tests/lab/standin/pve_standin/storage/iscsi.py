"""Type iscsi: sessions with a target, through open-iscsi, whose LUNs are volumes.

They can be used on nodes with a kernel of their own. The others have no iscsid, and every target is out of reach.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import CommandFailed, run
from pve_standin.storage.backend import Backend
from pve_standin.storage.trees import Usage
from pve_standin.storage.volumes import Volume

ISCSIADM = "/usr/bin/iscsiadm"
PORT = 3260
TIMEOUT = 2
_SESSION = re.compile(r"^tcp:\s+\[(\d+)\]\s+(\S+:\d+),\S+\s+(\S+)")
_TARGET = re.compile(r"^(\S+:\d+),\S+\s+(\S+)\s*$")
_LUN = re.compile(r"^\d+\.\d+\.\d+\.([^/\s]+)$")
_SESSIONS = Path("/sys/class/iscsi_session")
_DEVICES = Path("/sys/bus/scsi/devices")
_BY_ID = Path("/dev/disk/by-id")
_DISK = "0"


@dataclass(frozen=True)
class Session:
    """A session of this node, by number and portal."""

    number: int
    portal: str


class IscsiBackend(Backend):
    """A target; nothing is allocated on it."""

    @property
    def target(self) -> str:
        return str(self.storage["target"])

    def activate(self) -> None:
        mine = sessions().get(self.target, [])
        portals = known_portals(self.target) or [str(self.storage["portal"])]
        if not any(logged_in(session) for session in mine) and not any(answers(portal) for portal in portals):
            raise ApiError(500, f"storage '{self.name}' is not online")
        if mine and set(portals) <= {session.portal for session in mine}:
            self._warning(lambda: [adm("--mode", "session", "--sid", str(one.number), "--rescan") for one in mine])
        else:
            self._warning(lambda: login(self.target, portals))
        run(["/usr/bin/udevadm", "settle", "--timeout=30"], check=False)

    @staticmethod
    def _warning(action: Callable[[], object]) -> None:
        """What fails here is only printed: the status tells whether there is a session."""
        try:
            action()
        except CommandFailed as error:
            print(f"{error.result.stderr.strip()}\n{error}", file=sys.stderr, flush=True)

    def usage(self) -> Usage | None:
        return Usage(0, 0, 0) if self.target in sessions() else None

    def volumes(self) -> list[Volume]:
        return [
            Volume(f"{self.name}:{name}", "images", "raw", size, vmid=0) for name, size in luns(self.target).items()
        ]

    def alloc(self, vmid: int, name: str | None, form: str | None, size_kib: int) -> str:
        raise ApiError(500, "can't allocate space in iscsi storage")

    def free(self, volume: str) -> None:
        raise ApiError(500, "can't free space in iscsi storage")

    def path(self, volume: str) -> str:
        match = _LUN.match(volume)
        if match is None:
            raise ApiError(500, f"unable to parse iscsi volume name '{volume}'")
        return str(_BY_ID / match.group(1))


def adm(*words: str) -> str:
    if not os.access(ISCSIADM, os.X_OK):
        raise ApiError(500, "error: no iscsi support - please install open-iscsi")
    return run([ISCSIADM, *words]).stdout


def sessions() -> dict[str, list[Session]]:
    """The sessions of this node by target."""
    try:
        return parse_sessions(adm("--mode", "session"))
    except CommandFailed as error:
        if "No active sessions" in error.result.stderr:
            return {}
        raise ApiError(500, f"iscsi session scan failed: {error.result.stderr.strip()}") from error


def parse_sessions(text: str) -> dict[str, list[Session]]:
    found: dict[str, list[Session]] = {}
    for match in filter(None, map(_SESSION.match, text.splitlines())):
        found.setdefault(match.group(3), []).append(Session(int(match.group(1)), match.group(2)))
    return found


def logged_in(session: Session) -> bool:
    state = _SESSIONS / f"session{session.number}" / "state"
    return state.exists() and state.read_text().strip() == "LOGGED_IN"


def answers(portal: str) -> bool:
    """Does something listen there?"""
    try:
        with socket.create_connection(address_of(portal), timeout=TIMEOUT):
            return True
    except OSError:
        return False


def address_of(portal: str) -> tuple[str, int]:
    """Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`."""
    match = re.match(r"^\[([^]]+)\](?::(\d+))?$", portal) or re.match(r"^([^:]+)(?::(\d+))?$", portal)
    return (match.group(1), int(match.group(2) or PORT)) if match else (portal, PORT)


def parse_targets(text: str) -> dict[str, list[str]]:
    """What `iscsiadm` prints of targets it knows or discovers: target → portals."""
    found: dict[str, list[str]] = {}
    for match in filter(None, map(_TARGET.match, text.splitlines())):
        found.setdefault(match.group(2), []).append(match.group(1))
    return found


def known_portals(target: str) -> list[str]:
    """The portals of a target that this node has logged in to before."""
    try:
        return parse_targets(adm("--mode", "node")).get(target, [])
    except CommandFailed:
        return []  # no record yet


def discover(portals: list[str]) -> dict[str, list[str]]:
    """The targets that the first of the portals offers which answers."""
    for portal in filter(answers, portals):
        try:
            found = parse_targets(adm("--mode", "discovery", "--type", "sendtargets", "--portal", portal))
        except CommandFailed as error:
            print(f"{error.result.stderr.strip()}\n{error}", file=sys.stderr, flush=True)
            continue
        if found:
            return found
    return {}


def login(target: str, portals: list[str]) -> None:
    discover(portals)
    this = ("--mode", "node", "--targetname", target)
    adm(*this, "--op", "update", "--name", "node.session.initial_login_retry_max", "--value", "0")
    adm(*this, "--login")


def luns(target: str) -> dict[str, int]:
    """The disks of a target as volumes: name → bytes."""
    stable = {
        os.path.basename(os.readlink(str(link))): link.name
        for link in sorted(_BY_ID.iterdir() if _BY_ID.is_dir() else [])
        if link.name.startswith("scsi-") and not re.search(r"-part\d+$", link.name)
    }
    return {
        f"{address.replace(':', '.')}.{stable[disk]}": int(Path(f"/sys/block/{disk}/size").read_text()) * 512
        for address, disk in _disks(target)
        if disk in stable
    }


def _disks(target: str) -> Iterator[tuple[str, str]]:
    """`channel:id:lun` and kernel name of each disk of a target."""
    for session in _SESSIONS.glob("session*"):
        if (session / "targetname").read_text().strip() != target:
            continue
        for found in (session / "device").glob("target*:*"):
            host = found.name[len("target") :].partition(":")[0]
            for device in _DEVICES.glob(f"{host}:*"):
                blocks = sorted((device / "block").glob("*"))
                if blocks and (device / "type").read_text().strip() == _DISK:
                    yield device.name.partition(":")[2], blocks[0].name
