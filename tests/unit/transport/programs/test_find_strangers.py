"""find_strangers: whether another machine has an address, too; asked on a real wire between two network namespaces."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import find_strangers

PROGRAM = Path(find_strangers.__file__)
OWN = bytes.fromhex("020000000001")
#: A network namespace of its own, with a wire to another one, in which a stranger has the first address of each kind.
WIRE = """
set -e
ip link add va type veth peer name vb
unshare -n sleep 30 & stranger=$!
until [ "$(readlink /proc/$stranger/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
ip link set vb netns $stranger
ip address add 10.9.0.5/24 dev va; ip address add 10.9.0.6/24 dev va
ip address add fd09::5/64 dev va nodad; ip address add fd09::6/64 dev va nodad
ip link set va up; ip link set lo up
ip link add vc type veth peer name vd; ip address add 10.9.1.5/24 dev vc
nsenter -t $stranger -n sh -ec '
  ip link set vb address 02:00:00:00:00:99
  ip address add 10.9.0.5/24 dev vb; ip address add fd09::5/64 dev vb nodad; ip link set vb up'
sleep 0.2
"$@"
kill $stranger
"""
INSIDE = ("unshare", "--user", "--map-root-user", "--net", "sh", "-c")
USABLE = subprocess.run([*INSIDE, "true"], capture_output=True, check=False).returncode == 0


def asked(*words: str) -> dict[str, Any]:
    program = (sys.executable, "-I", str(PROGRAM), *words)
    done = subprocess.run([*INSIDE, WIRE, "sh", *program], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(not USABLE, reason="this kernel gives users no network namespaces of their own")
def test_a_stranger_is_found_on_the_wire() -> None:
    on_the_wire = ("10.9.0.5@va", "10.9.0.6@va", "fd09::5@va", "fd09::6@va")
    found = asked(*on_the_wire, "127.0.0.1@lo", "10.9.0.7@gone", "10.9.1.5@vc")
    assert found["strangers"] == [["10.9.0.5", "va", "02:00:00:00:00:99"], ["fd09::5", "va", "02:00:00:00:00:99"]]
    assert found["unknown"] == [
        ["10.9.0.7", "gone", "[Errno 19] No such device"],
        ["10.9.1.5", "vc", "[Errno 100] Network is down"],
    ]


def test_the_question_about_an_ipv4_address_comes_from_no_address() -> None:
    frame = find_strangers.question(ipaddress.ip_address("10.9.0.5"), OWN)
    ethernet, asks = "ffffffffffff" + "020000000001" + "0806", "0001080006040001"
    assert frame.hex() == ethernet + asks + "020000000001" + "00000000" + "000000000000" + "0a090005"


def test_the_question_about_an_ipv6_address_goes_to_its_group() -> None:
    frame = find_strangers.question(ipaddress.ip_address("fd09::5"), OWN)
    assert frame[:14].hex() == "3333ff000005" + "020000000001" + "86dd"
    assert (frame[21], frame[22:38], frame[38:54].hex()) == (255, bytes(16), "ff0200000000000000000001ff000005")
    whole = bytes(16) + frame[38:54] + bytes.fromhex("000000180000003a") + frame[54:]
    assert find_strangers.checksum(whole) == 0, "with its own checksum, it sums up to nothing"


@pytest.mark.parametrize(
    "frame",
    [b"", b"\x00" * 13, bytes(12) + b"\x08\x06" + bytes(10), bytes(12) + b"\x86\xdd" + bytes(70), bytes(100)],
)
def test_what_claims_nothing(frame: bytes) -> None:
    assert find_strangers.claimed(frame) is None


def test_who_asks_from_an_address_claims_it() -> None:
    head = bytes(12) + b"\x08\x06" + bytes.fromhex("0001080006040001")
    frame = head + bytes.fromhex("020000000099") + ipaddress.ip_address("10.9.0.5").packed + bytes(10)
    assert find_strangers.claimed(frame) == (ipaddress.ip_address("10.9.0.5"), bytes.fromhex("020000000099"))
