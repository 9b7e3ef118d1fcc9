"""What every storage type can do, and the choice of the class that does it."""

from __future__ import annotations

from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.storage import secrets
from pve_standin.storage.config import Storage
from pve_standin.storage.trees import Usage
from pve_standin.storage.types import STORAGE_TYPES, StorageType
from pve_standin.storage.volumes import Volume


class Backend:
    """One storage on this node.

    This base class is all there is for types whose other half the lab has not got (ZFS, Proxmox Backup Server, ESXi):
    they can be configured, and their status is always inactive.
    """

    def __init__(self, name: str, storage: Storage) -> None:
        self.name = name
        self.storage = storage

    @property
    def type(self) -> StorageType:
        return STORAGE_TYPES[self.storage["type"]]

    def on_add(self, secret: str | None) -> None:
        """Keep what must not stand in storage.cfg; called before the storage is written."""
        if secret is not None:
            secrets.keep(self.name, secret)

    def on_update(self, secret: str | None) -> None:
        """The same for a changed storage."""
        if secret is not None:
            secrets.keep(self.name, secret)

    def on_delete(self) -> None:
        """Remove what `on_add` kept."""
        if self.type.sensitive:
            secrets.forget(self.name)

    def activate(self) -> None:
        """Make the storage usable on this node, or say why it is not."""

    def usage(self) -> Usage | None:
        """Room on the storage; None when it is not active."""
        return None

    def volumes(self) -> list[Volume]:
        raise self._unsupported()

    def alloc(self, vmid: int, name: str | None, form: str | None, size_kib: int) -> str:
        raise self._unsupported()

    def free(self, volume: str) -> None:
        raise self._unsupported()

    def path(self, volume: str) -> str:
        raise self._unsupported()

    def store(self, content: str, source: Path, name: str) -> str:
        raise ApiError(500, f"storage '{self.name}' does not support '{content}' content")

    def _unsupported(self) -> ApiError:
        return ApiError(500, f"storage '{self.name}' of type '{self.type.name}' cannot be used in this lab")


def backend(name: str, storage: Storage) -> Backend:
    from pve_standin.storage.cephfs import CephFsBackend
    from pve_standin.storage.cifs import CifsBackend
    from pve_standin.storage.directory import DirectoryBackend
    from pve_standin.storage.iscsi import IscsiBackend
    from pve_standin.storage.lvm import LvmBackend, LvmThinBackend
    from pve_standin.storage.nfs import NfsBackend
    from pve_standin.storage.rbd import RbdBackend

    classes: dict[str, type[Backend]] = {
        "dir": DirectoryBackend,
        "nfs": NfsBackend,
        "cifs": CifsBackend,
        "cephfs": CephFsBackend,
        "rbd": RbdBackend,
        "lvm": LvmBackend,
        "lvmthin": LvmThinBackend,
        "iscsi": IscsiBackend,
    }
    return classes.get(storage["type"], Backend)(name, storage)
