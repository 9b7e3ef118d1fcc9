"""Keys and certificates of a node and its cluster: the cluster's CA, the node's certificate, the ticket keys."""

from __future__ import annotations

import base64
import socket
import tempfile
import uuid
from pathlib import Path

from pve_standin.core import paths
from pve_standin.core.cfs import cfs_read, cfs_write, node_ip
from pve_standin.core.exec import run
from pve_standin.core.https import fingerprint

CA_DAYS = 3650
NODE_DAYS = 730


def certificate_path(node: str) -> Path:
    """The certificate a node's web server uses: the administrator's own one when there is one."""
    custom = paths.NODES / node / "pveproxy-ssl.pem"
    return custom if custom.exists() else paths.NODES / node / "pve-ssl.pem"


def certificate_fingerprint(node: str) -> str:
    """SHA-256 fingerprint of a node's certificate, read from /etc/pve."""
    text = certificate_path(node).read_text(encoding="ascii")
    body = text.split("-----BEGIN CERTIFICATE-----")[1].split("-----END CERTIFICATE-----")[0]
    return fingerprint(base64.b64decode("".join(body.split())))


def ensure_cluster_keys() -> None:
    """The keys that exist once in a cluster: ticket signing, CSRF protection, certificate authority."""
    if not paths.AUTH_KEY.exists() or not paths.AUTH_PUB.exists():
        key = _rsa_key(2048)
        cfs_write(paths.AUTH_KEY, key)
        cfs_write(paths.AUTH_PUB, run(["openssl", "rsa", "-pubout"], input=key).stdout)
    if not paths.WWW_KEY.exists():
        cfs_write(paths.WWW_KEY, _rsa_key(2048))
    if not paths.ROOT_CA.exists() or not paths.ROOT_CA_KEY.exists():
        _create_ca()


def ensure_node_certificate(node: str, *, force: bool = False) -> bool:
    """Make the node's key and certificate; the answer tells whether a new one was made."""
    directory = paths.NODES / node
    if not force and (directory / "pve-ssl.pem").exists():
        return False
    key_file = directory / "pve-ssl.key"
    if not key_file.exists():
        cfs_write(key_file, _rsa_key(2048))
    cfs_write(directory / "pve-ssl.pem", _sign(node, key_file))
    return True


def _rsa_key(bits: int) -> str:
    return run(["openssl", "genrsa", str(bits)]).stdout


def _create_ca() -> None:
    cfs_write(paths.ROOT_CA_KEY, _rsa_key(4096))
    subject = f"/CN=Proxmox Virtual Environment/OU={uuid.uuid4()}/O=PVE Cluster Manager CA/"
    made = run(
        [
            "openssl",
            "req",
            "-batch",
            "-new",
            "-x509",
            "-days",
            str(CA_DAYS),
            "-sha256",
            "-key",
            str(paths.ROOT_CA_KEY),
            "-subj",
            subject,
        ]
    )
    cfs_write(paths.ROOT_CA, made.stdout)


def _names(node: str) -> list[str]:
    address = node_ip(node)
    full = socket.getfqdn(node)
    names = ["IP:127.0.0.1", "IP:0:0:0:0:0:0:0:1", "DNS:localhost", f"IP:{address}", f"DNS:{node}"]
    return names + ([f"DNS:{full}"] if full not in (node, "localhost") else [])


def _sign(node: str, key_file: Path) -> str:
    """Sign the node's request with the CA; the serial number is counted in the shared file."""
    request = run(
        [
            "openssl",
            "req",
            "-batch",
            "-new",
            "-key",
            str(key_file),
            "-subj",
            f"/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN={socket.getfqdn(node)}/",
        ]
    ).stdout
    serial = int((cfs_read(paths.ROOT_CA_SERIAL) or "0").strip(), 16) + 1
    with tempfile.NamedTemporaryFile("w") as extensions:
        extensions.write(
            "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=" + ",".join(_names(node)) + "\n"
        )
        extensions.flush()
        signed = run(
            [
                "openssl",
                "x509",
                "-req",
                "-days",
                str(NODE_DAYS),
                "-sha256",
                "-CA",
                str(paths.ROOT_CA),
                "-CAkey",
                str(paths.ROOT_CA_KEY),
                "-set_serial",
                str(serial),
                "-extfile",
                extensions.name,
            ],
            input=request,
        )
    cfs_write(paths.ROOT_CA_SERIAL, f"{serial:02X}\n")
    return signed.stdout
