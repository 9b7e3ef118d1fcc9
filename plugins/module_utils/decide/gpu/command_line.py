# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kernel's command line, written where the boot loader in use reads it, and looked for where it has arrived.

GRUB reads /etc/default/grub and then the files in grub.d, systemd-boot gets one line out of /etc/kernel/cmdline. Both
may be there; the other one has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...engine.plan import EditFile, Refusal, Run, Step, WriteFile
from ...model.gpu.host import CMDLINE, GRUB, ObservedGpuHost
from ...model.upgrade.kernel import Way
from .iommu import Parameters

_SETTING = re.compile(r"^\s*(?:export\s+)?GRUB_CMDLINE_LINUX(?:_DEFAULT)?=.*$", re.MULTILINE)
_GRUB_FILE = re.compile(r"/etc/default/grub(\.d/.*\.cfg)?")
_TELL: dict[Way, tuple[str, ...]] = {
    "grub": ("update-grub",),
    "grub-esp": ("proxmox-boot-tool", "refresh"),
    "systemd-boot": ("proxmox-boot-tool", "refresh"),
}


@dataclass(frozen=True)
class WithoutWord:
    """Takes a word out of the settings of GRUB, and out of nothing else there."""

    word: str

    def __call__(self, text: str) -> str:
        return _SETTING.sub(lambda found: _without(found.group(0), self.word), text)


def _without(line: str, word: str) -> str:
    return re.sub(rf"(?<=[\s\"'=]){re.escape(word)}(?=[\s\"']|$)[ \t]?", "", line)


def missing(observed: ObservedGpuHost, change: Parameters) -> Parameters:
    """What of this the boot loader has not been told yet."""
    lines = [line.split() for line in observed.lines]
    return Parameters(
        tuple(word for word in change.add if not all(word in line for line in lines)),
        tuple(word for word in change.remove if any(word in line for line in lines)),
    )


def steps(observed: ObservedGpuHost, change: Parameters, anew: bool) -> Iterator[Step]:
    """``anew``: boot partitions get new initial RAM disks in any case."""
    left = missing(observed, change)
    if left.add or left.remove:
        write = _systemd_boot if observed.boot.way == "systemd-boot" else _grub
        yield from write(observed, left)
    if left.add or left.remove or (anew and observed.boot.way != "grub"):
        argv = _TELL[observed.boot.way]
        yield Step("tell the boot loader", Run(argv, timeout=900), f"loader.update:{observed.boot.way}", "file")


def _grub(observed: ObservedGpuHost, left: Parameters) -> Iterator[Step]:
    for path, text in sorted(observed.files.items()):
        words = [word for word in left.remove if _GRUB_FILE.fullmatch(path) and WithoutWord(word)(text) != text]
        for word in words:
            yield Step(
                f"take {word} out of {path}", EditFile(path, WithoutWord(word)), f"file.edit:{path}:{word}", "file"
            )
    if left.add:
        text = f'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT {" ".join(left.add)}"\n'
        if observed.files.get(GRUB) != text:
            yield Step(
                f"add {' '.join(left.add)} to the kernel's command line",
                WriteFile(GRUB, text),
                f"file.write:{GRUB}",
                "file",
            )


def _systemd_boot(observed: ObservedGpuHost, left: Parameters) -> Iterator[Step]:
    words = observed.files.get(CMDLINE, "").split()
    kept = [word for word in words if word not in left.remove]
    new = [*kept, *(word for word in left.add if word not in kept)]
    if new != words:
        told = " and ".join([f"add {word}" for word in left.add] + [f"take away {word}" for word in left.remove])
        text = " ".join(new) + "\n"
        yield Step(f"{told} in {CMDLINE}", WriteFile(CMDLINE, text), f"file.write:{CMDLINE}", "file")


def refuse(observed: ObservedGpuHost, change: Parameters) -> Iterator[Refusal]:
    """Nothing is written where nobody can tell how it is read."""
    left = missing(observed, change)
    if not left.add and not left.remove:
        return
    if not observed.lines:
        yield Refusal(
            "The boot loader shows no command line of a kernel.", "Look at its menu: proxmox-boot-tool status."
        )
    text = observed.files.get(CMDLINE)
    if observed.boot.way == "systemd-boot" and (text is None or len(text.strip().splitlines()) != 1):
        what = "is not there" if text is None else "does not have one line"
        yield Refusal(
            f"{CMDLINE} {what}, and systemd-boot starts kernels with it.", "Write the command line there, as one line."
        )
