"""What a node vouches for: run as the controller runs it, by Python alone, and on files as a node has them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import api_ticket
from ansible_collections.baremetal.virt.plugins.plugin_utils import api_access

MASK = os.urandom(2048)
TICKET, TOKEN = "PVE:root@pam:6B0C914A::AAAA", "6B0C914A:BBBB"


def pem(*contents: bytes) -> str:
    texts = (base64.encodebytes(content).decode() for content in contents)
    return "".join(f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n" for text in texts)


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    for name in ("pve1", "pve2", "left"):
        (tmp_path / name).mkdir()
    (tmp_path / "pve1" / "pve-ssl.pem").write_text(pem(b"of the cluster"))
    (tmp_path / "pve2" / "pve-ssl.pem").write_text(pem(b"of the cluster, too"))
    (tmp_path / "pve2" / "pveproxy-ssl.pem").write_text(pem(b"of the house", b"its authority"))
    return tmp_path


@pytest.fixture
def perl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for upstream's code: prints what is in this file."""
    says = tmp_path / "says"
    says.write_text(f"{TICKET}\n{TOKEN}")
    monkeypatch.setattr(api_ticket, "MINT", ("cat", str(says)))
    return says


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_certificate_of_the_house_comes_first_and_without_its_authority(nodes: Path) -> None:
    assert api_ticket.certificates(str(nodes)) == {"pve1": sha256(b"of the cluster"), "pve2": sha256(b"of the house")}


def test_the_digest_is_that_of_openssl(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key", tmp_path / "pve-ssl.pem"
    made = ["openssl", "req", "-batch", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    shown = ["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"]
    told = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.strip().partition("=")[2]
    assert api_ticket.fingerprint(str(certificate)) == told.replace(":", "").lower()


def test_a_file_without_a_certificate_is_told(nodes: Path) -> None:
    (nodes / "pve1" / "pve-ssl.pem").write_text("")
    assert api_ticket.vouch(MASK, str(nodes)) == {"problem": f"{nodes}/pve1/pve-ssl.pem holds no certificate"}


def test_a_voucher(nodes: Path, perl: Path) -> None:
    printed = f"Welcome!\n{api_ticket.MARK}{json.dumps(api_ticket.vouch(MASK, str(nodes)))}\n"
    voucher = api_access.read_voucher(MASK, printed, "")
    assert voucher.certificates["pve1"] == sha256(b"of the cluster")
    assert voucher.ticket.headers("GET") == {"Cookie": "PVEAuthCookie=PVE%3Aroot%40pam%3A6B0C914A%3A%3AAAAA"}
    assert voucher.ticket.headers("PUT")["CSRFPreventionToken"] == TOKEN
    for secret in (TICKET, TOKEN):
        assert secret not in repr(voucher)
        assert secret not in printed


def test_what_is_longer_than_the_mask_is_not_shown_in_part(nodes: Path, perl: Path) -> None:
    told = api_ticket.vouch(MASK[:10], str(nodes))
    assert told == {"problem": f"{len(TICKET) + 1 + len(TOKEN)} bytes are more than the mask covers"}


@pytest.mark.parametrize("said", ["", TICKET, "PVE:guest@pve:6B0C914A::AAAA\nx"])
def test_without_a_ticket_nobody_is_vouched_for(nodes: Path, perl: Path, said: str) -> None:
    perl.write_text(said)
    printed = api_ticket.MARK + json.dumps(api_ticket.vouch(MASK, str(nodes)))
    with pytest.raises(Unreadable, match="vouches for nobody: upstream's code made no ticket: it said nothing"):
        api_access.read_voucher(MASK, printed, "")


def test_it_runs_by_itself_and_where_there_is_no_proxmox_ve_it_makes_no_ticket() -> None:
    command = [sys.executable, "-I", "-S", "-"]
    done = subprocess.run(command, input=api_access.node_program(MASK), capture_output=True, text=True, check=True)
    voucher = api_access.read_voucher(MASK, done.stdout, done.stderr)
    assert (voucher.certificates, voucher.ticket.ticket) == ({}, "")


def test_upstreams_code_that_hangs_is_ended_and_named(nodes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_ticket, "MINT", ("sleep", "3600"))
    monkeypatch.setattr(api_ticket, "PATIENCE", 0.1)
    assert api_ticket.vouch(MASK, str(nodes)) == {"problem": "sleep did not answer within 0.1 seconds"}
