# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of virtual machines."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  vms:
    description: Virtual machines. One that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      vmid:
        description: Its number, which nobody else has.
        type: int
        required: true
      name:
        description: Its name and host name. With the number and the mark in its description it says that it is ours.
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
        description: Node that it is made on, by default that with the most memory to give. One that exists stays.
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
        description: What it is made from. It counts only when the guest is made. A clone gets its disks from there.
        type: dict
        suboptions:
          vmid:
            description: Number of that guest.
            type: int
          template:
            description:
              - Name of the template, as a guest with O(vms[].template) has it, on the same node or on shared storages.
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
        description: How the HA manager treats it. It excludes O(vms[].running).
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
      ostype:
        description: Which system it runs, such as V(l26), V(win11) or V(debian).
        type: str
      bios:
        description: Its firmware.
        type: str
        choices: [ovmf, seabios]
      machine:
        description: Kind of machine, such as V(q35). A version that Proxmox VE has pinned is left.
        type: str
      cpu:
        description: Type of the processors, such as V(x86-64-v2-AES).
        type: str
      cores:
        description: Processors. Of a machine, in each socket.
        type: int
      sockets:
        description: Sockets.
        type: int
      memory:
        description: Memory in MiB.
        type: int
      balloon:
        description:
          - The memory in MiB that is left to it when the node has little; V(0) without ballooning.
        type: int
      scsihw:
        description: Controller of SCSI disks, such as V(virtio-scsi-single).
        type: str
      agent:
        description: The guest runs the QEMU guest agent.
        type: bool
      boot:
        description: Slots that it boots from, in this order.
        type: list
        elements: raw
      vga:
        description: Its screen, such as V(serial0) or V(std).
        type: str
      serial0:
        description: Serial port, such as V(socket).
        type: str
      disks:
        description: Disks. One that is not listed is kept, and told in every run.
        type: list
        elements: dict
        default: []
        suboptions:
          slot:
            description: Where it is, such as V(scsi0).
            type: raw
            required: true
          state:
            description: V(absent) detaches it. Its data stay, as an unused disk.
            type: str
            choices: [absent, present]
            default: present
          storage:
            description: Storage that it is on. It is not moved.
            type: raw
          size:
            description: Its size, such as V(32G). It grows and never shrinks.
            type: raw
          import_from:
            description: Volume with the image that a new disk is a copy of, such as V(share:import/debian-13.qcow2).
            type: raw
          serial:
            description: Serial number. A disk in the same slot with another one is another disk, and refused.
            type: raw
          ssd:
            description: It looks like a solid state disk.
            type: bool
          discard:
            description: What the guest frees is freed on the storage.
            type: bool
          iothread:
            description: It has a thread of its own.
            type: bool
          cache:
            description: How it is cached, such as V(writeback).
            type: str
          backup:
            description: It is in backups.
            type: bool
          replicate:
            description: It is replicated.
            type: bool
      efidisk:
        description: Where the variables of V(bios=ovmf) are kept.
        type: dict
        suboptions:
          storage:
            description: Its storage.
            type: raw
            required: true
          pre_enrolled_keys:
            description: With the keys of Secure Boot. It counts only when the disk is made.
            type: bool
            default: false
      tpm:
        description: A TPM 2.0.
        type: dict
        suboptions:
          storage:
            description: Where its state is kept.
            type: raw
            required: true
      cdroms:
        description: CD drives. One that is not listed is left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          slot:
            description: Where it is, such as V(ide3).
            type: raw
            required: true
          iso:
            description: Volume of the image, such as V(local:iso/virtio-win.iso), or V(none).
            type: raw
            required: true
      nets:
        description: Network devices. One that is not listed is left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          slot: {description: 'Which one, such as V(net0).', type: raw, required: true}
          state:
            description: V(absent) removes it.
            type: str
            choices: [absent, present]
            default: present
          bridge: {description: Bridge or virtual network that it is plugged into., type: raw}
          mac: {description: 'MAC address, in quotes. If it is not said, it keeps the one it has.', type: raw}
          tag: {description: VLAN., type: int}
          firewall: {description: The firewall of Proxmox VE guards it., type: bool}
          link_down: {description: As if its cable were pulled., type: bool}
          mtu: {description: MTU., type: int}
          rate: {description: Limit in MB/s., type: float}
          model:
            description: Which device the guest sees.
            type: str
            default: virtio
          trunks: {description: 'VLANs that are passed on tagged, such as V(10;20-30).', type: raw}
          queues: {description: Queues of a virtio device., type: int}
      hostpci:
        description: Devices of nodes, such as GPUs, by resource mappings. One that is not listed is left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          slot: {description: 'Which one, such as V(hostpci0).', type: raw, required: true}
          state:
            description: V(absent) removes it.
            type: str
            choices: [absent, present]
            default: present
          mapping: {description: 'The mapping, such as the role C(gpu_mapping) makes.', type: raw}
          mdev: {description: 'Type of vGPUs, such as V(nvidia-592).', type: raw}
          pcie: {description: It is seen as a device of PCI Express. Needs a machine V(q35)., type: bool}
          x_vga: {description: It is the screen of the machine., type: bool}
          rombar: {description: The guest sees its ROM., type: bool}
      cloud_init:
        description:
          - 'What cloud-init gives the machine. A change of it makes a new machine of it for cloud-init: new SSH
            host keys, users and passwords set again.'
        type: dict
        suboptions:
          storage:
            description: Where the drive with it is kept. Without it no drive is made.
            type: raw
          slot:
            description: Slot of a new drive.
            type: raw
            default: ide2
          user:
            description: User that it makes.
            type: raw
          password:
            description: His password, or its hash. It is shown nowhere.
            type: str
          password_update:
            description: V(on_create) sets it when there is none, V(always) in every run.
            type: str
            choices: [always, on_create]
            default: on_create
          ssh_keys:
            description: Public keys that he may log in with.
            type: list
            elements: str
          addresses:
            description: Addresses of network devices. One without is not set up at all.
            type: list
            elements: dict
            default: []
            suboptions:
              net:
                description: Of which device.
                type: raw
                default: net0
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
          upgrade:
            description: All packages are upgraded at the first boot, which is the default of Proxmox VE.
            type: bool
          type:
            description: Form of the data. Windows takes V(configdrive2).
            type: str
            choices: [configdrive2, nocloud]
          custom:
            description:
              - Volumes with snippets that replace V(user), V(network) or V(meta), or add V(vendor). An empty one
                removes what a clone has inherited.
            type: dict
      template:
        description:
          - Its version. The machine is turned into a template, for ever, and found by its name and this version.
        type: raw
"""
