"""The files of /etc/pve/sdn: what is staged, the configuration that runs, and the lock of all of them."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pve_standin.core import paths
from pve_standin.core.cfs import cfs_lock, cfs_read, cfs_write
from pve_standin.core.errors import ApiError

FOLDER = "sdn"
RUNNING = f"{FOLDER}/.running-config"
TOKEN = f"{FOLDER}/.lock"
#: Kinds that are applied; addresses are kept elsewhere at once.
APPLIED = ("zones", "vnets", "subnets", "controllers", "fabrics")
#: Those that upstream looks at before it gives the lock.
WATCHED = ("zones", "vnets", "subnets", "controllers")
LISTS = ("dhcp-range", "interfaces")
_SORTED = ("nodes", "exitnodes", "dhcp-range", "interfaces")
_NUMBERS = frozenset(
    """mtu tag vxlan-port vrf-vxlan asn ebgp ebgp-multihop snat vlanaware isolate-ports section exitnodes-local-routing
    advertise-subnets disable-arp-nd-suppression bridge-disable-mac-learning bgp-multipath-as-path-relax hello_interval
    csnp_interval""".split()
)
Object = dict[str, Any]
Objects = dict[str, Object]


def read(kind: str) -> Objects:
    """By id, with the type among what is said of each."""
    found: Objects = {}
    current: Object = {}
    for line in (cfs_read(f"{FOLDER}/{kind}.cfg") or "").splitlines():
        if line.strip() and not line[0].isspace():
            type_, _, name = line.partition(":")
            current = found.setdefault(name.strip(), {"type": type_.strip()})
        elif line.strip():
            key, _, text = line.strip().partition(" ")
            value: Any = int(float(text)) if key in _NUMBERS else text
            current[key] = [*current.get(key, []), value] if key in LISTS else value
    return found


def write(kind: str, objects: Mapping[str, Object]) -> None:
    (paths.PVE / FOLDER).mkdir(exist_ok=True)
    cfs_write(f"{FOLDER}/{kind}.cfg", "\n".join(_section(name, one) for name, one in sorted(objects.items())))


def _section(name: str, one: Object) -> str:
    lines = [f"{one['type']}: {name}"]
    for key, value in sorted(one.items()):
        if key != "type":
            lines += [f"\t{key} {item}" for item in (value if isinstance(value, list) else [value])]
    return "\n".join(lines) + "\n"


def digest(kind: str) -> str:
    return hashlib.sha1((cfs_read(f"{FOLDER}/{kind}.cfg") or "").encode()).hexdigest()


def running() -> dict[str, Any]:
    """Empty until something is applied for the first time."""
    return dict(json.loads(cfs_read(RUNNING) or "{}"))


def running_of(kind: str) -> Objects:
    return dict(running().get(kind, {}).get("ids", {}))


def compiled(bump: bool = True) -> dict[str, Any]:
    """What would run if it were applied now."""
    version = running().get("version", 0)
    return {
        "version": version + 1 if bump or not version else version,
        **{kind: {"ids": read(kind)} for kind in APPLIED},
    }


def commit() -> None:
    (paths.PVE / FOLDER).mkdir(exist_ok=True)
    cfs_write(RUNNING, json.dumps(compiled()))


def encoded(key: str, value: Any) -> Any:
    """Lists are compared without their order; the peers of a zone are a text."""
    if isinstance(value, list):
        return ",".join(sorted(map(str, value)))
    if key in _SORTED and isinstance(value, str):
        return ",".join(sorted(value.split(",")))
    return value if value is None else str(value)


def pending(old: Mapping[str, Object], new: Mapping[str, Object]) -> Objects:
    """As upstream's pending_config: what runs on top, and below it what is staged instead; `deleted` for what goes."""
    found = {name: _left(before, new.get(name, {})) for name, before in old.items()}
    for name, after in new.items():
        _came(found.setdefault(name, {}), old.get(name, {}), after)
    for row in found.values():
        if "state" in row:
            row.setdefault("pending", {})
    return found


def _left(before: Object, after: Object) -> Object:
    row = dict(before)
    if not after:
        return {**row, "state": "deleted"}
    for key, value in before.items():
        if key not in after:
            row.setdefault("pending", {})[key] = "deleted"
        if encoded(key, value) != encoded(key, after.get(key)):
            row["state"] = "changed"
    return row


def _came(row: Object, before: Object, after: Object) -> None:
    for key, value in after.items():
        if key in ("type", "vnet"):
            row[key] = value
        elif encoded(key, before.get(key)) != encoded(key, value):
            row.setdefault("pending", {})[key] = value
    if not before:
        row["state"] = "new"
    elif set(after) - set(before):
        row["state"] = "changed"


def has_pending() -> bool:
    return any("pending" in row for kind in WATCHED for row in pending(running_of(kind), read(kind)).values())


@contextmanager
def locked(what: str, token: Any = None) -> Iterator[None]:
    """Changes are made by one at a time, and while there is a token by whoever has it."""
    with cfs_lock("domain-sdn"):
        known = cfs_read(TOKEN)
        try:
            if known is not None and known != token:
                raise ApiError(500, "invalid lock token provided! at /usr/share/perl5/PVE/Network/SDN.pm line 341.")
            yield
        except ApiError as error:
            raise _within(what, error) from error


def _within(what: str, error: ApiError) -> ApiError:
    """A refused parameter inside becomes a text."""
    lines = "".join(f"\n{name}: {reason}" for name, reason in error.errors.items())
    text = f"400 {error.message.rstrip()}{lines}" if error.code == 400 else error.message
    return ApiError(500, f"{what}: {text}")


def take_lock() -> str:
    token = str(uuid.uuid4())
    (paths.PVE / FOLDER).mkdir(exist_ok=True)
    cfs_write(TOKEN, token)
    return token


def drop_lock() -> None:
    Path(paths.PVE / TOKEN).unlink(missing_ok=True)
