"""Pools as the API and `pveceph pool ls|get` show them. Pure: shapes what the monitors answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KINDS = {1: "replicated", 3: "erasure"}
_STATUS_FLAGS = (
    "fast_read",
    "hashpspool",
    "nodeep-scrub",
    "nodelete",
    "nopgchange",
    "noscrub",
    "nosizechange",
    "use_gmt_hitset",
    "write_fadvise_dontneed",
)
_STATUS_PLAIN = (
    "crush_rule",
    "min_size",
    "pg_autoscale_mode",
    "pg_num",
    "pg_num_min",
    "pgp_num",
    "size",
    "target_size",
    "target_size_ratio",
)


def listing(
    details: list[dict[str, Any]],
    usage: Mapping[str, Mapping[str, Any]],
    rules: Mapping[int, str],
    autoscale: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """All pools. `usage` and `autoscale` go by pool name; the latter is empty when the autoscaler does not run."""
    return [
        _pool(entry, usage.get(entry["pool_name"], {}), rules, autoscale.get(entry["pool_name"])) for entry in details
    ]


def _pool(
    entry: Mapping[str, Any],
    usage: Mapping[str, Any],
    rules: Mapping[int, str],
    autoscale: Mapping[str, Any] | None,
) -> dict[str, Any]:
    view: dict[str, Any] = {
        "application_metadata": entry.get("application_metadata", {}),
        "bytes_used": usage.get("bytes_used", 0),
        "crush_rule": str(entry["crush_rule"]),
        "crush_rule_name": rules.get(entry["crush_rule"], ""),
        "min_size": entry["min_size"],
        "percent_used": usage.get("percent_used", 0),
        "pg_autoscale_mode": entry["pg_autoscale_mode"],
        "pg_num": entry["pg_num"],
        "pool": str(entry["pool_id"]),
        "pool_name": entry["pool_name"],
        "size": entry["size"],
        "type": _KINDS.get(entry["type"], "unknown"),
    }
    if autoscale is not None:
        view["autoscale_status"] = dict(autoscale)
        view["pg_num_final"] = autoscale["pg_num_final"]
        view.update(_autoscaler_options(entry.get("options", {})))
    return view


def _autoscaler_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """What was set for the autoscaler; upstream shows it only while one runs."""
    names = {"pg_num_min": "pg_num_min", "target_size_bytes": "target_size", "target_size_ratio": "target_size_ratio"}
    return {name: options[key] for key, name in names.items() if key in options}


def status(name: str, pool_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """One pool's settings; flags are the strings '0' and '1'."""
    view: dict[str, Any] = {"name": name, "id": pool_id}
    for key in _STATUS_FLAGS:
        if key in values:
            view[key] = _flag(values[key])
    for key in _STATUS_PLAIN:
        view[key] = values.get(key)
    view["target_size"] = values.get("target_size_bytes")
    return view


def _flag(value: Any) -> str:
    return "1" if value in (True, 1, "1", "true") else "0"
