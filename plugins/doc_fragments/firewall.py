# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of the firewall."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  options:
    description:
      - Options of the cluster's firewall. What is not said stays.
    type: dict
    suboptions:
      enable: {description: 'Whether the firewall is on at all.', type: bool}
      ebtables: {description: 'Whether frames are filtered as well.', type: bool}
      log_ratelimit: {description: 'How much is logged, as V(enable=1,rate=5/second).', type: str}
      policy_in:
        description: What becomes of packets to a node for which there is no rule.
        type: str
        choices: [ACCEPT, DROP, REJECT]
      policy_out:
        description: The same for packets from a node.
        type: str
        choices: [ACCEPT, DROP, REJECT]
      policy_forward:
        description: The same for packets that a node hands on.
        type: str
        choices: [ACCEPT, DROP]
  rules:
    description:
      - Rules for all nodes. They stand first and in this order; rules that are not declared stay behind them.
      - Nothing is said of rules where this is not given.
    type: list
    elements: dict
    suboptions:
      type:
        description: The direction, or V(group) for a security group, which C(action) names.
        type: str
        choices: [in, out, forward, group]
        required: true
      action:
        description: V(ACCEPT), V(DROP) or V(REJECT); of a group its name.
        type: str
        required: true
      macro: {description: 'A macro of Proxmox VE, as V(SSH), which says protocol and ports.', type: str}
      enable: {description: 'Whether the rule counts.', type: bool, default: true}
      iface: {description: 'The interface; of a card of a guest V(net0).', type: str}
      source:
        description: Networks, aliases and sets (V(+name)) from which the packets come, divided by commas.
        type: str
      dest: {description: 'The same for where they go.', type: str}
      proto: {description: 'The protocol, as V(tcp).', type: str}
      dport: {description: 'Ports to which they go, as V(22,5405:5412).', type: str}
      sport: {description: 'Ports from which they come.', type: str}
      icmp_type: {description: 'The type of ICMP, as V(echo-request).', type: str}
      log:
        description: At which level packets are logged.
        type: str
        choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
      comment: {description: 'One line. Not compared where it is not said.', type: str}
  aliases:
    description:
      - Names of addresses and networks.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: 'Its name.', type: str, required: true}
      cidr: {description: 'The address or network. Needed unless it is to go.', type: str}
      comment: {description: 'One line.', type: str, default: ''}
      state: {description: 'V(absent) removes it.', type: str, choices: [absent, present], default: present}
  ipsets:
    description:
      - Sets of addresses. A declared set holds what is declared, and nothing else.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: 'Its name.', type: str, required: true}
      entries:
        description: What is in it.
        type: list
        elements: dict
        default: []
        suboptions:
          cidr: {description: 'An address, a network or the name of an alias.', type: str, required: true}
          nomatch: {description: 'Whether it is an exception.', type: bool, default: false}
          comment: {description: 'One line.', type: str, default: ''}
      comment: {description: 'One line.', type: str, default: ''}
      state: {description: 'V(absent) removes it.', type: str, choices: [absent, present], default: present}
  groups:
    description:
      - Security groups. A declared group has the declared rules, and no others.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: 'Its name; at most 18 characters.', type: str, required: true}
      rules:
        description: Its rules.
        type: list
        elements: dict
        default: []
        suboptions:
          type:
            description: The direction, or V(group) for a security group, which C(action) names.
            type: str
            choices: [in, out, forward, group]
            required: true
          action:
            description: V(ACCEPT), V(DROP) or V(REJECT); of a group its name.
            type: str
            required: true
          macro: {description: 'A macro of Proxmox VE, as V(SSH), which says protocol and ports.', type: str}
          enable: {description: 'Whether the rule counts.', type: bool, default: true}
          iface: {description: 'The interface; of a card of a guest V(net0).', type: str}
          source:
            description: Networks, aliases and sets (V(+name)) from which the packets come, divided by commas.
            type: str
          dest: {description: 'The same for where they go.', type: str}
          proto: {description: 'The protocol, as V(tcp).', type: str}
          dport: {description: 'Ports to which they go, as V(22,5405:5412).', type: str}
          sport: {description: 'Ports from which they come.', type: str}
          icmp_type: {description: 'The type of ICMP, as V(echo-request).', type: str}
          log:
            description: At which level packets are logged.
            type: str
            choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
          comment: {description: 'One line. Not compared where it is not said.', type: str}
      comment: {description: 'One line.', type: str, default: ''}
      state: {description: 'V(absent) removes it.', type: str, choices: [absent, present], default: present}
  host_options:
    description:
      - Options of this node's firewall.
    type: dict
    suboptions:
      enable: {description: 'Whether the node filters at all.', type: bool}
      log_level_in:
        description: At which level packets to the node are logged.
        type: str
        choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
      log_level_out:
        description: The same for packets from it.
        type: str
        choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
      log_level_forward:
        description: The same for packets that it hands on.
        type: str
        choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
      smurf_log_level:
        description: The same for smurfs.
        type: str
        choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
      tcp_flags_log_level:
        description: The same for impossible flags of TCP.
        type: str
        choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
      log_nf_conntrack: {description: 'Whether connections are logged.', type: bool}
      ndp: {description: 'Whether the neighbours of IPv6 may be asked for.', type: bool}
      nf_conntrack_allow_invalid:
        description: Whether packets of no known connection may pass.
        type: bool
      nf_conntrack_helpers: {description: 'Helpers for protocols, as V(ftp).', type: str}
      nf_conntrack_max: {description: 'How many connections are followed.', type: int}
      nf_conntrack_tcp_timeout_established:
        description: Seconds after which a silent connection is forgotten.
        type: int
      nf_conntrack_tcp_timeout_syn_recv:
        description: Seconds that a connection may take to be made.
        type: int
      nftables:
        description: Whether proxmox-firewall filters, by nftables. It can only be switched off here.
        type: bool
      nosmurfs: {description: 'Whether smurfs are dropped.', type: bool}
      protection_synflood:
        description: Whether the node protects itself against floods of SYN.
        type: bool
      protection_synflood_burst: {description: 'How many of them an address may send at once.', type: int}
      protection_synflood_rate: {description: 'How many of them an address may send in a second.', type: int}
      tcpflags: {description: 'Whether packets with impossible flags of TCP are dropped.', type: bool}
  host_rules:
    description:
      - Rules of this node alone. They come before those for all nodes.
    type: list
    elements: dict
    suboptions:
      type:
        description: The direction, or V(group) for a security group, which C(action) names.
        type: str
        choices: [in, out, forward, group]
        required: true
      action:
        description: V(ACCEPT), V(DROP) or V(REJECT); of a group its name.
        type: str
        required: true
      macro: {description: 'A macro of Proxmox VE, as V(SSH), which says protocol and ports.', type: str}
      enable: {description: 'Whether the rule counts.', type: bool, default: true}
      iface: {description: 'The interface; of a card of a guest V(net0).', type: str}
      source:
        description: Networks, aliases and sets (V(+name)) from which the packets come, divided by commas.
        type: str
      dest: {description: 'The same for where they go.', type: str}
      proto: {description: 'The protocol, as V(tcp).', type: str}
      dport: {description: 'Ports to which they go, as V(22,5405:5412).', type: str}
      sport: {description: 'Ports from which they come.', type: str}
      icmp_type: {description: 'The type of ICMP, as V(echo-request).', type: str}
      log:
        description: At which level packets are logged.
        type: str
        choices: [emerg, alert, crit, err, warning, notice, info, debug, nolog]
      comment: {description: 'One line. Not compared where it is not said.', type: str}
  exclusive:
    description:
      - What is to hold nothing that is not declared.
    type: list
    elements: str
    choices: [aliases, groups, ipsets, rules]
    default: []
  guests:
    description:
      - Numbers of the guests whose own firewall may begin to filter when the cluster's is switched on.
    type: list
    elements: int
    default: []
  timeout:
    description:
      - Seconds after which a change that is not confirmed is taken back.
    type: int
    default: 90
  ways:
    description:
      - Ways that have to stay open, as the filter P(baremetal.virt.firewall_ways#filter) tells them.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: 'Its name.', type: str, required: true}
      what: {description: 'What it is, for people.', type: str, required: true}
      proto: {description: 'The protocol.', type: str, required: true}
      ports: {description: 'Ports to which it leads.', type: str, required: true}
      sources:
        description: Addresses and networks from which it leads.
        type: list
        elements: str
        default: []
      at: {description: 'Node to its own addresses to which it leads.', type: dict, required: true}
      mutual: {description: 'Whether it is between nodes.', type: bool, default: false}
  local_networks:
    description:
      - Node to the network of its main address, which Proxmox VE lets in by itself.
    type: dict
    default: {}
  lead:
    description:
      - Whether this node writes the cluster's file.
    type: bool
    default: true
  phase:
    description:
      - >-
        V(plan) - everything is planned. A change needs the other phases, in their order, on all nodes.
      - >-
        V(guard) - the node starts the timer that takes the change back.
      - >-
        V(write) - the files are written.
      - >-
        V(confirm) - the node stops its timer. It has to be asked over a connection that was made after the change.
    type: str
    choices: [plan, guard, write, confirm]
    default: plan
"""
