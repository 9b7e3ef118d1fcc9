"""The user database: /etc/pve/user.cfg (users, tokens, access control list) and the token secrets."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class User:
    """A line `user:root@pam:enable:expire:first:last:email:comment:keys:`."""

    userid: str
    enable: bool = True
    expire: int = 0
    email: str = ""
    comment: str = ""


@dataclass
class Token:
    """A line `token:root@pam!name:expire:privsep:comment:`."""

    tokenid: str
    expire: int = 0
    privsep: bool = True
    comment: str = ""


@dataclass
class AclEntry:
    """One right: who has which role on the path it is listed under."""

    who: str
    role: str
    propagate: bool = True


@dataclass
class UserConfig:
    """Everything in user.cfg that the stand-in understands."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    acl: dict[str, list[AclEntry]] = field(default_factory=dict)


def parse(text: str) -> UserConfig:
    config = UserConfig()
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        parts = rest.split(":") + [""] * 8
        if kind == "user":
            config.users[parts[0]] = User(parts[0], parts[1] != "0", int(parts[2] or 0), parts[5], parts[6])
        elif kind == "token":
            config.tokens[parts[0]] = Token(parts[0], int(parts[1] or 0), parts[2] != "0", parts[3])
        elif kind == "acl":
            _parse_acl(config, parts)
    config.users.setdefault("root@pam", User("root@pam"))
    return config


def _parse_acl(config: UserConfig, parts: list[str]) -> None:
    entries = config.acl.setdefault(parts[1], [])
    for who in parts[2].split(","):
        for role in parts[3].split(","):
            entries.append(AclEntry(who, role, parts[0] != "0"))


def dump(config: UserConfig) -> str:
    lines: list[str] = []
    for user in sorted(config.users.values(), key=lambda item: item.userid):
        lines.append(f"user:{user.userid}:{int(user.enable)}:{user.expire}:::{user.email}:{user.comment}::")
    for token in sorted(config.tokens.values(), key=lambda item: item.tokenid):
        lines.append(f"token:{token.tokenid}:{token.expire}:{int(token.privsep)}:{token.comment}:")
    lines.append("")
    for path in sorted(config.acl):
        for entry in config.acl[path]:
            lines.append(f"acl:{int(entry.propagate)}:{path}:{entry.who}:{entry.role}:")
    return "\n".join(lines) + "\n"


def parse_secrets(text: str) -> dict[str, str]:
    """Token secrets by token id (`user@realm!name uuid` per line)."""
    pairs = (line.split(None, 1) for line in text.splitlines() if line.strip())
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def dump_secrets(secrets: dict[str, str]) -> str:
    return "".join(f"{name} {secret}\n" for name, secret in sorted(secrets.items()))
