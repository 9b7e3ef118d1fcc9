# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Trust for one join over SSH: a key made for it, and the host keys of the lead; all for a minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KEY = "/root/.ssh/ansible-join"
PUBLIC_KEY = f"{KEY}.pub"
KNOWN_HOSTS = f"{KEY}.known_hosts"
#: Debian's ssh_config includes this folder first; the user's own files stay as they are.
CLIENT_CONFIG = "/etc/ssh/ssh_config.d/00-ansible-join.conf"
#: All that is made on the node that joins.
MADE_BY_JOINER = (KEY, PUBLIC_KEY, KNOWN_HOSTS, CLIENT_CONFIG)
AUTHORIZED_KEYS = "/root/.ssh/authorized_keys"
_MARK = "ansible-join"

Side = Literal["joiner", "lead"]
JOINER: Side = "joiner"
LEAD: Side = "lead"


@dataclass(frozen=True)
class DesiredTrust:
    """``side``: the joiner (with the address of the lead and its host keys) or the lead (with the joiner's key).

    ``addresses``: from where the key may log in.
    """

    side: Side
    node: str
    present: bool
    lead: str = ""
    host_keys: tuple[str, ...] = ()
    key: str = ""
    addresses: tuple[str, ...] = ()

    @property
    def comment(self) -> str:
        return f"{_MARK} {self.node}"

    @property
    def known_hosts(self) -> str:
        return "".join(f"{self.lead} {' '.join(key.split()[:2])}\n" for key in self.host_keys)

    @property
    def client_config(self) -> str:
        return (
            f"# For the join of {self.node}; removed when that is done.\n"
            f"Host {self.lead}\n"
            f"    IdentityFile {KEY}\n"
            "    IdentitiesOnly yes\n"
            f"    UserKnownHostsFile {KNOWN_HOSTS}\n"
            "    GlobalKnownHostsFile /dev/null\n"
            "    StrictHostKeyChecking yes\n"
        )

    @property
    def authorized_line(self) -> str:
        return f'restrict,from="{",".join(self.addresses)}" {" ".join(self.key.split()[:2])} {self.comment}\n'


@dataclass(frozen=True)
class ObservedTrust:
    """``files``: what is there of the joiner's.  ``authorized_path``: where root's authorized_keys really lies."""

    files: tuple[str, ...] = ()
    known_hosts: str = ""
    client_config: str = ""
    authorized_path: str = AUTHORIZED_KEYS
    authorized_keys: str = ""


def made_for_join(line: str, node: str = "") -> bool:
    """Whether this line of authorized_keys was made for a join (of this node, or of any)."""
    words = line.split()
    return len(words) > 1 and words[-2] == _MARK and node in ("", words[-1])


def without_joins(authorized_keys: str, node: str = "") -> str:
    return "".join(f"{line}\n" for line in authorized_keys.splitlines() if not made_for_join(line, node))
