"""root's SSH between cluster nodes: one shared authorized_keys, pinned host keys for each node."""

from __future__ import annotations

import os
from pathlib import Path

from pve_standin.core import paths
from pve_standin.core.cfs import cfs_read, cfs_write, node_ip, nodename
from pve_standin.core.exec import run

SSHD_CONFIG = Path("/etc/ssh/sshd_config")
HOST_KEYS = (Path("/etc/ssh/ssh_host_rsa_key.pub"), Path("/etc/ssh/ssh_host_ed25519_key.pub"))
SYSTEM_KNOWN_HOSTS = Path("/etc/ssh/ssh_known_hosts")
CIPHERS = "aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com"


def setup_root() -> None:
    """sshd lets root in, root has a key and a client configuration."""
    _permit_root_login()
    paths.ROOT_SSH.mkdir(mode=0o700, parents=True, exist_ok=True)
    public = paths.ROOT_SSH / "id_rsa.pub"
    if not public.exists():
        run(
            [
                "ssh-keygen",
                "-q",
                "-t",
                "rsa",
                "-b",
                "4096",
                "-N",
                "",
                "-C",
                f"root@{nodename()}",
                "-f",
                str(public.with_suffix("")),
            ]
        )
    config = paths.ROOT_SSH / "config"
    if not config.exists():
        config.write_text(f"Ciphers {CIPHERS}\n", encoding="ascii")
        os.chmod(str(config), 0o640)


def _permit_root_login() -> None:
    lines = SSHD_CONFIG.read_text(encoding="utf-8").splitlines() if SSHD_CONFIG.exists() else []
    if any(line.split() == ["PermitRootLogin", "yes"] for line in lines):
        return
    kept = [line for line in lines if not line.strip().startswith("PermitRootLogin")]
    temporary = SSHD_CONFIG.with_name("sshd_config.tmp")
    temporary.write_text("\n".join(["PermitRootLogin yes", *kept]) + "\n", encoding="utf-8")
    os.replace(str(temporary), str(SSHD_CONFIG))
    run(["systemctl", "reload-or-restart", "ssh"], check=False)


def merge_authorized_keys() -> None:
    """All keys known here and in the cluster, own key included, behind a link from root's home."""
    link = paths.ROOT_SSH / "authorized_keys"
    lines: list[str] = []
    if link.exists() and not link.is_symlink():
        lines += link.read_text(encoding="utf-8").splitlines()
    lines += (cfs_read(paths.AUTHORIZED_KEYS) or "").splitlines()
    lines += (paths.ROOT_SSH / "id_rsa.pub").read_text(encoding="utf-8").splitlines()
    text = "".join(line + "\n" for line in dict.fromkeys(line.strip() for line in lines) if line)
    if text != cfs_read(paths.AUTHORIZED_KEYS):
        cfs_write(paths.AUTHORIZED_KEYS, text)
    replace_with_link(link, paths.AUTHORIZED_KEYS)


def publish_host_key() -> None:
    """The node's own host key, for HostKeyAlias logins from the other nodes."""
    key = _host_key()
    target = paths.NODES / nodename() / "ssh_known_hosts"
    text = f"{nodename()} {key}\n"
    if key and cfs_read(target) != text:
        cfs_write(target, text)


def merge_known_hosts(address: str) -> None:
    """The common known_hosts file, as it was before host keys were pinned for each node."""
    key = _host_key()
    old = (cfs_read(paths.KNOWN_HOSTS) or "").splitlines()
    own = (nodename(), address)
    kept = [line for line in old if line.split(" ")[0] not in own]
    text = "".join(line + "\n" for line in kept + [f"{name} {key}" for name in own if key])
    if text != cfs_read(paths.KNOWN_HOSTS):
        cfs_write(paths.KNOWN_HOSTS, text)
    replace_with_link(SYSTEM_KNOWN_HOSTS, paths.KNOWN_HOSTS)


def login(node: str) -> list[str]:
    """The words before a command for another node: as root, and only if it has the key that the cluster knows of it."""
    known = paths.NODES / node / "ssh_known_hosts"
    pinned = ["-o", f"UserKnownHostsFile={known}", "-o", "GlobalKnownHostsFile=none"] if known.exists() else []
    return ["ssh", "-e", "none", "-o", "BatchMode=yes", "-o", f"HostKeyAlias={node}", *pinned, f"root@{node_ip(node)}"]


def _host_key() -> str:
    for path in HOST_KEYS:
        if path.exists():
            return " ".join(path.read_text(encoding="utf-8").split()[:2])
    return ""


def replace_with_link(link: Path, target: Path) -> None:
    """Put a symbolic link in place in one step."""
    if link.is_symlink() and os.readlink(str(link)) == str(target):
        return
    temporary = link.with_name(f"{link.name}.tmp.{os.getpid()}")
    os.symlink(str(target), str(temporary))
    os.replace(str(temporary), str(link))
