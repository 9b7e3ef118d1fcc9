# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of modules and of the role: what users may say of a fabric."""

from __future__ import annotations

from typing import Any

_TEXT: dict[str, Any] = {"type": "str", "default": ""}
_NAME: dict[str, Any] = {"type": "str", "required": True}
#: Plain or dotted, so a text may be a number.
_AS: dict[str, Any] = {"type": "str", "required": True}
_FLAG: dict[str, Any] = {"type": "bool", "default": False}
_LIST: dict[str, Any] = {"type": "list", "elements": "str", "default": []}

LINK = {"leaf": _NAME, "address": _NAME, "leaf_address": _NAME, "address6": _TEXT, "leaf_address6": _TEXT}
SPINE = {
    "name": _NAME,
    "asn": _AS,
    "links": {"type": "list", "elements": "dict", "default": [], "options": LINK},
}
LEAF = {
    "name": _NAME,
    "asn": _AS,
    "address": _TEXT,
    "address6": _TEXT,
    "networks": _LIST,
    "router_id": _TEXT,
    "ibgp": _FLAG,
}
GROUP = {
    "name": _NAME,
    "asn": _AS,
    "leaf": _TEXT,
    "members": {"type": "list", "elements": "str", "required": True},
    "reflectors": _LIST,
    "addresses": {"type": "dict", "default": {}},
    "addresses6": {"type": "dict", "default": {}},
    "cluster_ids": {"type": "dict", "default": {}},
    "own_as_allowed": {"type": "int", "default": 0},
}
FABRIC = {
    "topology": {"type": "str", "required": True, "choices": ["full_mesh", "route_reflector", "top_of_rack"]},
    "groups": {"type": "list", "elements": "dict", "required": True, "options": GROUP},
    "leaves": {"type": "list", "elements": "dict", "default": [], "options": LEAF},
    "spines": {"type": "list", "elements": "dict", "default": [], "options": SPINE},
    "service_prefixes": {"type": "list", "elements": "str"},
    "asn": {"type": "str"},
    "password_secret": {
        "type": "dict",
        "no_log": False,
        "options": {"name": _NAME, "entry": {"type": "str", "default": "password", "no_log": False}},
    },
    "group_label": {"type": "str", "default": "rr-group"},
    "reflector_label": {"type": "str", "default": "rr-id"},
    "single_reflector_ok": _FLAG,
}
#: How a task speaks to Kubernetes' API.
KUBERNETES: dict[str, Any] = {
    "kubeconfig": {"type": "path", "required": True},
    "context": _TEXT,
    "fingerprint": _TEXT,
}
CALICO_BGP: dict[str, Any] = {
    **KUBERNETES,
    "fabric": {"type": "dict", "required": True, "options": FABRIC},
    "backup_folder": {"type": "path", "required": True},
    "exclusive": _FLAG,
    "allow_restart": _FLAG,
    "timeout": {"type": "int", "default": 420},
}
FABRIC_SWITCH: dict[str, Any] = {
    "fabric": {"type": "dict", "required": True, "options": FABRIC},
    "name": _NAME,
    "password": {"type": "str", "no_log": True},
    "exclusive": _FLAG,
}
CALICO_BGP_INFO: dict[str, Any] = {**KUBERNETES, "fabric": {"type": "dict"}}
_POOL = {"cidr": _NAME, "ipip": {"type": "str", "default": "Never"}, "vxlan": {"type": "str", "default": "Never"}}
BGP_PROOF: dict[str, Any] = {
    "speaker": {"type": "str", "choices": ["bird", "frr", "h3c", "huawei"], "default": "bird"},
    "family": {"type": "str", "choices": ["ipv4", "ipv6"], "default": "ipv4"},
    "socket": {"type": "path"},
    "text": _TEXT,
    "peers": _LIST,
    "prefixes": {"type": "dict", "default": {}},
    "reach": _LIST,
    "pools": {"type": "list", "elements": "dict", "default": [], "options": _POOL},
    "services": _LIST,
}
