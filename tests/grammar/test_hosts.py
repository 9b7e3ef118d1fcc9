"""hosts(5): the C library's resolver finds for a name what we read in the file, and what we write is what it finds."""

from __future__ import annotations

import ipaddress

from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.hosts_file import (
    HostEntry,
    as_document,
    edited,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from .sandbox import Sandbox
from .tally import agreed, enough
from .wild import some

#: getaddrinfo() as `getent ahosts` calls it; the C library reads the file anew for each name.
ASK = """
import json, socket, sys
for line in sys.stdin:
    found = {}
    for name in json.loads(line):
        try:
            answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except (OSError, UnicodeError):
            answers = []
        found[name] = sorted({answer[4][0] for answer in answers})
    print(json.dumps(found))
"""
NAMES = ("pve1.example.org", "pve1", "pve2", "web", "localhost")
ENTRIES = [
    HostEntry("pve1.example.org", ipaddress.ip_address("10.10.1.11")),
    HostEntry("pve1.example.org", ipaddress.ip_address("fd00::11")),
    HostEntry("pve2", ipaddress.ip_address("10.10.1.12")),
]
ADDRESSES = (
    ["10.10.1.11", "10.10.1.12", "127.0.0.1", "127.0.1.1", "fd00::11"],
    ["::1", "FD00:0:0::11", "10.9.9.9"],
    ["10.10.1.011", "0x0a.1", "10.1", "fe80::1%lo", "nonsense", "", "10.10.1.11/24", "#10.1.1.1", "\u0661.1.1.1"],
)
WORDS = (
    ["pve1", "pve1.example.org", "pve2", "web"],
    ["PVE1", "Pve2", "localhost", "# a remark", "#pve1"],
    ["pve1#x", "web\u00a0pve1", "pve2\u2028", "p\u00f6", "\x85"],
)
GAPS = ([" "], [" ", "\t", "  "], ["\v", "\f", "\r", "\u00a0"])
ENDS = (["\n"], ["\n", "\r\n", " \n", "\n\n", "\n# x\n"], ["", "\u2028", "\x85\n", "\v\n"])


@st.composite
def files(draw: st.DrawFn) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 2]))
    text = ""
    for _line in range(draw(st.integers(0, 6))):
        words = [draw(some(ADDRESSES, wild)), *draw(st.lists(some(WORDS, wild), max_size=3))]
        text += draw(some(([""], ["", " "], ["\t", "\v", "\u00a0"]), wild)) + draw(some(GAPS, wild)).join(words)
        text += draw(some(ENDS, wild))
    return text


def resolved(sandbox: Sandbox, text: str) -> dict[str, set[str]]:
    """Name → what the C library finds, as far as the file says it: it adds loopback of IPv4 to that of IPv6."""
    found = sandbox.ask(ASK, *NAMES, files={"/etc/hosts": text})
    return {name: set(addresses) for name, addresses in found.items()}


def we_find(text: str) -> dict[str, set[str]]:
    found = as_document(text)
    return {name: set(found.get(name, ())) for name in NAMES}


def without_loopback(found: set[str]) -> set[str]:
    return {one for one in found if not ipaddress.ip_address(one).is_loopback}


def test_hosts(sandbox: Sandbox) -> None:
    @given(files())
    def one(text: str) -> None:
        assume("\0" not in text)
        ours, found = we_find(text), resolved(sandbox, text)
        for name in NAMES[:-1]:
            assert without_loopback(ours[name]) == without_loopback(found[name]), name
            assert bool(ours[name] - without_loopback(ours[name])) == bool(found[name] - without_loopback(found[name]))
        after = resolved(sandbox, edited(text, ENTRIES))
        assert after["pve1"] == after["pve1.example.org"] == {"10.10.1.11", "fd00::11"}
        assert {one for one in after["pve2"] if "." in one} == {"10.10.1.12"}
        assert after["web"] == found["web"]
        agreed("hosts", text, "read by both")

    one()
    enough("hosts")
