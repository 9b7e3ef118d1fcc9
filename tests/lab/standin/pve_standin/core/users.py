"""The user database: /etc/pve/user.cfg (users, tokens, groups, pools, roles, access control list) and token secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from pve_standin.core import privileges

ROOT = "root@pam"
_USER_ID = re.compile(r"[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+")


@dataclass
class User:
    """A line `user:root@pam:enable:expire:first:last:email:comment:keys:`. None: a text that was never set."""

    userid: str
    enable: bool = True
    expire: int = 0
    email: str | None = None
    comment: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    keys: str | None = None


@dataclass
class Token:
    """A line `token:root@pam!name:expire:privsep:comment:`."""

    tokenid: str
    expire: int = 0
    privsep: bool = True
    comment: str | None = None


@dataclass
class Group:
    """A line `group:name:members:comment:`."""

    members: list[str] = field(default_factory=list)
    comment: str | None = None


@dataclass
class Pool:
    """A line `pool:name:comment:guests:storages:`."""

    comment: str | None = None
    vms: list[int] = field(default_factory=list)
    storage: list[str] = field(default_factory=list)


@dataclass
class AclEntry:
    """One right: who (user, user!token, @group) has which role on the path it is listed under."""

    who: str
    role: str
    propagate: bool = True


@dataclass
class UserConfig:
    """Everything in user.cfg. ``roles``: privileges of those that are not built in."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)
    surplus: dict[str, set[str]] = field(default_factory=dict)
    acl: dict[str, list[AclEntry]] = field(default_factory=dict)

    def privileges_of(self, role: str) -> set[str]:
        """A line with the name of a built-in role adds to that role; an unknown role gives nothing."""
        built_in = privileges.built_in().get(role)
        return self.roles.get(role, set()) if built_in is None else built_in | self.surplus.get(role, set())

    def groups_of(self, userid: str) -> list[str]:
        return [name for name, group in self.groups.items() if userid in group.members]

    def pool_of(self, vmid: int) -> str | None:
        return next((name for name, pool in self.pools.items() if vmid in pool.vms), None)

    def drop_entries(self, gone: Callable[[AclEntry], bool]) -> None:
        left = {path: [one for one in entries if not gone(one)] for path, entries in self.acl.items()}
        self.acl = {path: entries for path, entries in left.items() if entries}

    def exists(self, who: str) -> bool:
        if who.startswith("@"):
            return who[1:] in self.groups
        return who in self.tokens if "!" in who else who in self.users


def parse(text: str) -> UserConfig:
    """What upstream only warns of, and forgets with the next write, is left out; entries for nobody stay."""
    config = UserConfig()
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        parts = [*map(str.strip, rest.split(":")), *[""] * 8]
        if kind in _PARSERS:
            _PARSERS[kind](config, parts)
    config.users.setdefault(ROOT, User(ROOT))
    return config


def _text(part: str) -> str | None:
    return unquote(part) if part else None


def _words(part: str) -> list[str]:
    return [word for word in re.split(r"[,;\s]+", part) if word]


def _user(config: UserConfig, parts: list[str]) -> None:
    if _USER_ID.fullmatch(parts[0]):
        texts = {"firstname": 3, "lastname": 4, "email": 5, "comment": 6, "keys": 7}
        given = {name: _text(parts[place]) for name, place in texts.items()}
        config.users[parts[0]] = User(parts[0], parts[1] != "0", int(parts[2] or 0), **given)


def _token(config: UserConfig, parts: list[str]) -> None:
    if parts[0].partition("!")[0] in config.users:
        config.tokens[parts[0]] = Token(parts[0], int(parts[1] or 0), parts[2] != "0", _text(parts[3]))


def _group(config: UserConfig, parts: list[str]) -> None:
    members = [name for name in _words(parts[1]) if name in config.users]
    config.groups[parts[0]] = Group(members, _text(parts[2]))


def _pool(config: UserConfig, parts: list[str]) -> None:
    taken = {vmid for pool in config.pools.values() for vmid in pool.vms}
    vms = [int(vmid) for vmid in _words(parts[2]) if int(vmid) not in taken]
    config.pools[parts[0]] = Pool(_text(parts[1]), vms, _words(parts[3]))


def _role(config: UserConfig, parts: list[str]) -> None:
    known = set(_words(parts[1])) & privileges.valid()
    (config.surplus if parts[0] in privileges.built_in() else config.roles)[parts[0]] = known


def _acl(config: UserConfig, parts: list[str]) -> None:
    entries = config.acl.setdefault(parts[1], [])
    for who in _words(parts[2]):
        for role in _words(parts[3]):
            if role in config.roles or role in privileges.built_in():
                entries.append(AclEntry(who, role, parts[0] != "0"))


_PARSERS = {"user": _user, "token": _token, "group": _group, "pool": _pool, "role": _role, "acl": _acl}


def dump(config: UserConfig) -> str:
    blocks = [_user_lines(config), [], [], [], []]
    for name, group in sorted(config.groups.items()):
        blocks[1].append(f"group:{name}:{','.join(sorted(group.members))}:{_encode(group.comment)}:")
    for name, pool in sorted(config.pools.items()):
        vms, storages = ",".join(map(str, sorted(pool.vms))), ",".join(sorted(pool.storage))
        blocks[2].append(f"pool:{name}:{_encode(pool.comment)}:{vms}:{storages}:")
    for name, held in sorted(config.roles.items()):
        blocks[3].append(f"role:{name}:{','.join(sorted(held))}:")
    for path in sorted(config.acl):
        blocks[4] += _acl_lines(path, config.acl[path])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _user_lines(config: UserConfig) -> list[str]:
    lines = []
    for userid, user in sorted(config.users.items()):
        texts = (user.firstname, user.lastname, user.email, user.comment, user.keys)
        lines.append(f"user:{userid}:{int(user.enable)}:{user.expire}:{':'.join(map(_encode, texts))}:")
        for tokenid, token in sorted(config.tokens.items()):
            if tokenid.startswith(f"{userid}!"):
                lines.append(f"token:{tokenid}:{token.expire}:{int(token.privsep)}:{_encode(token.comment)}:")
    return lines


def _acl_lines(path: str, entries: list[AclEntry]) -> list[str]:
    """Those who have the same roles on a path share a line."""
    held: dict[tuple[bool, str], set[str]] = {}
    for entry in entries:
        held.setdefault((entry.propagate, entry.who), set()).add(entry.role)
    lines: dict[tuple[int, str], set[str]] = {}
    for (propagate, who), roles in held.items():
        lines.setdefault((int(propagate), ",".join(sorted(roles))), set()).add(who)
    return [f"acl:{flag}:{path}:{','.join(sorted(who))}:{roles}:" for (flag, roles), who in sorted(lines.items())]


def _encode(text: str | None) -> str:
    """Only what would break the line."""
    return re.sub(r"[\x00-\x1f%:\x7f]", lambda hit: f"%{ord(hit.group()):02x}", text or "")


def parse_secrets(text: str) -> dict[str, str]:
    """Token secrets by token id (`user@realm!name uuid` per line)."""
    pairs = (line.split(None, 1) for line in text.splitlines() if line.strip())
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def dump_secrets(secrets: dict[str, str]) -> str:
    return "".join(f"{name} {secret}\n" for name, secret in sorted(secrets.items()))
