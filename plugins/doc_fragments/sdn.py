# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of software-defined networks."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  zones:
    description: Zones. A zone that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      zone:
        description: 'Its name: two to eight letters and digits.'
        type: raw
        required: true
      type:
        description: What it is. Needed unless the zone is to go. A zone keeps its type.
        type: str
        choices: [evpn, qinq, simple, vlan, vxlan]
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      unset:
        description: Options that are not to be said any more.
        type: list
        elements: str
        default: []
      nodes:
        description: Nodes that have it; all by default.
        type: list
        elements: str
      mtu:
        description:
          - MTU of its vnets. Needed for VXLAN over IPv6, which takes 70 bytes where Proxmox VE subtracts 50.
        type: int
      ipam:
        description: Where its addresses are kept, such as V(pve).
        type: str
      dns:
        description: Server of names, as it is called in the cluster.
        type: str
      reversedns:
        description: Server of names for addresses.
        type: str
      dnszone:
        description: Domain of its guests.
        type: str
      dhcp:
        description: V(dnsmasq) gives addresses to guests. For V(simple).
        type: str
      bridge:
        description: Bridge of the nodes whose VLANs the vnets are. For V(vlan) and V(qinq).
        type: str
      bridge_disable_mac_learning:
        description: Bridges learn no addresses. For V(vlan), V(qinq) and V(evpn).
        type: bool
      tag:
        description: Outer VLAN. For V(qinq).
        type: int
      vlan_protocol:
        description: V(802.1q), which is the default, or V(802.1ad). For V(qinq).
        type: str
      vxlan_port:
        description: UDP port; 4789 by default. For V(vxlan) and V(evpn).
        type: int
      peers:
        description: Addresses of all its nodes, in any order. For V(vxlan), in place of O(zones[].fabric).
        type: list
        elements: str
      fabric:
        description: Fabric that connects its nodes. For V(vxlan), on Proxmox VE 9.
        type: str
      controller:
        description: Controller of the type V(evpn). For V(evpn).
        type: str
      vrf_vxlan:
        description: Number of its routing table among those of VXLAN. For V(evpn).
        type: int
      exitnodes:
        description: Nodes through which packets leave it. For V(evpn).
        type: list
        elements: str
      exitnodes_primary:
        description: The exit node that is taken first. For V(evpn).
        type: str
      exitnodes_local_routing:
        description: Exit nodes themselves reach its guests. For V(evpn).
        type: bool
      advertise_subnets:
        description: Whole subnets are announced, too. For V(evpn).
        type: bool
      disable_arp_nd_suppression:
        description: Questions for addresses are passed on. For V(evpn).
        type: bool
      rt_import:
        description: Route targets that are imported, ASN:NUMBER. For V(evpn).
        type: list
        elements: str
      mac:
        description: Hardware address of all its gateways. Proxmox VE makes one up where none is said. For V(evpn).
        type: str
  vnets:
    description: Vnets, the bridges that guests are given. A vnet that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      vnet:
        description: 'Its name: two to eight letters and digits.'
        type: raw
        required: true
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      unset:
        description: Options that are not to be said any more.
        type: list
        elements: str
        default: []
      zone:
        description: Its zone.
        type: str
      tag:
        description: VLAN, or number of VXLAN.
        type: int
      alias:
        description: What people see beside its name.
        type: str
      vlanaware:
        description: Guests may use VLANs in it.
        type: bool
      isolate_ports:
        description: Its guests do not reach each other.
        type: bool
  subnets:
    description: Subnets of vnets. A subnet that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      vnet:
        description: Its vnet.
        type: raw
        required: true
      subnet:
        description: The network, such as V(10.0.0.0/24).
        type: raw
        required: true
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      unset:
        description: Options that are not to be said any more.
        type: list
        elements: str
        default: []
      gateway:
        description: Address of the gateway.
        type: str
      snat:
        description: Guests reach other networks by the address of their node.
        type: bool
      dnszoneprefix:
        description: What stands before the domain of its guests.
        type: str
      dhcp_range:
        description: Addresses that DHCP gives, such as V(10.0.0.100-10.0.0.200).
        type: list
        elements: str
      dhcp_dns_server:
        description: Server of names that DHCP tells.
        type: str
  controllers:
    description: Controllers, which make the nodes speak routing protocols. One that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      controller:
        description: Its name.
        type: raw
        required: true
      type:
        description: What it speaks. Needed unless the controller is to go.
        type: str
        choices: [bgp, evpn, isis]
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      unset:
        description: Options that are not to be said any more.
        type: list
        elements: str
        default: []
      asn:
        description: Autonomous system. For V(evpn) and V(bgp).
        type: int
      peers:
        description:
          - Addresses of peers, in any order. For V(evpn), where all nodes have to be among them, and V(bgp).
        type: list
        elements: str
      fabric:
        description:
          - Fabric that connects the nodes. For V(evpn), on Proxmox VE 9, in place of O(controllers[].peers).
        type: str
      node:
        description: Node that it is for; one may have one of each type. For V(bgp) and V(isis).
        type: str
      ebgp:
        description: Its peers are of other autonomous systems. For V(bgp).
        type: bool
      ebgp_multihop:
        description: How far such peers may be away. For V(bgp).
        type: int
      loopback:
        description: Interface that has the address of the node. For V(bgp) and V(isis).
        type: str
      bgp_multipath_as_path_relax:
        description: Ways through other systems count as equal. For V(bgp).
        type: bool
      isis_domain:
        description: Domain. For V(isis).
        type: str
      isis_net:
        description: Network entity title of the node. For V(isis).
        type: str
      isis_ifaces:
        description: Interfaces that speak IS-IS. For V(isis).
        type: list
        elements: str
  fabrics:
    description: Fabrics, by which nodes reach each other over several ways. Needs Proxmox VE 9.
    type: list
    elements: dict
    default: []
    suboptions:
      fabric:
        description: 'Its name: two to eight letters, digits and -.'
        type: raw
        required: true
      type:
        description: What it speaks. Needed unless the fabric is to go.
        type: str
        choices: [openfabric, ospf]
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      unset:
        description: Options that are not to be said any more.
        type: list
        elements: str
        default: []
      ip_prefix:
        description: Network that its addresses are in.
        type: str
      ip6_prefix:
        description: The same for IPv6.
        type: str
      hello_interval:
        description: Seconds between two greetings. For V(openfabric).
        type: int
      csnp_interval:
        description: Seconds between two lists of what is known. For V(openfabric).
        type: int
      area:
        description: Area. For V(ospf).
        type: str
  fabric_nodes:
    description: Nodes of fabrics. Their fabric has to be listed, too.
    type: list
    elements: dict
    default: []
    suboptions:
      fabric:
        description: The fabric.
        type: raw
        required: true
      node:
        description: The node.
        type: raw
        required: true
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      unset:
        description: Options that are not to be said any more.
        type: list
        elements: str
        default: []
      ip:
        description: Its address in the fabric.
        type: str
      ip6:
        description: The same for IPv6.
        type: str
      interfaces:
        description: Its interfaces that are links of the fabric.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the interface.
            type: str
            required: true
          ip:
            description: Its address with the length of the network.
            type: str
          ip6:
            description: The same for IPv6.
            type: str
          hello_multiplier:
            description: How many greetings may be missed. For V(openfabric).
            type: int
  ipams:
    description: Where addresses are kept. V(pve) is there from the beginning. What is said of them holds at once.
    type: list
    elements: dict
    default: []
    suboptions:
      ipam:
        description: Its name.
        type: raw
        required: true
      type:
        description: What it is. Needed unless it is to go.
        type: str
        choices: [netbox, phpipam, pve]
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      unset:
        description: Options that are not to be said any more.
        type: list
        elements: str
        default: []
      url:
        description: Address of its API. For V(netbox) and V(phpipam).
        type: str
      token:
        description: What it is asked with; set where it differs. For V(netbox) and V(phpipam).
        type: str
      fingerprint:
        description: SHA-256 of its certificate.
        type: str
      section:
        description: Section. For V(phpipam).
        type: int
  reflectors:
    description:
      - Peers of a controller for evpn that are route reflectors and no nodes. With them, the nodes need not be
        peers of each other.
    type: list
    elements: str
    default: []
  exclusive:
    description:
      - 'Kinds of things of which those that are not listed are removed: V(zones), V(vnets), V(subnets),
        V(controllers), V(fabrics), V(fabric_nodes); C(vnets:ZONE) for those of one zone, C(subnets:VNET) for
        those of one vnet. What somebody else has just staged is never removed.'
    type: list
    elements: str
    default: []
  lock_file:
    description:
      - File on the controller for the token of the lock, as long as this run holds it. A run that was cut short
        leaves it, and the next one goes on with it.
      - Each cluster needs one of its own, or a run would take the token of another cluster for its own.
    type: path
    default: ~/.local/state/baremetal.virt/sdn_lock
  break_lock:
    description: Take the lock away from whoever holds it. Only when nobody works on these networks any more.
    type: bool
    default: false
"""
