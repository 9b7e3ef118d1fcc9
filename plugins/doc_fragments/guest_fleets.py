# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of modules that know fleets."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  fleets:
    description:
      - The same machines for each of many owners, until a day. A fleet that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Name of the fleet, of its pool and its group. A fleet of another term has another one.
        type: raw
        required: true
      owners:
        description:
          - A list of logins, or the path of a table on the controller, as spreadsheets write it (CSV).
          - The table has a header with a column C(login). C(id), C(name), C(email) and C(expires) may follow; others
            are not used. An element of a list may say the same of an owner.
          - All values are texts. What YAML has made a number or a truth value of is refused.
        type: raw
        required: true
      template:
        description:
          - What machines are cloned of, as O(baremetal.virt.guest_vm#module:vms[].clone) takes it.
        type: dict
      per_owner:
        description:
          - What each owner gets. C(name) tells his machines apart, C(container) is true for a container, and everything
            else is as M(baremetal.virt.guest_vm) or M(baremetal.virt.guest_container) takes it. Ids, pools, marks,
            addresses and the first network are said by the fleet.
        type: list
        elements: dict
        required: true
      ids:
        description: The block of ids of the fleet. None of it is ever given to anybody else.
        type: dict
        required: true
        suboptions:
          first:
            description: The first id.
            type: int
            required: true
          count:
            description: How many there are. It may grow later.
            type: int
            required: true
      network:
        description: Where the machines are connected to.
        type: dict
        required: true
        suboptions:
          bridge:
            description: Bridge or virtual network.
            type: raw
            required: true
          first_address:
            description:
              - Address of the first machine with the length of its network, such as V(10.20.0.10/24); the others
                follow. By default DHCP gives them.
            type: raw
          gateway:
            description: Address of the gateway.
            type: raw
          nameservers:
            description: Addresses of name servers.
            type: list
            elements: raw
            default: []
          search_domain:
            description: Domain in which short names are looked for.
            type: raw
          vlan:
            description: Each owner has a VLAN of his own, which is this number or a later one.
            type: int
          vnet:
            description:
              - Each owner has a virtual network of his own, whose name is this and a number. The networks have to be
                there.
            type: raw
      isolation:
        description:
          - The firewall of each machine lets packets come from its own addresses only, on every card. It counts only
            while the firewall of the cluster is on. A machine may say otherwise, in C(firewall). It needs
            O(fleets[].network.first_address).
        type: dict
        suboptions:
          ipfilter:
            description: Only from the addresses that are declared.
            type: bool
            default: true
          macfilter:
            description: Only from the MAC address of the card.
            type: bool
            default: true
          policy_in:
            description: What becomes of packets to a machine that no rule speaks of.
            type: str
            choices: [ACCEPT, DROP, REJECT]
            default: ACCEPT
      realm:
        description: Realm of owners whose login does not name one.
        type: raw
        default: pve
      prefix:
        description: How the names of machines and pools begin, for logins that do not begin with a letter.
        type: raw
        default: ""
      role:
        description: What owners may do with their machines. By default C(FleetOwner), the preset V(student).
        type: raw
      quota:
        description: What all machines of one owner may have together. What cannot be known is refused.
        type: dict
        suboptions:
          cores:
            description: Cores.
            type: int
          memory:
            description: Memory, in MiB.
            type: int
          disk:
            description: Disks, such as V(100G), also those that are not used.
            type: raw
          gpus:
            description: Devices that are given to them by C(hostpci), whole ones and vGPUs alike.
            type: int
      expires:
        description:
          - The last day, such as V(2027-02-28), or V(never). The machines are there through that day, in
            O(fleets[].zone).
        type: raw
        required: true
      zone:
        description: Time zone, such as V(Europe/Berlin).
        type: raw
        default: UTC
      warn_days:
        description: So many days before its end a run warns of it.
        type: int
        default: 14
      grace_days:
        description: For so many days what is given back can still be had back.
        type: int
        default: 14
      release:
        description: What becomes of machines that are given back.
        type: dict
        suboptions:
          backup_to:
            description: Storage that keeps what they have.
            type: raw
            required: true
          discard:
            description:
              - Volumes that no backup holds and that are given up, such as V(mp0) or, of a snapshot, V(before:scsi1).
            type: list
            elements: raw
            default: []
          stop_timeout:
            description: Seconds that a machine gets to shut down before it is switched off.
            type: int
            default: 180
"""
