# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""cloud-init, as far as it undoes at a boot what a node needs: it writes /etc/hosts anew, and names the host.

Upstream: cloud-init's modules "Update Etc Hosts" and "Update Hostname", which run at every boot, and the order of its
configuration: files of the system by name, then what vendor and user gave for the instance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CONFIG = "/etc/cloud/cloud.cfg"
DIRECTORY = "/etc/cloud/cloud.cfg.d"
#: With this file cloud-init does nothing at all.
DISABLED = "/etc/cloud/cloud-init.disabled"
#: Read after every other file there.
OWN = f"{DIRECTORY}/zz-baremetal-virt.cfg"

MANAGE_HOSTS = "manage_etc_hosts"
PRESERVE_NAME = "preserve_hostname"
_SETTING = re.compile(rf"^({MANAGE_HOSTS}|{PRESERVE_NAME})\s*:\s*[\"']?([\w-]*)", re.MULTILINE)
_TRUE = ("true", "1", "on", "yes")
_HEADER = "# Made by Ansible: the name of a node of Proxmox VE and its address in /etc/hosts stay as they are.\n"


@dataclass(frozen=True)
class CloudInit:
    """``system``: path → settings, in the order in which cloud-init reads the files, of which the last counts.

    ``instance``: what vendor or user gave for this instance; it goes before all of them. Empty where cloud-init is not
    installed, or disabled.
    """

    system: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    instance: Mapping[str, str] = field(default_factory=dict)

    def setting(self, key: str) -> str:
        told = [settings[key] for settings in self.system.values() if key in settings]
        return self.instance.get(key, told[-1] if told else "")

    @property
    def writes_hosts(self) -> bool:
        """Both from its template and for localhost alone, the name of the host then resolves to loopback."""
        return self.setting(MANAGE_HOSTS).lower() in (*_TRUE, "template", "localhost")

    @property
    def renames(self) -> bool:
        """Said in so many words; it is also what cloud-init does when nothing is said."""
        name = self.setting(PRESERVE_NAME).lower()
        return bool(name) and name not in _TRUE


def settings_in(text: str) -> dict[str, str]:
    """The settings at the top level of a cloud-config; of one that is there twice the last."""
    return dict(_SETTING.findall(text))


def own_file(cloud: CloudInit, keys: frozenset[str]) -> str:
    """The file that takes these two from cloud-init, or one of them, and what it has taken already."""
    taken = keys | cloud.system.get(OWN, {}).keys()
    return _HEADER + "".join(_lines(taken))


def _lines(keys: frozenset[str]) -> Iterator[str]:
    if MANAGE_HOSTS in keys:
        yield f"{MANAGE_HOSTS}: false\n"
    if PRESERVE_NAME in keys:
        yield f"{PRESERVE_NAME}: true\n"
