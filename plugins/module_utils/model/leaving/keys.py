# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nodes have in the files that all of them share for ssh, and those files without it.

Upstream: PVE/SSHInfo.pm and PVE/CLI/pvecm.pm in pve-cluster; sshd(8) for the formats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

AUTHORIZED_KEYS = "/etc/pve/priv/authorized_keys"
KNOWN_HOSTS = "/etc/pve/priv/known_hosts"


@dataclass(frozen=True)
class WithoutRootOf:
    """authorized_keys without the nodes' own keys, which Proxmox VE makes with the comment root@NODE.

    A file in which no key would be left stays as it is.
    """

    nodes: tuple[str, ...]

    def __call__(self, text: str) -> str:
        names = "|".join(map(re.escape, self.nodes))
        owner = re.compile(rf"\sroot@(?:{names})(?:\.\S+)?\s*$")
        kept = [line for line in text.splitlines(keepends=True) if not owner.search(line)]
        return "".join(kept) if any(line.strip() and not line.startswith("#") for line in kept) else text


@dataclass(frozen=True)
class WithoutHosts:
    """known_hosts without lines of these names, or with one of these keys (type and key), whatever name they carry."""

    nodes: tuple[str, ...]
    keys: frozenset[str] = frozenset()

    def __call__(self, text: str) -> str:
        return "".join(line for line in text.splitlines(keepends=True) if not self._is_theirs(line))

    def _is_theirs(self, line: str) -> bool:
        words = line.split()
        if len(words) < 3 or words[0].startswith(("#", "@")):
            return False
        return bool(set(self.nodes) & set(words[0].split(","))) or " ".join(words[1:3]) in self.keys
