# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what a node has been told of its GPUs for its next boot, and what it does with them now."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Optional

from ...engine.reader import Reader
from ...model.gpu.host import (
    CMDLINE,
    HELPER,
    HELPER_FILE,
    KNOWN,
    MODULES,
    PUT_DOWN,
    UNIT,
    UNIT_FILE,
    WANTS_BOOT,
    DesiredGpuHost,
    ObservedGpuHost,
)
from ...model.upgrade.kernel import Boot
from ..upgrade import kernel
from ..upgrade.node import BOOT_ID
from . import gpu

_MODPROBE = "/etc/modprobe.d"
_ENABLED = f"/etc/systemd/system/multi-user.target.wants/{UNIT}"
#: A line of grub.cfg that starts a kernel, without those for repairs.
_LINUX = re.compile(r"^\s*linux\S*\s+\S+(.*)$", re.MULTILINE)


def observe(reader: Reader, desired: Optional[DesiredGpuHost] = None) -> ObservedGpuHost:
    """``desired`` is not looked at: the node is read as it is."""
    boot = kernel.observe(reader)
    return ObservedGpuHost(
        gpus=gpu.observe(reader),
        boot=boot,
        boot_id=(reader.read(BOOT_ID) or "").strip(),
        files=dict(_files(reader)),
        lines=tuple(_lines(reader, boot)),
        put_down=_put_down(reader),
        helper=_helper(reader),
        enabled=reader.entry(_ENABLED) is not None,
    )


def _files(reader: Reader) -> Iterator[tuple[str, str]]:
    folders = {_MODPROBE: ".conf", kernel.SNIPPETS: ".cfg"}
    listed = [
        f"{folder}/{name}" for folder, end in folders.items() for name in reader.names(folder) if name.endswith(end)
    ]
    for path in (*listed, kernel.GRUB, CMDLINE, MODULES, UNIT_FILE, WANTS_BOOT, KNOWN):
        text = reader.read(path)
        if text is not None:
            yield path, text


def _lines(reader: Reader, boot: Boot) -> Iterator[str]:
    if boot.way == "systemd-boot":
        yield from (line for one in boot.partitions if one.present for line in one.options)
    elif boot.way == "grub-esp":
        yield from (line for one in boot.partitions if one.present for line in grub_lines(one.grub or ""))
    elif boot.way == "grub":
        yield from grub_lines(reader.read(kernel.GRUB_CFG) or "")


def grub_lines(text: str) -> list[str]:
    return [line.strip() for line in _LINUX.findall(text) if "single" not in line.split()]


def _put_down(reader: Reader) -> tuple[str, str]:
    text = reader.read(PUT_DOWN)
    said = {} if text is None else json.loads(text)
    return str(said.get("digest", "")), str(said.get("boot", ""))


def _helper(reader: Reader) -> Optional[bool]:
    """Asked only where it is installed."""
    if reader.entry(HELPER_FILE) is None:
        return None
    return reader.run("systemctl", "is-enabled", HELPER).stdout.strip() == "enabled"
