# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What upstream ships scripts for: settings that the next release wants otherwise, and packages leave alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: rbd-keyring: external RBD storages name their key in a file of their own, before 9. lvm-autoactivation: volumes of
#: guests are not activated by every node that sees them, on 9.
Migration = Literal["rbd-keyring", "lvm-autoactivation"]
MIGRATIONS: tuple[Migration, ...] = ("rbd-keyring", "lvm-autoactivation")

FOLDER = "/usr/share/pve-manager/migrations"


@dataclass(frozen=True)
class ObservedMigration:
    """``left``: what is not as it is wanted yet. shipped: the script is there."""

    left: tuple[str, ...]
    shipped: bool


def script(migration: Migration) -> str:
    names = {"rbd-keyring": "pve-rbd-storage-configure-keyring", "lvm-autoactivation": "pve-lvm-disable-autoactivation"}
    return f"{FOLDER}/{names[migration]}"
