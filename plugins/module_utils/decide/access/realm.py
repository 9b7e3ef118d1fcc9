# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A realm as users declare it → what the API is to have of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.access import names
from ...model.access.access import DesiredRealm
from ...model.access.realms import DIRECTORIES, OPTIONS, REQUIRED, SYNC_DEFAULTS, canonical, sync_text
from . import given

_HINT = "A letter, then letters, digits, '-', '_' and '.'; at most 32."


def desired_realm(definition: Mapping[str, Any]) -> DesiredRealm:
    name = given.named("A realm", definition["id"], names.REALM, _HINT, names.LONGEST_REALM)
    kind, what, absent = definition["type"], f"Realm {name}", definition["state"] == "absent"
    if (name in names.BUILT_IN_REALMS or kind in names.BUILT_IN_REALMS) and (name != kind or absent):
        raise Invalid(f"{what}: the realms pam and pve are built in.", "There is one of each, and it stays.")
    said = given.fields(what, {**definition, "expire": None}, [option.parameter for option in OPTIONS.values()])
    options = {name: said[option.parameter] for name, option in OPTIONS.items() if option.parameter in said}
    foreign = sorted(option for option in options if kind not in OPTIONS[option].types)
    if foreign:
        raise Invalid(f"{what}: the type {kind} has no option {', '.join(foreign)}.")
    missing = [option for option in REQUIRED.get(kind, ()) if not options.get(option)]
    if missing and not absent:
        raise Invalid(f"{what}: the type {kind} needs {', '.join(missing)}.")
    _check_directory(what, kind, definition, options)
    if definition.get("sync_defaults") is not None:
        options[SYNC_DEFAULTS] = _sync_defaults(definition["sync_defaults"])
    always = definition["password_update"] == "always"
    if always and not definition.get("password"):
        raise Invalid(f"{what}: password_update is always, but there is no password.")
    spelled = canonical(options)
    return DesiredRealm(
        name,
        kind,
        absent,
        {option: spelled.get(option, "") for option in options},
        definition.get("password") or "",
        always,
        definition["sync"],
    )


def _check_directory(what: str, kind: str, definition: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    if kind not in DIRECTORIES:
        wrong = [key for key in ("password", "sync", "sync_defaults") if definition.get(key)]
        if wrong:
            raise Invalid(f"{what}: only the types {' and '.join(DIRECTORIES)} have {', '.join(wrong)}.")
    elif definition.get("password") and not options.get("bind_dn"):
        raise Invalid(f"{what}: a password is that of bind_dn, which is not there.")
    elif definition["sync"] and (definition.get("sync_defaults") or {}).get("scope") not in ("users", "both"):
        raise Invalid(f"{what}: a sync is made until the realm has users.", "Say sync_defaults.scope: users or both.")


def _sync_defaults(said: Mapping[str, Any]) -> str:
    parts = {"scope": said.get("scope") or ""}
    if said.get("enable_new") is not None:
        parts["enable-new"] = str(int(said["enable_new"]))
    if said.get("remove_vanished") is not None:
        parts["remove-vanished"] = ";".join(said["remove_vanished"])
    return sync_text(parts)
