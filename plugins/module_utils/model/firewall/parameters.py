# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the module and the role: what users may say of the firewall."""

from __future__ import annotations

from typing import Any

_STR: dict[str, Any] = {"type": "str"}
_NAME: dict[str, Any] = {"type": "str", "required": True}
_INT: dict[str, Any] = {"type": "int"}
_BOOL: dict[str, Any] = {"type": "bool"}
_COMMENT: dict[str, Any] = {"type": "str", "default": ""}
_STATE: dict[str, Any] = {"type": "str", "choices": ["absent", "present"], "default": "present"}
_LEVELS = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "nolog"]
_LEVEL: dict[str, Any] = {"type": "str", "choices": _LEVELS}
_POLICY: dict[str, Any] = {"type": "str", "choices": ["ACCEPT", "DROP", "REJECT"]}
_RULE: dict[str, Any] = {
    "type": {**_NAME, "choices": ["in", "out", "forward", "group"]},
    "action": _NAME,
    "enable": {"type": "bool", "default": True},
    **dict.fromkeys(("macro", "iface", "source", "dest", "proto", "dport", "sport", "icmp_type", "comment"), _STR),
    "log": _LEVEL,
}
_RULES: dict[str, Any] = {"type": "list", "elements": "dict", "options": _RULE}
_OPTIONS: dict[str, Any] = {
    "enable": _BOOL,
    "ebtables": _BOOL,
    "log_ratelimit": _STR,
    "policy_in": _POLICY,
    "policy_out": _POLICY,
    "policy_forward": {"type": "str", "choices": ["ACCEPT", "DROP"]},
}
_HOST_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("log_level_in", "log_level_out", "log_level_forward"), _LEVEL),
    **dict.fromkeys(("smurf_log_level", "tcp_flags_log_level"), _LEVEL),
    **dict.fromkeys(("enable", "log_nf_conntrack", "ndp", "nf_conntrack_allow_invalid", "nftables"), _BOOL),
    **dict.fromkeys(("nosmurfs", "protection_synflood", "tcpflags"), _BOOL),
    **dict.fromkeys(("nf_conntrack_max", "nf_conntrack_tcp_timeout_established"), _INT),
    **dict.fromkeys(("nf_conntrack_tcp_timeout_syn_recv", "protection_synflood_burst"), _INT),
    "protection_synflood_rate": _INT,
    "nf_conntrack_helpers": _STR,
}
_ENTRY: dict[str, Any] = {"cidr": _NAME, "nomatch": {"type": "bool", "default": False}, "comment": _COMMENT}
_WAY: dict[str, Any] = {
    **dict.fromkeys(("name", "what", "proto", "ports"), _NAME),
    "sources": {"type": "list", "elements": "str", "default": []},
    "at": {"type": "dict", "required": True},
    "mutual": {"type": "bool", "default": False},
}


def _things(**options: Any) -> dict[str, Any]:
    named = {"name": _NAME, "comment": _COMMENT, "state": _STATE, **options}
    return {"type": "list", "elements": "dict", "default": [], "options": named}


FIREWALL: dict[str, Any] = {
    "options": {"type": "dict", "options": _OPTIONS},
    "rules": _RULES,
    "aliases": _things(cidr=_STR),
    "ipsets": _things(entries={"type": "list", "elements": "dict", "default": [], "options": _ENTRY}),
    "groups": _things(rules={**_RULES, "default": []}),
    "host_options": {"type": "dict", "options": _HOST_OPTIONS},
    "host_rules": _RULES,
    "exclusive": {
        "type": "list",
        "elements": "str",
        "choices": ["aliases", "groups", "ipsets", "rules"],
        "default": [],
    },
    "guests": {"type": "list", "elements": "int", "default": []},
    "timeout": {"type": "int", "default": 90},
    "ways": {"type": "list", "elements": "dict", "default": [], "options": _WAY},
    "local_networks": {"type": "dict", "default": {}},
    "lead": {"type": "bool", "default": True},
    "phase": {"type": "str", "choices": ["plan", "guard", "write", "confirm"], "default": "plan"},
}
