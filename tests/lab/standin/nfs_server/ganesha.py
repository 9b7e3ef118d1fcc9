"""Turns the table of exports that exportfs keeps into a configuration of NFS-Ganesha, and hands it to the server.

The kernel of a lab may have no NFS server. Debian's own exportfs does not mind: it keeps /var/lib/nfs/etab all the
same. This program is what stands between that table and the server in user space.

    ganesha.py write     write the configuration
    ganesha.py follow    write it whenever the table changes, and make the server read it again
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
import re
import signal
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ETAB = Path("/var/lib/nfs/etab")
CONFIGURATION = Path("/run/nfs-server/ganesha.conf")
PID_FILE = Path("/run/nfs-server/ganesha.pid")

HEAD = """NFS_CORE_PARAM {
\tEnable_NLM = false;
\tEnable_RQUOTA = false;
\tallow_set_io_flusher_fail = true;
}
NFSV4 {
\tGraceless = true;
\tOnly_Numeric_Owners = true;
}
"""

IN_CLOSE_WRITE, IN_MOVED_TO = 0x8, 0x80

MAX_EXPORT_ID = 65534
ACCESS = {True: "RW", False: "RO"}


@dataclass(frozen=True)
class Client:
    """One client of an export and what it may do."""

    who: str
    writable: bool
    squash: str
    anonymous_uid: int
    anonymous_gid: int
    privileged_port: bool


def parse_etab(text: str) -> dict[str, list[Client]]:
    """Path -> clients, in the order of the table."""
    exports: dict[str, list[Client]] = {}
    for line in text.splitlines():
        path, separator, client = line.partition("\t")
        if separator:
            exports.setdefault(unescape(path), []).append(parse_client(client))
    return exports


def unescape(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), path)


def parse_client(text: str) -> Client:
    """`10.0.0.0/24(rw,sync,...)`: exportfs writes every option out."""
    who, _, rest = text.partition("(")
    options = rest.rstrip(")").split(",")
    values = dict(option.split("=", 1) for option in options if "=" in option)
    return Client(
        who=who,
        writable="rw" in options,
        squash=_squash(options),
        anonymous_uid=int(values["anonuid"]),
        anonymous_gid=int(values["anongid"]),
        privileged_port="secure" in options,
    )


def _squash(options: list[str]) -> str:
    if "all_squash" in options:
        return "All_Squash"
    return "No_Root_Squash" if "no_root_squash" in options else "Root_Squash"


def specificity(client: Client) -> int:
    """exports(5): a host goes before a network, a network before a wildcard; Ganesha takes the first that matches."""
    if client.who in ("*", ""):
        return 3
    try:
        network = ipaddress.ip_network(client.who, strict=False)
    except ValueError:
        return 1 if client.who.startswith("@") or "*" in client.who or "?" in client.who else 0
    return 0 if network.num_addresses == 1 else 2


def render(exports: dict[str, list[Client]]) -> str:
    """The whole configuration. Export 0 is left to Ganesha, which makes the NFSv4 root itself."""
    numbers = export_ids(exports)
    return "".join([HEAD, *(_export(numbers[path], path, clients) for path, clients in sorted(exports.items()))])


def export_ids(paths: Iterable[str]) -> dict[str, int]:
    """A number for every path that stays its number when others come and go: Ganesha tells exports apart by it."""
    taken: dict[int, str] = {}
    for path in sorted(paths):
        number = zlib.crc32(path.encode()) % MAX_EXPORT_ID + 1
        while number in taken:
            number = number % MAX_EXPORT_ID + 1
        taken[number] = path
    return {path: number for number, path in taken.items()}


def _export(number: int, path: str, clients: list[Client]) -> str:
    blocks = "".join(_client(client) for client in sorted(clients, key=specificity))
    quoted = path.replace('"', '\\"')
    return (
        f'EXPORT {{\n\tExport_Id = {number};\n\tPath = "{quoted}";\n\tPseudo = "{quoted}";\n'
        "\tProtocols = 3, 4;\n\tAccess_Type = None;\n\tSecType = sys;\n"
        f"\tFSAL {{\n\t\tName = VFS;\n\t}}\n{blocks}}}\n"
    )


def _client(client: Client) -> str:
    return (
        f"\tCLIENT {{\n\t\tClients = {client.who or '*'};\n\t\tAccess_Type = {ACCESS[client.writable]};\n"
        f"\t\tSquash = {client.squash};\n\t\tAnonymous_Uid = {client.anonymous_uid};\n"
        f"\t\tAnonymous_Gid = {client.anonymous_gid};\n"
        f"\t\tPrivilegedPort = {str(client.privileged_port).lower()};\n\t}}\n"
    )


def write() -> bool:
    """Write the configuration of what is exported now; says whether it is another one."""
    text = render(parse_etab(ETAB.read_text() if ETAB.exists() else ""))
    if CONFIGURATION.exists() and CONFIGURATION.read_text() == text:
        return False
    partial = CONFIGURATION.with_suffix(".new")
    partial.write_text(text)
    partial.replace(CONFIGURATION)
    return True


def changes(folder: Path) -> Iterator[None]:
    """Yields once at the start, then whenever files of the folder have been written or renamed."""
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init()
    if queue < 0 or libc.inotify_add_watch(queue, str(folder).encode(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), str(folder))
    while True:
        yield
        os.read(queue, 65536)


def follow() -> None:
    for _ in changes(ETAB.parent):
        if write():
            os.kill(int(PID_FILE.read_text()), signal.SIGHUP)


if __name__ == "__main__":
    {"write": write, "follow": follow}[sys.argv[1]]()
