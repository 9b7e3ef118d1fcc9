# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of containers."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  containers:
    description: Containers. One that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      vmid:
        description: Its number, which nobody else has.
        type: int
        required: true
      name:
        description:
          - Its name and host name. With the number and the mark in its description it says that it is ours.
        type: raw
        required: true
      state:
        description: V(absent) destroys it, with its disks. It is refused while it runs.
        type: str
        choices: [absent, present]
        default: present
      running:
        description: Whether it runs. If it is not said, it is left as it is.
        type: bool
      node:
        description:
          - Node that it is made on, by default that with the most memory to give. One that exists stays.
        type: raw
      mark:
        description:
          - What its mark says besides number and name, such as V(owner). Names in small letters, values without
            blanks, commas and V(=).
        type: dict
        default: {}
      pool:
        description: Pool that it is in. From another one it is not taken.
        type: raw
      tags:
        description: Its tags, all of them. If they are not said, they are left as they are.
        type: list
        elements: raw
      description:
        description: Text for people. The mark comes below it. If it is not said, what is there is kept.
        type: str
      onboot:
        description: It is started when its node is.
        type: bool
      startup:
        description: When it is started and stopped, among others.
        type: dict
        suboptions:
          order:
            description: Its place. The lowest number is started first and stopped last.
            type: int
          up:
            description: Seconds until the next one is started.
            type: int
          down:
            description: Seconds that it is given to shut down.
            type: int
      protection:
        description: It and its disks cannot be removed.
        type: bool
      clone:
        description:
          - What it is made from. It counts only when the guest is made. A clone gets its disks from there.
        type: dict
        suboptions:
          vmid:
            description: Number of that guest.
            type: int
          template:
            description:
              - Name of the template, as a guest with O(baremetal.virt.guest_vm#module:vms[].template) has it, on the
                same node or on shared storages.
            type: raw
          version:
            description: Version of that template.
            type: raw
          full:
            description: Copy the disks. Without it they refer to those of the template.
            type: bool
            default: false
          storage:
            description: Storage of a full clone; by default that of each disk.
            type: raw
      snapshots:
        description:
          - Snapshots, which are taken when they are not there. One that is not listed is left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Its name.
            type: raw
            required: true
          state:
            description: V(absent) deletes it.
            type: str
            choices: [absent, present]
            default: present
          description:
            description: Text for people.
            type: str
          vmstate:
            description: With the memory of the machine.
            type: bool
            default: false
      ha:
        description: How the HA manager treats it. It excludes O(containers[].running).
        type: dict
        suboptions:
          managed:
            description: V(false) takes it out.
            type: bool
            default: true
          state:
            description: The state in which the HA manager keeps it.
            type: str
            choices: [disabled, ignored, started, stopped]
          max_restart:
            description: How often it is started again on its node.
            type: int
          max_relocate:
            description: How often it is moved to another node then.
            type: int
      firewall:
        description:
          - Its firewall, for all cards that are declared. What is not said of it stays. It counts only while the
            firewall of the cluster is on; a run tells when it is off.
        type: dict
        suboptions:
          enable:
            description: Whether it is on.
            type: bool
            default: true
          ipfilter:
            description:
              - Packets come only from the declared addresses of each card, which has a set of them such as
                C(ipfilter-net0). DHCP gives addresses that nobody knows, and is refused.
            type: bool
          macfilter:
            description: Packets come only from the MAC address of the card, as Proxmox VE has it by default.
            type: bool
          policy_in:
            description: What becomes of packets to it that no rule speaks of. By default V(DROP).
            type: str
            choices: [ACCEPT, DROP, REJECT]
          policy_out:
            description: What becomes of packets from it that no rule speaks of. By default V(ACCEPT).
            type: str
            choices: [ACCEPT, DROP, REJECT]
      os_template:
        description:
          - Volume of the template it is made from, such as V(local:vztmpl/debian-13-standard_13.1-1_amd64.tar.zst).
        type: raw
      ostype:
        description: Which system it runs, such as V(l26), V(win11) or V(debian).
        type: str
      unprivileged:
        description: Root inside is nobody outside. It counts only when the container is made.
        type: bool
        default: true
      cores:
        description: Processors. Of a machine, in each socket.
        type: int
      cpulimit:
        description: How many processors it may use at most.
        type: float
      cpuunits:
        description: Its share of the processors, among others.
        type: int
      memory:
        description: Memory in MiB.
        type: int
      swap:
        description: Swap in MiB.
        type: int
      features:
        description: What it may do besides.
        type: dict
        suboptions:
          nesting:
            description: Containers inside it.
            type: bool
          keyctl:
            description: The system call keyctl.
            type: bool
          fuse:
            description: FUSE file systems.
            type: bool
      rootfs:
        description: Volume of its root file system. A clone has it already.
        type: dict
        suboptions:
          storage:
            description: Its storage.
            type: raw
            required: true
          size:
            description: Its size, such as V(8G). It grows and never shrinks.
            type: raw
            required: true
      mounts:
        description: Further volumes. One that is not listed is kept, and told in every run.
        type: list
        elements: dict
        default: []
        suboptions:
          slot:
            description: Which one, such as V(mp0).
            type: raw
            required: true
          state:
            description: V(absent) detaches it. Its data stay, as an unused volume.
            type: str
            choices: [absent, present]
            default: present
          storage:
            description: Storage that it is on. It is not moved.
            type: raw
          size:
            description: Its size, such as V(4G). It grows and never shrinks.
            type: raw
          path:
            description: Where it is mounted.
            type: raw
          backup:
            description: It is in backups. The default of Proxmox VE is that it is not.
            type: bool
      nets:
        description: Network devices. One that is not listed is left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          slot:
            description: Which one, such as V(net0).
            type: raw
            required: true
          state:
            description: V(absent) removes it.
            type: str
            choices: [absent, present]
            default: present
          bridge:
            description: Bridge or virtual network that it is plugged into.
            type: raw
          mac:
            description: MAC address, in quotes. If it is not said, it keeps the one it has.
            type: raw
          tag:
            description: VLAN.
            type: int
          firewall:
            description: The firewall of Proxmox VE guards it.
            type: bool
          link_down:
            description: As if its cable were pulled.
            type: bool
          mtu:
            description: MTU.
            type: int
          rate:
            description: Limit in MB/s.
            type: float
          name:
            description: Its name inside.
            type: raw
            default: eth0
          ip:
            description: Address with its prefix, or V(dhcp).
            type: raw
          gw:
            description: Gateway.
            type: raw
          ip6:
            description: IPv6 address with its prefix, V(dhcp) or V(auto).
            type: raw
          gw6:
            description: IPv6 gateway.
            type: raw
      nameservers:
        description: Name servers. Without them it gets those of its node.
        type: list
        elements: raw
      search_domain:
        description: Search domain.
        type: raw
      password:
        description: Password of root. It is set when the container is made, and shown nowhere. A clone takes none.
        type: str
      ssh_keys:
        description: Public keys that root may log in with. They are set when the container is made. A clone takes none.
        type: list
        elements: str
"""
