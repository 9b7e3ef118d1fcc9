# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read all that a node alone can tell before its upgrade. Asked only for that: much of it costs a process."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.upgrade.hold import marker_path
from ...model.upgrade.node import NEEDED_SPACE, WANTED_BOOTS, ObservedUpgrade
from ..cluster import cluster, running
from ..debian.packages import installed_packages
from ..guest import ha
from ..guest import running as processes
from ..network import network
from . import kernel, packages, upgraders

BOOT_ID = "/proc/sys/kernel/random/boot_id"
SPACE = ("df", "--block-size=1", "--output=avail,target", *NEEDED_SPACE)
BOOT_DEVICES = ("debconf-show", "grub-pc")
NETWORKING = ("systemctl", "is-enabled", "networking.service")
CLOCK = ("chronyc", "-c", "tracking")
_DEVICES = re.compile(r"^[* ] grub-pc/install_devices: (.+)$", re.MULTILINE)


def observe(reader: Reader) -> ObservedUpgrade:
    member = cluster.observe(reader)
    installed = installed_packages(reader)
    return ObservedUpgrade(
        name=member.host.name,
        boot_id=(reader.read(BOOT_ID) or "").strip(),
        packages=packages.observe(reader),
        boot=kernel.observe(reader),
        network=network.observe(reader),
        upgraders=upgraders.observe(reader),
        old=_old(reader),
        space=_space(reader),
        boot_devices=_boot_devices(reader) if "grub-pc" in installed else {},
        network_starts=_network_starts(reader),
        clock=parse_clock(reader.run(*CLOCK).stdout),
        running=running.observe(reader),
        same_config=member.same_config,
        names={one.nodeid: one.name for one in member.members},
        guests=processes.observe(reader),
        marked=reader.read(marker_path(member.host.name)) is not None,
        master=ha.manager_status(reader).get("master_node") == member.host.name,
        wanted=_wanted(reader),
    )


def _wanted(reader: Reader) -> tuple[str, ...]:
    texts = (reader.read(f"{WANTED_BOOTS}/{name}") or "" for name in reader.names(WANTED_BOOTS))
    return tuple(line for text in texts for line in text.splitlines() if line)


def _old(reader: Reader) -> Mapping[str, tuple[str, ...]]:
    done = reader.program("old_binaries")
    if done.rc != 0:
        raise Unreadable(f"Nobody can tell what runs old programs here: {done.stderr.strip()[-500:]}.")
    return {unit: tuple(files) for unit, files in json.loads(done.stdout).items()}


def _space(reader: Reader) -> dict[str, tuple[str, int]]:
    """All or nothing: of a directory that is missing df has no row, and the next one would stand in its place."""
    done = reader.run(*SPACE)
    if done.rc != 0:
        raise Unreadable(f"df does not tell how much room there is: {done.stderr.strip()}.")
    return parse_space(done.stdout)


def parse_space(text: str) -> dict[str, tuple[str, int]]:
    """Directory → (mount point, free bytes) from df, which answers in the order of the question."""
    rows = [line.split(None, 1) for line in text.splitlines()[1:]]
    return {path: (target, int(free)) for path, (free, target) in zip(NEEDED_SPACE, rows)}


def _boot_devices(reader: Reader) -> dict[str, bool]:
    found = _DEVICES.search(reader.run(*BOOT_DEVICES).stdout)
    devices = found[1].split(",") if found else []
    return {device.strip(): reader.entry(device.strip()) is not None for device in devices if device.strip()}


def _network_starts(reader: Reader) -> Optional[bool]:
    return {"enabled": True, "disabled": False, "masked": False}.get(reader.run(*NETWORKING).stdout.strip())


def parse_clock(text: str) -> Optional[float]:
    """``chronyc -c tracking``: the fifth field is how far the clock is from the time that chrony knows."""
    fields = text.strip().split(",")
    return abs(float(fields[4])) if len(fields) > 5 else None
