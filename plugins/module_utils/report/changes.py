# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has changed between two reports: things that came and went, and what of the others reads differently.

Numbers that never stand still, such as the latency of a link, are left out. An older report may lack what is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

#: Section → the keys that name a row.
_NAMED: Mapping[str, Sequence[str]] = {
    "cluster": ("node",),
    "links": ("from", "to", "link"),
    "health": ("code",),
    "disks": ("node", "path", "serial"),
    "pools": ("name",),
    "storages": ("name",),
    "guests": ("vmid",),
    "versions": ("node",),
    "certificates": ("node", "path"),
}
#: What changes by itself.
_RESTLESS = frozenset(
    ("latency_ms", "fill", "bytes", "days", "lists_age_days", "updates", "why", "clean", "active", "last_start")
)


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    rows = [row for name, keys in _NAMED.items() for row in _section(name, keys, before, now)]
    return {"since": before["made"], "rows": rows}


def refuse_earlier(before: Any, now: Mapping[str, Any]) -> Optional[str]:
    """Why this cannot be what a report is compared with."""
    if not isinstance(before, Mapping) or before.get("kind") != "report" or not isinstance(before.get("made"), str):
        return "It is not a report."
    if before.get("site") != now["site"]:
        return f"It is a report of {before.get('site')}, and this is {now['site']}."
    return None


def _section(
    name: str, keys: Sequence[str], before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """What nobody could tell, then or now, has not changed as far as anybody knows."""
    old, new = before.get(name) or {}, now[name]
    was, is_now = _rows(old, keys), _rows(new, keys)
    whole = old.get("state") in ("known", "none") and new["state"] in ("known", "none")
    for key in [*is_now, *(key for key in was if key not in is_now)]:
        if key not in was or key not in is_now:
            if whole:
                kind = "added" if key in is_now else "removed"
                yield {"section": name, "what": key, "kind": kind, "was": "", "is": ""}
            continue
        for field in sorted(set(was[key]) & set(is_now[key]) - _RESTLESS):
            if was[key][field] != is_now[key][field] and None not in (was[key][field], is_now[key][field]):
                what = f"{key}: {field}"
                values = {"was": _words(was[key][field]), "is": _words(is_now[key][field])}
                yield {"section": name, "what": what, "kind": "changed", **values}


def _rows(section: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    rows = section.get("rows") or ()
    return {" ".join(str(row.get(key)) for key in keys if row.get(key) is not None): row for row in rows}


def _words(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
