# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a machine is known by from inside, as its agent reads it; a copy that was not prepared has its source's."""

from __future__ import annotations

from dataclasses import dataclass

MACHINE_ID = "/etc/machine-id"
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub"


@dataclass(frozen=True)
class Inside:
    """Empty where there is no such file. ``silence``: why nothing is known."""

    machine_id: str = ""
    host_key: str = ""
    silence: str = ""


def key_of(line: str) -> str:
    """Without its comment, in which the name of the machine stands."""
    return " ".join(line.split()[:2])
