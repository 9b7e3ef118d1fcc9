"""Type rbd: images in a Ceph pool, through Ceph's own `rbd` and `ceph` commands."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from pve_standin.ceph import rados
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import CommandFailed, run
from pve_standin.storage.backend import Backend
from pve_standin.storage.cephaccess import (
    CEPH_CONF,
    connection,
    create_key_file,
    key_file,
    rados_settings,
    remove_key_file,
)
from pve_standin.storage.trees import Usage
from pve_standin.storage.volumes import Volume, next_disk_name, owner

TIMEOUT = 20


class RbdBackend(Backend):
    """A pool of a Ceph cluster."""

    @property
    def pool(self) -> str:
        return str(self.storage.get("pool", "rbd"))

    def on_add(self, secret: str | None) -> None:
        create_key_file(self.name, "rbd", secret)

    def on_update(self, secret: str | None) -> None:
        if secret is not None:
            create_key_file(self.name, "rbd", secret)

    def on_delete(self) -> None:
        remove_key_file(self.name, "rbd")

    def usage(self) -> Usage | None:
        user, settings = rados_settings(self.name, self.storage)
        pools = rados.ask_once(settings, user, "df")["pools"]
        stats = next((pool["stats"] for pool in pools if pool["name"] == self.pool), None)
        if stats is None:
            return None
        used, avail = int(stats["stored"]), int(stats["max_avail"])
        return Usage(total=used + avail, used=used, avail=avail)

    def volumes(self) -> list[Volume]:
        found = []
        for image in self._images():
            vmid = owner(image["image"])
            if vmid is not None and "snapshot" not in image:
                content = "images" if not image["image"].startswith("subvol-") else "rootdir"
                found.append(Volume(f"{self.name}:{image['image']}", content, "raw", image["size"], vmid=vmid))
        return found

    def alloc(self, vmid: int, name: str | None, form: str | None, size_kib: int) -> str:
        if form not in (None, "raw"):
            raise ApiError(500, f"unsupported format '{form}'")
        taken = [image["image"] for image in self._images()]
        image = name or next_disk_name(taken, vmid)
        self._rbd("create", "--image-format", "2", "--size", str(-(-size_kib // 1024)), image)
        return image

    def free(self, volume: str) -> None:
        self._rbd("rm", "--no-progress", volume)

    def path(self, volume: str) -> str:
        path = f"rbd:{self.pool}/{volume}"
        if self.storage.get("monhost"):
            path += f":mon_host={self.storage['monhost']}"
        else:
            path += f":conf={CEPH_CONF}"
        return f"{path}:id={self.storage.get('username', 'admin')}:keyring={key_file(self.name, 'rbd')}"

    def _images(self) -> list[dict[str, Any]]:
        return list(json.loads(self._rbd("ls", "-l", "--format", "json")))

    def _rbd(self, command: str, *arguments: str) -> str:
        where = ["-p", self.pool] + connection(self.name, self.storage)
        return self._run(["/usr/bin/rbd", *where, command, *arguments])

    @staticmethod
    def _run(command: list[str]) -> str:
        try:
            return run(command, timeout=TIMEOUT).stdout
        except subprocess.TimeoutExpired as error:
            raise ApiError(500, f"command '{' '.join(command)}' failed: got timeout") from error
        except FileNotFoundError as error:
            raise ApiError(500, f"rbd error: {error.strerror}", errno=2) from error
        except CommandFailed as error:
            reason = error.result.stderr.strip().splitlines()[-1:] or [str(error)]
            raise ApiError(500, f"rbd error: {reason[0]}", errno=error.result.returncode) from error
