# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of a release, each one call of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Union

from ...engine.condition import Condition
from ...engine.plan import Call, Step, Topic, Value, Wait
from ...engine.reader import NODE, Question
from ...model.guest.fleet import ReleaseRules
from ...model.guest.fleet_mark import FleetMark, OwnerMark
from ...model.guest.mark import Mark, with_mark, without_mark
from ...model.guest.observed import ListedGuest
from ...model.guest.release import BACKUP, HOLDS, TAG, Archive, GuestTask
from ..access.calls import Method, part, token_path, user_path
from .fleet_numbers import NESTED

#: A backup may have to wait for another one on that node, and a destroy for its storage.
_BACKUP_SECONDS, _DESTROY_SECONDS = 6 * 3600.0, 1800.0


def call(
    step: str,
    why: str,
    method: Method,
    path: str,
    parameters: Mapping[str, Value],
    topic: Topic = "guest",
    *,
    task: bool = False,
    destructive: bool = False,
    timeout: float = 600,
) -> Step:
    action = Call(
        method, path, tuple(sorted(parameters.items())), task=task, repeatable=method == "PUT", timeout=timeout
    )
    return Step(why, action, step, topic, destructive=destructive)


def comment_pool(pool: str, mark: Union[OwnerMark, FleetMark], why: str, release: int) -> Step:
    """Of one pool, which before release 8 is a part of the path."""
    parameters: dict[str, Value] = {"comment": str(mark)}
    if release < NESTED:
        return call(f"pool.mark:{pool}", why, "PUT", f"/pools/{part(pool)}", parameters, "access")
    return call(f"pool.mark:{pool}", why, "PUT", "/pools", {**parameters, "poolid": pool}, "access")


def remove_pool(pool: str, release: int) -> Step:
    path, parameters = (f"/pools/{part(pool)}", {}) if release < NESTED else ("/pools", {"poolid": pool})
    return call(f"pool.remove:{pool}", f"remove the empty pool {pool}", "DELETE", path, parameters, "access")


def set_user(user: str, group: str, enable: bool) -> Step:
    """With the group of the fleet, in which he is and stays: whoever may change only its members has to name it."""
    verb = "enable" if enable else "disable"
    parameters: dict[str, Value] = {"enable": enable, **({"groups": group, "append": True} if group else {})}
    return call(f"user.{verb}:{user}", f"{verb} the user {user}", "PUT", user_path(user), parameters, "access")


def leave_ha(guest: ListedGuest, sid: str) -> Step:
    why = f"take {guest} from the HA manager"
    return call(f"ha.remove:{sid}", why, "DELETE", f"/cluster/ha/resources/{part(sid)}", {})


def put_down(guest: ListedGuest, config: Mapping[str, str]) -> Step:
    """It does not start with its node any more, and everybody sees why."""
    tags = sorted({*config.get("tags", "").replace(",", ";").split(";"), TAG} - {""})
    why = f"mark {guest} as released, and let it not start with its node"
    return call(
        f"guest.release:{guest.vmid}", why, "PUT", f"{guest.path}/config", {"tags": ";".join(tags), "onboot": 0}
    )


def take_up(guest: ListedGuest, config: Mapping[str, str], mark: Mark) -> Step:
    tags = sorted(set(config.get("tags", "").replace(",", ";").split(";")) - {"", TAG})
    fields = {key: value for key, value in mark.fields.items() if key not in (BACKUP, HOLDS)}
    parameters: dict[str, Value] = {
        "tags": ";".join(tags),
        "description": description(config, replace(mark, fields=fields)),
    }
    return call(f"guest.keep:{guest.vmid}", f"unmark {guest}", "PUT", f"{guest.path}/config", parameters)


def stop(guest: ListedGuest, rules: ReleaseRules) -> Step:
    why = f"shut {guest} down, and switch it off after {rules.stop_timeout} seconds"
    return call(
        f"guest.stop:{guest.vmid}",
        why,
        "POST",
        f"{guest.path}/status/shutdown",
        {"timeout": rules.stop_timeout, "forceStop": 1},
        task=True,
        timeout=rules.stop_timeout + 120,
    )


def switch_off(guest: ListedGuest) -> Step:
    path = f"{guest.path}/status/stop"
    return call(f"guest.stop:{guest.vmid}", f"switch {guest} off", "POST", path, {}, task=True)


def await_backup(guest: ListedGuest, running: GuestTask) -> Step:
    question = Question("api", (f"/nodes/{running.node}/tasks/{part(running.id)}/status",), NODE)
    ended = Condition(question, ("status",), "is", "stopped", says=f"the end of the backup of {guest}")
    why = f"wait for the backup of {guest} that is being made"
    return Step(why, Wait((ended,), timeout=_BACKUP_SECONDS, interval=5), f"backup.await:{guest.vmid}", "guest")


def back_up(guest: ListedGuest, mark: Mark, rules: ReleaseRules) -> Step:
    notes = f"{{{{guestname}}}} ({{{{vmid}}}}), released by {mark.fields['owner']}, fleet {mark.fields['fleet']}"
    return call(
        f"backup.make:{guest.vmid}",
        f"back {guest} up to {rules.backup_to}, and protect that backup",
        "POST",
        f"/nodes/{guest.node}/vzdump",
        {
            "vmid": guest.vmid,
            "storage": rules.backup_to,
            "mode": "stop",
            "compress": "zstd",
            "protected": 1,
            "remove": 0,
            "notes-template": notes,
        },
        task=True,
        timeout=_BACKUP_SECONDS,
    )


def note_backup(guest: ListedGuest, config: Mapping[str, str], mark: Mark, archive: Archive, holds: str) -> Step:
    """That it was verified: the log of its task does not stay for ever."""
    noted = replace(mark, fields={**mark.fields, BACKUP: archive.id, HOLDS: holds})
    why = f"note that {archive.id} holds all of {guest}"
    return call(noting(guest.vmid), why, "PUT", f"{guest.path}/config", {"description": description(config, noted)})


def noting(vmid: int) -> str:
    return f"backup.note:{vmid}"


def may_note(guest: ListedGuest) -> Step:
    """Before there is a backup nobody knows its name."""
    return call(
        noting(guest.vmid), f"note the backup of {guest}, if it holds all of it", "PUT", f"{guest.path}/config", {}
    )


def destroy(guest: ListedGuest, remark: str) -> Step:
    return call(
        f"guest.destroy:{guest.vmid}",
        f"destroy {guest}, {remark}",
        "DELETE",
        guest.path,
        {"purge": 1, "destroy-unreferenced-disks": 0},
        task=True,
        destructive=True,
        timeout=_DESTROY_SECONDS,
    )


def remove_token(user: str, token: str) -> Step:
    name = f"{user}!{token}"
    return call(f"token.remove:{name}", f"remove the token {name}", "DELETE", token_path(name), {}, "access")


def remove_user(user: str) -> Step:
    return call(f"user.remove:{user}", f"remove the user {user}", "DELETE", user_path(user), {}, "access")


def description(config: Mapping[str, str], mark: Mark) -> str:
    return with_mark(without_mark(config.get("description", "")), mark)
