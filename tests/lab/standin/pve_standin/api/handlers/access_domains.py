"""/access/domains: realms, which are sections of domains.cfg, and their sync with a directory."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pve_standin.api.registry import ApiError, Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import paths, sectionconfig, userdb, users
from pve_standin.core.cfs import cfs_lock, cfs_read, cfs_write
from pve_standin.core.sectionconfig import Section, Sections

_BUILT_IN = {
    "pam": Section("pam", "pam", {"comment": "Linux PAM standard authentication"}),
    "pve": Section("pve", "pve", {"comment": "Proxmox VE authentication server"}),
}
_REQUIRED = {
    "ldap": ("base_dn", "server1", "user_attr"),
    "ad": ("domain", "server1"),
    "openid": ("client-id", "issuer-url"),
}
#: What a directory holds, for the lab: realm -> {"users": [...], "groups": {name: [members]}}.
DIRECTORIES = "standin-directories.json"


def read() -> Sections:
    found = sectionconfig.parse(cfs_read(paths.DOMAINS_CFG) or "")
    return {**found, **{name: built_in for name, built_in in _BUILT_IN.items() if name not in found}}


def _digest() -> str:
    return hashlib.sha1((cfs_read(paths.DOMAINS_CFG) or "").encode()).hexdigest()


@method("GET", "/access/domains")
def index(call: Call) -> list[dict[str, Any]]:
    rows = []
    for realm in read().values():
        shown: dict[str, Any] = {key: realm.options[key] for key in ("comment", "tfa") if key in realm.options}
        if realm.options.get("default"):
            shown["default"] = 1
        rows.append({"realm": realm.id, "type": realm.type, **shown})
    return rows


@method("GET", "/access/domains/{realm}")
def read_realm(call: Call) -> dict[str, Any]:
    name = call.params["realm"]
    if name not in read():
        raise ApiError(500, f"domain '{name}' does not exist")
    realm = read()[name]
    options = {key: _shown(key, value) for key, value in realm.options.items()}
    return {"type": realm.type, "digest": _digest(), **options}


def _shown(key: str, value: str) -> Any:
    flags = ("default", "verify", "secure", "case-sensitive", "autocreate", "query-userinfo", "groups-autocreate")
    return int(value) if key in (*flags, "groups-overwrite", "port") else value


@method("POST", "/access/domains", protected=True)
def create(call: Call) -> None:
    given = dict(call.params)
    name, kind = given.pop("realm"), given.pop("type")
    given.pop("check-connection", None)
    with cfs_lock("file-domains_cfg"):
        realms = read()
        if kind in _BUILT_IN:
            raise ApiError(500, f"add auth server failed: unable to create builtin type '{kind}'")
        if name in realms:
            raise ApiError(500, f"add auth server failed: domain '{name}' already exists")
        _keep_secret(name, given.pop("password", None))
        _write(realms, name, Section(kind, name, {key: str(value) for key, value in given.items()}), "add")


@method("PUT", "/access/domains/{realm}", protected=True)
def update(call: Call) -> None:
    given = dict(call.params)
    name, digest = given.pop("realm"), given.pop("digest", None)
    given.pop("check-connection", None)
    with cfs_lock("file-domains_cfg"):
        realms = read()
        if digest not in (None, _digest()):
            told = "detected modified configuration - file changed by other user? Try again."
            raise ApiError(500, f"update auth server failed: {told}")
        if name not in realms:
            raise ApiError(500, f"update auth server failed: domain '{name}' does not exist")
        known = realms[name]
        gone = split_list(given.pop("delete", ""))
        _keep_secret(name, given.pop("password", None))
        options = {key: value for key, value in known.options.items() if key not in gone}
        options.update({key: str(value) for key, value in given.items()})
        _write(realms, name, Section(known.type, name, options), "update")


def _write(realms: Sections, name: str, realm: Section, what: str) -> None:
    for key in _REQUIRED.get(realm.type, ()):
        if key not in realm.options:
            raise ApiError(500, f"{what} auth server failed: missing value for required option '{key}'")
    if realm.options.get("default") == "0":
        del realm.options["default"]
    if "default" in realm.options:  # there is one
        for other in realms.values():
            other.options.pop("default", None)
    cfs_write(paths.DOMAINS_CFG, sectionconfig.dump({**realms, name: realm}))


def _keep_secret(name: str, secret: str | None) -> None:
    if secret is not None:
        paths.REALM_SECRETS.mkdir(parents=True, exist_ok=True)
        cfs_write(paths.REALM_SECRETS / f"{name}.pw", secret, 0o600)


@method("DELETE", "/access/domains/{realm}", protected=True)
def delete(call: Call) -> None:
    """Its users stay. Those that are built in are there again at once."""
    name = call.params["realm"]
    with cfs_lock("file-domains_cfg"):
        realms = read()
        if name not in realms:
            raise ApiError(500, f"delete auth server failed: authentication domain '{name}' does not exist")
        del realms[name]
        cfs_write(paths.DOMAINS_CFG, sectionconfig.dump(realms))
        (paths.REALM_SECRETS / f"{name}.pw").unlink(missing_ok=True)


@method("POST", "/access/domains/{realm}/sync", protected=True)
def sync(call: Call) -> str:
    name, dry = call.params["realm"], bool(call.params.get("dry-run"))
    realm = read().get(name)
    if realm is None or realm.type not in ("ad", "ldap"):
        raise ApiError(500, f"Cannot sync realm type '{realm.type}'!" if realm else f"domain '{name}' does not exist")
    defaults = dict(
        part.split("=", 1) for part in split_list_of_options(realm.options.get("sync-defaults-options", ""))
    )
    scope = call.params.get("scope") or defaults.get("scope")
    if scope is None:
        raise ApiError(400, "Parameter verification failed.", {"scope": "scope is required"})
    removing = set((call.params.get("remove-vanished") or defaults.get("remove-vanished", "none")).split(";"))

    def work() -> None:
        call.log(f"{'(dry test run) ' if dry else ''}starting sync for realm {name}")
        directory = json.loads(cfs_read(paths.PRIV / DIRECTORIES) or "{}").get(name)
        if directory is None:
            raise ApiError(500, "Connection refused")
        if not dry:
            with userdb.changing("sync") as config:
                _take_over(config, name, directory, scope, removing)

    return call.fork_worker("auth-realm-sync-test" if dry else "auth-realm-sync", name, work)


def split_list_of_options(text: str) -> list[str]:
    return [part for part in text.split(",") if "=" in part]


def _take_over(config: users.UserConfig, realm: str, directory: dict[str, Any], scope: str, removing: set[str]) -> None:
    if scope in ("users", "both"):
        _take_users(config, realm, [f"{name}@{realm}" for name in directory.get("users", ())], removing)
    if scope in ("groups", "both"):
        _take_groups(config, realm, directory.get("groups", {}), removing)


def _take_users(config: users.UserConfig, realm: str, wanted: list[str], removing: set[str]) -> None:
    vanished = {name for name in config.users if name.rpartition("@")[2] == realm and name not in wanted}
    if "entry" in removing:
        config.users = {name: user for name, user in config.users.items() if name not in vanished}
    if "acl" in removing:
        config.drop_entries(lambda entry: entry.who in vanished)
    for userid in sorted(wanted):
        known = config.users.get(userid)
        config.users[userid] = known if known is not None and "properties" not in removing else users.User(userid)


def _take_groups(config: users.UserConfig, realm: str, found: dict[str, list[str]], removing: set[str]) -> None:
    """A group is the realm's own if its name ends like one."""
    wanted = {f"{name}-{realm}": members for name, members in found.items()}
    vanished = {name for name in config.groups if name.endswith(f"-{realm}") and name not in wanted}
    if "entry" in removing:
        config.groups = {name: group for name, group in config.groups.items() if name not in vanished}
    if "acl" in removing:
        config.drop_entries(lambda entry: entry.who.startswith("@") and entry.who[1:] in vanished)
    for name, members in wanted.items():
        known = [f"{one}@{realm}" for one in members if f"{one}@{realm}" in config.users]
        config.groups[name] = users.Group(known, config.groups.get(name, users.Group()).comment)
