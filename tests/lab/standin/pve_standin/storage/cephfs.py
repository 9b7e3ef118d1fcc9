"""Type cephfs: always mounted with ceph-fuse at the storage's path (the lab's kernel has no CephFS client)."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.core.locks import file_lock
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
        """By the list of mounts: asking the directory itself could wait for a dead file system."""
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
        return any(line.split()[4] == str(self.root) for line in lines)

    def activate(self) -> None:
        with file_lock(Path(f"/run/lock/pve-standin-cephfs-{self.name}.lock"), MOUNT_TIMEOUT):
            if self.mounted and self._gone():
                run(["/bin/umount", "--lazy", str(self.root)])
            if not self.mounted:
                self.root.mkdir(parents=True, exist_ok=True)
                self._mount()
        self.make_folders()

    def _gone(self) -> bool:
        """Is the process behind the mount dead?"""
        try:
            os.statvfs(str(self.root))
        except OSError as error:
            return error.errno in (errno.ENOTCONN, errno.ESHUTDOWN)
        return False

    def _mount(self) -> None:
        # a scope of its own, or the mount would end with the service or session that happened to make it
        command = ["/usr/bin/systemd-run", "--scope", "--quiet", "--collect", *self._mount_command()]
        try:
            done = run(command, timeout=MOUNT_TIMEOUT, check=False)
        except subprocess.TimeoutExpired as error:
            raise ApiError(500, "mount error: Job timed out", errno=errno.ETIMEDOUT) from error
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["unknown error"])[-1]
            raise ApiError(500, f"mount error: {reason}", errno=done.returncode)

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
