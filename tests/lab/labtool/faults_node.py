"""Faults of a node as a machine: its power, its disk, its package manager."""

from __future__ import annotations

import posixpath

from . import node
from .fault import NODE, Argument, Fault, Spec, in_node, script_in_node
from .settings import Lab, LabError

DPKG_LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock")
APT_UNIT = "lab-fault-apt-locked.service"
HOLD_LOCKS = """
import fcntl, os, signal, socket, sys
held = [open(name, "a") for name in sys.argv[1:]]
for lock in held:
    fcntl.lockf(lock, fcntl.LOCK_EX)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
    systemd.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
signal.pause()
"""

DISK_LIMIT_MIB = 512
"""A full disk lies in the host's memory, so it is made over folders that hold no more than this."""
DISK_FILLER = ".lab-full-disk"
FILL = f"""
path=$1 below=$2
test -d "$path"
used=$(du -sm "$path" | cut -f1)
if [ "$used" -gt {DISK_LIMIT_MIB} ]; then
    echo "$path holds $used MiB, a full disk is made over {DISK_LIMIT_MIB} MiB at most: name a folder below it" >&2
    exit 1
fi
mkdir -p "$below"
mount --bind "$path" "$below"
mount --make-private "$below"
mount -t tmpfs -o "size=$((used + 8))m" lab-full-disk "$path"
chown --reference="$below" "$path"
chmod --reference="$below" "$path"
cp -a "$below/." "$path/"
cat /dev/zero > "$path/{DISK_FILLER}" 2>/dev/null || test "$(stat -f -c %a "$path")" = 0
"""
EMPTY = f"""
path=$1 below=$2
mountpoint -q "$below" || exit 0
if [ "$(stat -f -c %T "$path")" = tmpfs ]; then
    rm -f "$path/{DISK_FILLER}"
    users=$(fuser -m "$path" 2>/dev/null || true)
    units=$(for pid in $users; do ps -o unit= -p "$pid"; done | sort -u)
    if [ -n "$units" ]; then systemctl stop $units; fi
    find "$below" -xdev -mindepth 1 -delete
    cp -a "$path/." "$below/"
    umount "$path"
    if [ -n "$units" ]; then systemctl start $units; fi
fi
umount "$below"
rmdir "$below"
"""


def _cut_power(lab: Lab, spec: Spec) -> None:
    node.power_off(lab, spec["node"])


def _power_returns(_: Lab, __: Spec) -> None:
    """Nothing is left to do: `heal` boots the nodes of all faults inside nodes before it undoes them."""


def _lock_apt(lab: Lab, spec: Spec) -> None:
    service = ["systemd-run", "--quiet", "--collect", f"--unit={APT_UNIT}", "--property=Type=notify"]
    in_node(lab, spec, [*service, "/usr/bin/python3", "-c", HOLD_LOCKS, *DPKG_LOCKS])


def _unlock_apt(lab: Lab, spec: Spec) -> None:
    stop_unit(lab, spec, APT_UNIT)


def stop_unit(lab: Lab, spec: Spec, unit: str) -> None:
    """Stop a unit made by systemd-run; one that has ended is no longer known to systemd."""
    script_in_node(lab, spec, 'if systemctl -q is-active "$1"; then systemctl stop "$1"; fi', unit)


def _absolute(_: Lab, spec: Spec) -> Spec:
    if not posixpath.isabs(spec["path"]) or posixpath.normpath(spec["path"]) == "/":
        raise LabError(f"full-disk {spec['path']}: an absolute path below / is expected")
    return {**spec, "path": posixpath.normpath(spec["path"])}


def _below(spec: Spec) -> str:
    """Where the folder itself stays reachable while the full disk is mounted over it."""
    return "/run/lab-full-disk" + spec["path"].replace("/", "-")


def _fill(lab: Lab, spec: Spec) -> None:
    script_in_node(lab, spec, FILL, spec["path"], _below(spec))


def _empty(lab: Lab, spec: Spec) -> None:
    script_in_node(lab, spec, EMPTY, spec["path"], _below(spec))


PATH = Argument(
    "path",
    {
        "nargs": "?",
        "default": "/var/cache/apt/archives",
        "metavar": "PATH",
        "help": "folder whose file system is full (default: where apt downloads to)",
    },
)

FAULTS = (
    Fault("power-cut", "cut a node's power", (NODE,), _cut_power, _power_returns, inside=True),
    Fault("full-disk", "no room is left below a folder", (NODE, PATH), _fill, _empty, inside=True, complete=_absolute),
    Fault("apt-locked", "a process holds dpkg's locks", (NODE,), _lock_apt, _unlock_apt, inside=True),
)
