# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How users, groups, roles, pools and paths of rights are called, and what is one thing in two spellings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Optional

ROOT = "root@pam"
PAM, PVE = "pam", "pve"
BUILT_IN_REALMS = (PAM, PVE)
LONGEST_USER = 64

_NAME = r"[A-Za-z0-9.\-_]+"
_ID = r"[A-Za-z][A-Za-z0-9.\-_]+"
NAME = re.compile(_NAME)
USER = re.compile(rf"[^\s:/]+@{_ID}")
TOKEN = re.compile(rf"[^\s:/]+@{_ID}!{_ID}")
REALM = re.compile(rf"{_ID}")
LONGEST_REALM = 32
#: Up to three levels, each beginning with a letter.
POOL = re.compile(r"[A-Za-z][A-Za-z0-9.\-_]*(/[A-Za-z][A-Za-z0-9.\-_]*){0,2}")

_PATHS = (
    r"/",
    rf"/access(/groups(/{_NAME})?|/realm(/{_NAME})?)?",
    rf"/nodes(/{_NAME})?",
    rf"/pool(/{_NAME}){{0,3}}",
    rf"/sdn(/(controllers|dns|fabrics|ipams)(/{_NAME})?|/zones(/{_NAME}(/{_NAME}(/\d{{1,4}})?)?)?)?",
    rf"/storage(/{_NAME})?",
    r"/vms(/[1-9]\d{2,8})?",
    rf"/mapping(/(dir|hwrng|notifications|pci|usb)(/{_NAME})?)?",
)


def canonical_path(path: str) -> Optional[str]:
    """The one spelling of a path on which rights are given; None for one that there cannot be."""
    plain = "/" + "/".join(part for part in path.split("/") if part)
    return plain if any(re.fullmatch(pattern, plain) for pattern in _PATHS) else None


def realm_of(user: str) -> str:
    """What comes after the last @ of a user or token."""
    return owner_of(user).rpartition("@")[2]


def realm_of_group(group: str, realms: Iterable[str]) -> str:
    """Of these the one whose sync takes the group for its own, as its name ends like that of the realm; or nothing."""
    return next((realm for realm in realms if group.endswith(f"-{realm}")), "")


def owner_of(who: str) -> str:
    """The user that a token belongs to; of a user he himself."""
    return who.partition("!")[0]


def is_within(path: str, folder: str) -> bool:
    """The path is this one or below it."""
    return folder == "/" or path == folder or path.startswith(f"{folder}/")


def ancestors(path: str) -> list[str]:
    """From / down to the path itself."""
    parts = [part for part in path.split("/") if part]
    return ["/" + "/".join(parts[:depth]) for depth in range(len(parts) + 1)]


def pool_path(pool: str) -> str:
    return f"/pool/{pool}"
