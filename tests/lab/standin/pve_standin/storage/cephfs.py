"""Type cephfs: always mounted with ceph-fuse at the storage's path (the lab's kernel has no CephFS client)."""

from __future__ import annotations

import os
import subprocess

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.storage.cephaccess import CEPH_CONF, create_key_file, key_file, remove_key_file
from pve_standin.storage.directory import DirectoryBackend
from pve_standin.storage.trees import Usage

MOUNT_TIMEOUT = 30


class CephFsBackend(DirectoryBackend):
    """A file system of a Ceph cluster."""

    def on_add(self, secret: str | None) -> None:
        create_key_file(self.name, "cephfs", secret)

    def on_update(self, secret: str | None) -> None:
        if secret is not None:
            create_key_file(self.name, "cephfs", secret)

    def on_delete(self) -> None:
        remove_key_file(self.name, "cephfs")

    @property
    def mounted(self) -> bool:
        return os.path.ismount(str(self.root))

    def activate(self) -> None:
        if not self.mounted:
            self.root.mkdir(parents=True, exist_ok=True)
            self._mount()
        self.make_folders()

    def _mount(self) -> None:
        try:
            run(self._mount_command(), timeout=MOUNT_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise ApiError(500, "mount error: Job timed out", errno=110) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise ApiError(500, f"mount error: {error}") from error

    def _mount_command(self) -> list[str]:
        command = ["/usr/bin/ceph-fuse", "-n", f"client.{self.storage.get('username', 'admin')}"]
        secret = key_file(self.name, "cephfs")
        if secret.exists():
            command += ["--keyfile", str(secret)]
        command += ["-m", str(self.storage["monhost"])] if self.storage.get("monhost") else ["-c", str(CEPH_CONF)]
        if self.storage.get("fs-name"):
            command += ["--client_fs", self.storage["fs-name"]]
        if self.storage.get("subdir"):
            command += ["-r", self.storage["subdir"]]
        return command + [str(self.root)]

    def usage(self) -> Usage | None:
        return super().usage() if self.mounted else None
