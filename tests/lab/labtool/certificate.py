"""The certificate of enterprise.proxmox.com as the lab serves it: made by the lab, trusted by the nodes' apt alone."""

from __future__ import annotations

from pathlib import Path

from .addresses import ENTERPRISE
from .locks import locked
from .settings import CACHE
from .shell import run


def ensure(cache: Path = CACHE) -> tuple[Path, Path]:
    """Certificate and private key; self-signed."""
    certificate, key = cache / "tls" / "enterprise.crt", cache / "tls" / "enterprise.key"
    with locked(cache / ".tls.lock"):
        if not certificate.exists():
            key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            subject = ["-subj", f"/CN={ENTERPRISE}", "-addext", f"subjectAltName=DNS:{ENTERPRISE}"]
            options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"]
            partial = certificate.with_suffix(".partial")
            run(["openssl", "req", *options, *subject, "-keyout", key, "-out", partial])
            partial.replace(certificate)
    return certificate, key
