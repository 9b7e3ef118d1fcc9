"""The text of docs/releases.md: what differs between the releases, from the table that the code itself uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES, Channel, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import (
    ceph_path,
    enterprise_path,
    proxmox_path,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "releases.md"

_HEAD = """\
# Releases

What this collection knows of each release of Proxmox VE. It is written by `make pages` from
`plugins/module_utils/model/debian/release.py`, the only place in which releases are told apart; a test keeps the two
equal.
On a node, `ansible -i inventory proxmox -m baremetal.virt.node_info` shows the row that counts there.

"""
_TAIL = """
The key of a mirror that signs with its own is kept in a file of its own; see [A site without the
internet](offline.md). On 7 and 8 the package `proxmox-archive-keyring` puts upstream's key also where apt trusts it for
every repository; entries that this collection writes name the file above.
"""


def _code(text: str) -> str:
    return f"`{text}`"


def _pairs(pairs: Mapping[Channel, str] | Mapping[str, str]) -> str:
    return "<br>".join(f"{name}: `{value}`" for name, value in pairs.items())


def _yes(found: bool) -> str:
    return "yes" if found else "no"


_ROWS: tuple[tuple[str, Callable[[Release], str]], ...] = (
    ("Debian", lambda row: f"{row.debian} {row.codename}"),
    ("end of support", lambda row: row.eol or "not announced"),
    ("Python on nodes", lambda row: row.python),
    ("format of APT's sources", lambda row: "deb822" if row.deb822 else "one line per entry"),
    ("components", lambda row: _pairs(row.components)),
    ("Ceph releases", lambda row: _pairs(row.ceph)),
    ("components of Ceph", lambda row: _pairs(row.ceph_components)),
    ("enterprise entry, shipped by pve-manager", lambda row: _code(enterprise_path(row))),
    ("file for the other channels", lambda row: _code(proxmox_path(row))),
    ("file for Ceph", lambda row: _code(ceph_path(row))),
    ("key, below `debian/` on the server", lambda row: _code(row.keyring_name)),
    ("key on a node", lambda row: _code(row.keyring_path)),
    ("SHA-256 of the key", lambda row: _code(row.keyring_sha256)),
    ("kernel package", lambda row: _code(row.kernel_package)),
    ("installed after the kernel", lambda row: ", ".join(_code(name) for name in row.packages)),
    ("Debian's firmware has a component of its own", lambda row: _yes(row.non_free_firmware)),
    ("`pveceph install` can leave the repositories alone", lambda row: _yes(row.ceph_manual_repository)),
    ("high availability by rules (no: by groups)", lambda row: _yes(row.ha_rules)),
    ("token coefficient of corosync", lambda row: _yes(row.token_coefficient)),
)


def page() -> str:
    """The page's text, newest release first."""
    releases = sorted(RELEASES, key=lambda row: -row.pve)
    lines = [
        _line("", *(f"Proxmox VE {row.pve}" for row in releases)),
        _line("---", *("---" for _row in releases)),
        *(_line(name, *(cell(row) for row in releases)) for name, cell in _ROWS),
    ]
    return _HEAD + "\n".join(lines) + "\n" + _TAIL


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
