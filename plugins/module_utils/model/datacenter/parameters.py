# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the module and the role: what users may say of the datacenter."""

from __future__ import annotations

from typing import Any

from ..access.parameters import API
from .datacenter import LISTED

_STR: dict[str, Any] = {"type": "str"}
_INT: dict[str, Any] = {"type": "int"}
_BOOL: dict[str, Any] = {"type": "bool"}
_WORDS: dict[str, Any] = {"type": "list", "elements": "str"}
_SECRET: dict[str, Any] = {"type": "str", "no_log": True}
_NAME: dict[str, Any] = {"type": "str", "required": True}
_STATE: dict[str, Any] = {"type": "str", "choices": ["absent", "present"], "default": "present"}
_UPDATE: dict[str, Any] = {"type": "bool", "default": False, "no_log": False}


def _one_of(*words: str) -> dict[str, Any]:
    return {"type": "str", "choices": list(words)}


def _parts(**options: Any) -> dict[str, Any]:
    return {"type": "dict", "options": options}


def _things(**options: Any) -> dict[str, Any]:
    named = {"name": _NAME, "state": _STATE, "disable": _BOOL, **options}
    return {"type": "list", "elements": "dict", "default": [], "options": named}


_OPTIONS: dict[str, Any] = {
    "bwlimit": _parts(clone=_INT, default=_INT, migration=_INT, move=_INT, restore=_INT),
    "console": _one_of("vv", "html5", "xtermjs"),
    "crs": _parts(
        ha=_one_of("basic", "static", "dynamic"),
        ha_rebalance_on_start=_BOOL,
        ha_auto_rebalance=_BOOL,
        ha_auto_rebalance_threshold=_INT,
        ha_auto_rebalance_margin=_INT,
        ha_auto_rebalance_method=_STR,
        ha_auto_rebalance_hold_duration=_INT,
    ),
    "fencing": _one_of("watchdog", "hardware", "both"),
    "ha": _parts(shutdown_policy=_one_of("conditional", "failover", "freeze", "migrate")),
    "max_workers": _INT,
    "migration": _parts(type=_one_of("insecure", "secure"), network=_STR),
    "next_id": _parts(lower=_INT, upper=_INT),
    "notify": _parts(package_updates=_one_of("auto", "always", "never")),
    "registered_tags": _WORDS,
    "replication": _parts(type=_one_of("insecure", "secure"), network=_STR),
    "tag_style": _parts(
        case_sensitive=_BOOL,
        color_map=_STR,
        ordering=_one_of("config", "alphabetical"),
        shape=_one_of("full", "circle", "dense", "none"),
    ),
    "user_tag_access": _parts(user_allow=_one_of("none", "list", "existing", "free"), user_allow_list=_WORDS),
    "webauthn": _parts(allow_subdomains=_BOOL, id=_STR, origin=_STR, rp=_STR),
    **dict.fromkeys(("consent_text", "description", "email_from", "http_proxy"), _STR),
    **dict.fromkeys(("keyboard", "language", "mac_prefix"), _STR),
}

DATACENTER: dict[str, Any] = {
    "options": {"type": "dict", "options": _OPTIONS},
    "unset": {"type": "list", "elements": "str", "default": []},
    "metric_servers": _things(
        type=_one_of("graphite", "influxdb"),
        proto=_one_of("tcp", "udp"),
        influxdbproto=_one_of("http", "https", "udp"),
        verify_certificate=_BOOL,
        token=_SECRET,
        update_secret=_UPDATE,
        **dict.fromkeys(("port", "mtu", "timeout", "max_body_size"), _INT),
        **dict.fromkeys(("server", "path", "organization", "bucket", "api_path_prefix"), _STR),
    ),
    "notification_endpoints": _things(
        type=_one_of("gotify", "sendmail", "smtp"),
        mode=_one_of("insecure", "starttls", "tls"),
        mailto=_WORDS,
        mailto_user=_WORDS,
        port=_INT,
        password=_SECRET,
        token=_SECRET,
        update_secret=_UPDATE,
        **dict.fromkeys(("comment", "from_address", "author", "server", "username"), _STR),
    ),
    "notification_matchers": _things(
        comment=_STR,
        mode=_one_of("all", "any"),
        invert_match=_BOOL,
        **dict.fromkeys(("target", "match_calendar", "match_field", "match_severity"), _WORDS),
    ),
    "exclusive": {"type": "list", "elements": "str", "choices": list(LISTED.values()), "default": []},
    "api": {"type": "dict", "options": API},
}
