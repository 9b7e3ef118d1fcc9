# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steps as calls of the API, each of which changes one thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Optional
from urllib.parse import quote

from ...engine.plan import Call, Step, Value
from ...model.access.access import Entry, Pool

Method = Literal["POST", "PUT", "DELETE"]
_HOLDERS = {"user": "users", "group": "groups", "token": "tokens"}


def step(
    id_: str,
    why: str,
    method: Method,
    path: str,
    parameters: Mapping[str, Value],
    secrets: Optional[Mapping[str, str]] = None,
    *,
    unseen: bool = False,
    destructive: bool = False,
    hand_out: str = "",
    task: bool = False,
) -> Step:
    """What is set may be asked for twice, what is made or removed may not."""
    call = Call(
        method,
        path,
        tuple(sorted(parameters.items())),
        tuple(sorted((secrets or {}).items())),
        task=task,
        repeatable=method == "PUT" and not hand_out,
        hand_out=hand_out,
    )
    return Step(why, call, id_, "access", destructive=destructive, unseen=unseen)


def part(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


def user_path(name: str) -> str:
    return f"/access/users/{part(name)}"


def token_path(name: str) -> str:
    user, dummy, token = name.partition("!")
    return f"{user_path(user)}/token/{part(token)}"


def entry_call(entry: Entry, below: bool, absent: bool) -> Mapping[str, Value]:
    named = {"path": entry.path, _HOLDERS[entry.kind]: entry.who, "roles": entry.role}
    return {**named, "delete": True} if absent else {**named, "propagate": below}


def entry_id(verb: str, entry: Entry) -> str:
    return f"acl.{verb}:{entry.path} {entry.kind} {entry.who} {entry.role}"


def pool_members(vms: frozenset[int], storage: frozenset[str]) -> Mapping[str, Value]:
    found = {"vms": ",".join(map(str, sorted(vms))), "storage": ",".join(sorted(storage))}
    return {name: text for name, text in found.items() if text}


def pool_members_told(before: Pool, after: Pool) -> str:
    guests = [str(one) for one in sorted(after.vms - before.vms)]
    return ", ".join([*(f"guest {one}" for one in guests), *sorted(after.storage - before.storage)])
