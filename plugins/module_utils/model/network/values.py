# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The values that options of interfaces may have."""

from __future__ import annotations

#: The number of a mode is its other name.
BOND_MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
HASHING_MODES = ("balance-xor", "802.3ad", "balance-tlb", "balance-alb")
HASH_POLICIES = ("layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4", "vlan+srcmac")
#: The kernel has room for so many characters.
LONGEST_NAME = 15
#: What a bridge gets when nothing is said, as Proxmox VE writes it.
ALL_VLANS = "2-4094"
