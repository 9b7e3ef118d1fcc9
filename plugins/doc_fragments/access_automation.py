# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of modules that know the token which makes guests."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  automation:
    description:
      - A user, with a token and the least privileges that it takes to make, give out and remove guests. A
        later run adds and takes rights as this changes.
    type: dict
    suboptions:
      id:
        description:
          - Name of the user in the realm V(pve). Its token is called C(ID@pve!automation), and its roles
            begin with C(automation-ID-).
        type: raw
        required: true
      file:
        description:
          - File on the controller that gets the value of the token when it is created, with mode 0600. By
            default it lies in the folder for tokens.
        type: path
      pools:
        description:
          - Pools in which guests are made, and pools for their owners. Those that there are not are created.
            By default one that is called as O(automation.id).
        type: list
        elements: raw
      template_pools:
        description: Pools whose templates may be cloned.
        type: list
        elements: raw
        default: []
      storages:
        description: Storages for disks.
        type: list
        elements: raw
        default: []
      image_storages:
        description: Storages for images, which may be downloaded to them.
        type: list
        elements: raw
        default: []
      backup_storages:
        description: Storages for backups.
        type: list
        elements: raw
        default: []
      networks:
        description: Bridges such as V(vmbr0), and virtual networks as ZONE/VNET, that guests may be connected to.
        type: list
        elements: raw
        default: []
      groups:
        description: Groups whose members it may create, change and remove.
        type: list
        elements: raw
      ha:
        description: It may make guests highly available.
        type: bool
        default: false
      accounts:
        description: It may also do what a class needs besides its machines, accounts in O(automation.groups), pools and
          entries in O(automation.pools), and the end of it. For that it sees all accounts, entries, guests, pools and
          storages. It is no administrator, and makes no group and no role.
        type: bool
        default: false
"""
