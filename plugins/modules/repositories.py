#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: repositories
short_description: Declare which package repositories of Proxmox VE and Ceph a node uses
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Brings the node's APT sources in line with one declaration, in the format of the node's release (deb822 on
    Proxmox VE 9, one line per entry before).
  - Entries are recognised by URI path, suite and component, in whatever file they stand. An entry that is already there
    is used where it is; one that is not wanted is switched off (by the field C(Enabled), or by a comment sign). All
    other entries and all comments stay byte for byte.
  - The enterprise entry that C(pve-manager) ships is switched off when there is no subscription, and put in place
    switched off before C(pve-manager) is installed, so that no C(apt-get update) ever fails because of it.
  - On a release with deb822 an entry of Proxmox in the one-line format is moved. It is written in the new format and
    switched off where it was, or removed if this module wrote it.
  - No key is ever trusted for all repositories; every entry that is written names its key.
  - The package lists are read when something changed, or when they are missing or older than O(lists_max_age).
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  subscription:
    description: Which packages of Proxmox VE. V(enterprise) needs a subscription key; V(test) is not for production.
    type: str
    choices: [enterprise, no-subscription, test]
    default: no-subscription
  ceph_release:
    description:
      - Release of Ceph, such as V(squid). Proxmox VE 7 offers octopus, pacific, quincy; 8 quincy, reef, squid;
        9 squid, tentacle (upstream C(PVE/Ceph/Releases.pm)). Another one is refused.
      - V(default) is squid on Proxmox VE 9 and 8, quincy on 7.
      - Not set, there is no entry for Ceph, and entries that exist stay (enterprise ones follow O(subscription)).
    type: str
  ceph_repository:
    description: Which packages of Ceph. Like O(subscription) when not set.
    type: str
    choices: [enterprise, no-subscription, test]
  proxmox_url:
    description: Base URL of the no-subscription and test repositories; a mirror has C(debian/pve) below it.
    type: str
    default: http://download.proxmox.com
  ceph_url:
    description:
      - Base URL of the no-subscription and test repositories of Ceph, for a mirror that has them elsewhere; there is
        C(debian/ceph-RELEASE) below it. O(proxmox_url) when not set.
    type: str
  enterprise_url:
    description: Base URL of the enterprise repositories.
    type: str
    default: https://enterprise.proxmox.com
  debian_url:
    description:
      - URL of a Debian mirror for Debian's own entries. Not set, they are not touched.
      - With it, the security suite is always there. It is switched on, or added, when no entry has it.
    type: str
  debian_security_url:
    description: URL of the security archive on that mirror. O(debian_url) with C(-security) when not set.
    type: str
  proxy:
    description: URL of the proxy that apt uses, without a password. Not set, a proxy set by this module is removed.
    type: str
  keyring_url:
    description: Where the repository key is fetched from; by default the mirror if there is one, else upstream.
    type: str
  keyring_sha256:
    description:
      - SHA-256 of that file. The one of upstream's key for the node's release when not set.
      - Not compared any more once the package C(proxmox-archive-keyring) owns the file.
      - A value other than upstream's stands for a mirror that signs with its own key. That key is kept in a file of its
        own and serves for everything but V(https://enterprise.proxmox.com).
    type: str
  lists_max_age:
    description: Read the package lists again when apt last did so more than this many days ago. V(0) for any age.
    type: int
    default: 0
  upgrade_to:
    description:
      - The release of Proxmox VE whose packages the node gets next, one above its own. All entries of Debian and of
        Proxmox then name that release, together. V(0) for the node's own release.
      - For the short time of an upgrade only (C(upgrade_release.yml)).
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Use the free repositories of Proxmox VE and of Ceph Squid
  baremetal.virt.repositories:
    subscription: no-subscription
    ceph_release: squid

- name: The same from a mirror with a key of its own
  baremetal.virt.repositories:
    ceph_release: squid
    proxmox_url: http://mirror.example.org/proxmox
    debian_url: http://mirror.example.org/debian
    keyring_sha256: 136673be77aba35dcce385b28737689ad64fd785a797e57897589aed08db6e45
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample:
    - >-
      change /etc/apt/sources.list.d/pve-enterprise.sources: switch off deb https://enterprise.proxmox.com/debian/pve
      trixie pve-enterprise
    - read the package lists (apt-get update)
steps:
  description: The same steps for programs.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about, such as V(data) or V(packages).
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
    seconds:
      description: How long the step took, in seconds. Only of a step that was carried out.
      type: float
destructive:
  description: The ids of the steps that destroy something.
  returned: always
  type: list
  elements: str
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.debian.repositories import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.model.debian.release import CHANNELS, NO_SUBSCRIPTION
from ..module_utils.model.debian.repositories import ENTERPRISE_URL, PROXMOX_URL
from ..module_utils.observe.debian.repositories import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="repositories",
    argument_spec={
        "subscription": {"type": "str", "choices": list(CHANNELS), "default": NO_SUBSCRIPTION},
        "ceph_release": {"type": "str"},
        "ceph_repository": {"type": "str", "choices": list(CHANNELS)},
        "proxmox_url": {"type": "str", "default": PROXMOX_URL},
        "ceph_url": {"type": "str"},
        "enterprise_url": {"type": "str", "default": ENTERPRISE_URL},
        "debian_url": {"type": "str"},
        "debian_security_url": {"type": "str"},
        "proxy": {"type": "str"},
        "keyring_url": {"type": "str", "no_log": False},
        "keyring_sha256": {"type": "str", "no_log": False},
        "lists_max_age": {"type": "int", "default": 0},
        "upgrade_to": {"type": "int", "default": 0},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
