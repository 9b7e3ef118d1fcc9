# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a realm takes, by its type: one row for each option of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Optional, Union

Kind = Literal["text", "flag", "number", "words"]
DIRECTORIES = ("ad", "ldap")
TYPES = ("ad", "ldap", "openid", "pam", "pve")
#: Types whose users come from elsewhere, so that nobody here says who there is.
FOREIGN = (*DIRECTORIES, "openid")


@dataclass(frozen=True)
class RealmOption:
    """``default``: what it is when nothing is said. ``secret``: shown to nobody, though the API gives it back."""

    name: str
    types: tuple[str, ...]
    description: str
    kind: Kind = "text"
    default: str = ""
    choices: tuple[str, ...] = ()
    secret: bool = False

    @property
    def parameter(self) -> str:
        return self.name.replace("-", "_")


_OPENID = ("openid",)
_ROWS = (
    RealmOption("comment", TYPES, "What people choose it by when they log in."),
    RealmOption("default", TYPES, "It is the one that is offered first.", "flag", "0"),
    RealmOption("server1", DIRECTORIES, "Address or name of the directory server."),
    RealmOption("server2", DIRECTORIES, "The server that is asked when the first does not answer."),
    RealmOption("port", DIRECTORIES, "Port of the servers.", "number"),
    RealmOption(
        "mode",
        DIRECTORIES,
        "How the connection is protected.",
        default="ldap",
        choices=("ldap", "ldaps", "ldap+starttls"),
    ),
    RealmOption("verify", DIRECTORIES, "The certificate of the server is checked.", "flag", "0"),
    RealmOption(
        "capath", DIRECTORIES, "File or directory with the authorities that sign it.", default="/etc/ssl/certs"
    ),
    RealmOption("domain", ("ad",), "Domain of Active Directory."),
    RealmOption("base_dn", DIRECTORIES, "Where in the directory users are."),
    RealmOption("bind_dn", DIRECTORIES, "As whom the directory is read."),
    RealmOption("user_attr", DIRECTORIES, "Attribute that holds the name of a user."),
    RealmOption("user_classes", DIRECTORIES, "Object classes of users."),
    RealmOption("filter", DIRECTORIES, "Filter for the users that are synced."),
    RealmOption("group_dn", DIRECTORIES, "Where in the directory groups are."),
    RealmOption("group_classes", DIRECTORIES, "Object classes of groups."),
    RealmOption("group_filter", DIRECTORIES, "Filter for the groups that are synced."),
    RealmOption("group_name_attr", DIRECTORIES, "Attribute that holds the name of a group."),
    RealmOption(
        "sync_attributes", DIRECTORIES, "Which attribute becomes which field of a user, such as V(email=mail)."
    ),
    RealmOption("case-sensitive", DIRECTORIES, "Names in capital and small letters are different users.", "flag", "1"),
    RealmOption("issuer-url", _OPENID, "URL of the OpenID provider."),
    RealmOption("client-id", _OPENID, "How the cluster is called there."),
    RealmOption("client-key", _OPENID, "What it proves that with.", secret=True),
    RealmOption("autocreate", _OPENID, "Whoever logs in first becomes a user.", "flag", "0"),
    RealmOption("username-claim", _OPENID, "Claim that holds the name of a user."),
    RealmOption("groups-claim", _OPENID, "Claim that holds the groups of a user. Since Proxmox VE 8."),
    RealmOption("groups-autocreate", _OPENID, "Groups that there are not are created.", "flag", "0"),
    RealmOption("groups-overwrite", _OPENID, "At each login a user's groups become those of the claim.", "flag", "0"),
    RealmOption("prompt", _OPENID, "Whether the provider asks for a login or a consent each time."),
    RealmOption("scopes", _OPENID, "Scopes that are asked for.", "words", "email profile"),
    RealmOption("acr-values", _OPENID, "Authentication context classes that are asked for.", "words"),
    RealmOption("audiences", _OPENID, "Further audiences that are accepted. Since Proxmox VE 9.", "words"),
    RealmOption("query-userinfo", _OPENID, "The provider is asked for more than its token says.", "flag", "1"),
)
OPTIONS: Mapping[str, RealmOption] = {row.name: row for row in _ROWS}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "ad": ("domain", "server1"),
    "ldap": ("base_dn", "server1", "user_attr"),
    "openid": ("client-id", "issuer-url"),
}
SYNC_DEFAULTS = "sync-defaults-options"
PROPERTIES = "properties"
REMOVE_VANISHED = ("acl", "entry", PROPERTIES)


def canonical(options: Mapping[str, Union[str, int, bool, None]]) -> dict[str, str]:
    """Texts in one spelling, without those that say what is the default."""
    found: dict[str, str] = {}
    for name, value in options.items():
        if name == SYNC_DEFAULTS:
            text = sync_text(sync_options(str(value or "")))
        elif name in OPTIONS:
            text = _spelled(OPTIONS[name], value)
            text = "" if text == OPTIONS[name].default else text
        else:
            continue
        if text:
            found[name] = text
    return found


def _spelled(option: RealmOption, value: Optional[Union[str, int, bool]]) -> str:
    if value is None:
        return ""
    if option.kind == "flag":
        return str(int(str(value).lower() in ("1", "true", "yes", "on")))
    text = str(value).strip()
    return " ".join(text.replace(",", " ").split()) if option.kind == "words" else text


def sync_options(text: str) -> dict[str, str]:
    """What a sync does when nobody says otherwise."""
    return {name: value for name, equals, value in (part.partition("=") for part in text.split(",")) if equals}


def sync_text(options: Mapping[str, str]) -> str:
    parts = {**options, "remove-vanished": ";".join(sorted(vanishing(options)))}
    return ",".join(f"{name}={value}" for name, value in sorted(parts.items()) if value)


def vanishing(options: Mapping[str, str]) -> frozenset[str]:
    """What a sync takes away from, or with, users and groups that the directory no longer has."""
    return frozenset(word for word in options.get("remove-vanished", "").split(";") if word not in ("", "none"))


def removed_by_sync(options: Mapping[str, str]) -> frozenset[str]:
    """By one of which nobody says more than the realm does."""
    return vanishing(sync_options(options.get(SYNC_DEFAULTS, "")))
