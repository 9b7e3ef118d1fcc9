# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fabric, as modules take it."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  fabric:
    description: Spines, leaves, and groups of nodes behind them.
    type: dict
    required: true
    suboptions:
      topology:
        description:
          - How nodes tell each other their routes. V(full_mesh), each to each other one; V(route_reflector), by some of
            them in each group, which tell their leaf, too; V(top_of_rack), each to its leaf, and by that to others.
        type: str
        required: true
        choices: [full_mesh, route_reflector, top_of_rack]
      groups:
        description: Nodes with one AS behind one leaf.
        type: list
        elements: dict
        required: true
        suboptions:
          name: {description: Name of the group; the value of the labels., type: str, required: true}
          asn: {description: 'AS of its nodes, plain or dotted.', type: str, required: true}
          leaf: {description: Name of its leaf., type: str, default: ""}
          members: {description: Names of its nodes., type: list, elements: str, required: true}
          reflectors: {description: Those of them that reflect., type: list, elements: str, default: []}
          addresses: {description: 'Node: its IPv4 address.', type: dict, default: {}}
          addresses6: {description: 'Node: its IPv6 address, where it has one.', type: dict, default: {}}
          cluster_ids:
            description: 'Reflector: its cluster id. By default what it has, or its address.'
            type: dict
            default: {}
          own_as_allowed:
            description: How often the own AS may be in the path of a route that comes from the leaf.
            type: int
            default: 0
      leaves:
        description: Switches that nodes speak to.
        type: list
        elements: dict
        default: []
        suboptions:
          name: {description: Its name., type: str, required: true}
          asn: {description: Its AS., type: str, required: true}
          address: {description: Its IPv4 address in the network of the nodes., type: str, default: ""}
          address6: {description: Its IPv6 address there., type: str, default: ""}
          networks:
            description: Prefixes of the nodes behind it, which it tells the spine.
            type: list
            elements: str
            default: []
          router_id: {description: Its router id., type: str, default: ""}
          ibgp: {description: 'Leaves of its AS tell each other their routes by iBGP.', type: bool, default: false}
      spines:
        description: Switches that leaves speak to.
        type: list
        elements: dict
        default: []
        suboptions:
          name: {description: Its name., type: str, required: true}
          asn: {description: Its AS., type: str, required: true}
          links:
            description: Its cables.
            type: list
            elements: dict
            default: []
            suboptions:
              leaf: {description: Name of the leaf., type: str, required: true}
              address: {description: Address of the spine on it., type: str, required: true}
              leaf_address: {description: Address of the leaf on it., type: str, required: true}
              address6: {description: IPv6 address of the spine on it., type: str, default: ""}
              leaf_address6: {description: IPv6 address of the leaf on it., type: str, default: ""}
      service_prefixes:
        description: What every node announces of services. By default what is there is left.
        type: list
        elements: str
      asn:
        description: AS of nodes that are in no group yet. By default what is there is left.
        type: str
      password_secret:
        description: Secret in the namespace of calico-node with the password of the sessions with leaves.
        type: dict
        suboptions:
          name: {description: Its name., type: str, required: true}
          entry: {description: 'The entry that holds the password, a key of its data.', type: str, default: password}
      group_label: {description: Key of the label that chooses members., type: str, default: rr-group}
      reflector_label: {description: Key of the label that chooses reflectors., type: str, default: rr-id}
      single_reflector_ok: {description: A group may have a single reflector., type: bool, default: false}
"""
