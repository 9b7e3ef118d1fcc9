"""exports(5): exportfs reads a file as we do, to the first thing that it does not understand."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Optional

from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.options import Meaning, same_meaning
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import Client, Export
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.text import (
    parse_declared,
    parse_served,
    render_exports,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.nfs.server import REALPATH
from hypothesis import given
from hypothesis import strategies as st

from .sandbox import Sandbox
from .tally import agreed, enough
from .wild import some

#: A line in: the text of a file. A line out: exit code, table and errors of exportfs.
EXPORTFS = """
import json, os, subprocess, sys
for folder in ("/var/lib/nfs", "/etc/exports.d", "/srv"):
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
for folder in ("/srv/a", "/srv/b/c", "/srv/a b", "/srv/real/deep"):
    os.makedirs(folder)
os.symlink("/srv/real", "/srv/link")
with open("/etc/hosts", "w") as hosts:
    hosts.write("127.0.0.1 localhost\\n192.0.2.1 pve1.example.org alias1\\n192.0.2.2 pve2\\n")
    hosts.write("2001:db8::6 six.example.org\\n")
for line in sys.stdin:
    (text,) = json.loads(line)
    with open("/etc/exports.d/trial.exports", "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
    open("/var/lib/nfs/etab", "wb").close()
    done = subprocess.run(["exportfs", "-ra"], capture_output=True)
    with open("/var/lib/nfs/etab", "rb") as file:
        table = file.read()
    print(json.dumps([done.returncode, *(part.decode("utf-8", "surrogateescape") for part in (table, done.stderr))]))
"""
#: What exportfs says where it stops reading.
STOPS = re.compile(r"syntax error|unknown keyword|bad (anonuid|anongid|fsid|option)|unknown flavor|expected client")
#: A client that the module takes.
HOST = re.compile(r"[^\s()\"#,\\-][^\s()\"#,\\]*")

PATHS = (
    ["/srv/a", "/srv/b/c", "/srv/real"],
    ["/srv/a/", "//srv//b/./c", "/srv/link/deep", '"/srv/a b"', "/srv/a\\040b", "/srv/missing/", "/srv/\\303\\274"],
    [
        "/srv/a#b",
        '/srv/"a b',
        "/srv/\\134141",
        "srv/a",
        "/srv/b/../a",
        '""',
        "/srv/a\\",
        "/srv/\\8",
        "\u00e4",
        "/" + "a" * 1030,
    ],
)
HOSTS = (
    ["10.10.2.11", "10.10.2.0/24", "pve2", "pve1.example.org", "*"],
    [
        "10.10.3.7/24",
        "10.0.0.0/255.0.0.0",
        "2001:DB8:0::1",
        "fd00::/64",
        "alias1",
        "PVE2",
        "@nodes",
        "*.lab.test",
        "",
        "192.0.2.1",
    ],
    [
        "nowhere.test",
        "10.0.0.0/33",
        "node[12]",
        "gss/krb5",
        '"10.10.2.11"',
        "a\\040b",
        "10.1",
        "x" * 520,
        "#",
        "2001:db8::6",
    ],
)
OPTIONS = (
    ["rw", "ro", "sync", "no_subtree_check", "no_root_squash", "async"],
    [
        *(
            "sec=sys",
            "sec=krb5p:krb5",
            "sec=unix",
            "insecure",
            "all_squash",
            "anonuid=1000",
            "anongid=-2",
            "fsid=0",
            "fsid=0x10",
        ),
        *(
            "fsid=root",
            "crossmnt",
            "nohide",
            "no_acl",
            "pnfs",
            "mp",
            "mountpoint=/srv/a",
            "nordirplus",
            "security_label",
        ),
        *("no_auth_nlm", "subtree_check", "no_wdelay", "root_squash", "secure", "no_all_squash", "refer=/a@192.0.2.9"),
        *("fsid=12345678-1234-1234-1234-123456789abc", "squash_uids=5", "replicas=/a@192.0.2.9", "sec=none"),
    ],
    [
        "",
        "rwx",
        " ro",
        "fsid=08",
        "fsid=",
        "anonuid=",
        "anonuid=me",
        "sec=",
        "sec=kerberos",
        "squash_uids=0-15,20",
        "RW",
        "mp=",
        "refer=",
    ],
)
GAPS = ([" "], [" ", "\t", "  ", " \\\n  "], ["", "\r", "\v", "\f\f", "\\\n", " # x", "\u00a0"])
ENDS = (
    ["\n"],
    ["\n", "\n\n", " \n", "\t\n", " # remark\n", "\r\n"],
    ["", "\\\n", "#x\n", " # x \\\n", "\n\\\n", "\n\n\\"],
)
STARTS = (["", "# ours\n"], ["", "\n\n", "  ", "# \\\n", "\t# x\n"], ["\\\n", "#", '"', "\ufeff", "\r\n"])


@st.composite
def options(draw: st.DrawFn, wild: int) -> str:
    return ",".join(draw(some(OPTIONS, wild)) for _word in range(draw(st.integers(0, 5))))


@st.composite
def clients(draw: st.DrawFn, wild: int, behind_dash: bool) -> str:
    """A client, or options for those behind it.

    Not twice in a row, as exportfs reads memory then that nobody has set; and without squash_uids, on which it dies.
    """
    given = draw(options(wild))
    kind = draw(st.sampled_from([0, 0, 0, 0, 1, *([] if behind_dash or "squash_" in given else [2])]))
    if kind == 1:
        return draw(some(HOSTS, wild))
    text = f"-{given}" if kind == 2 else f"{draw(some(HOSTS, wild))}({given})"
    return text[: draw(st.integers(0, len(text)))] if wild == 2 and draw(st.booleans()) else text


@st.composite
def files(draw: st.DrawFn) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 1, 2]))
    text = draw(some(STARTS, wild))
    for _line in range(draw(st.integers(0, 4))):
        text += draw(some(PATHS, wild))
        client = ""
        for _client in range(draw(st.integers(0, 3))):
            client = draw(clients(wild, client.startswith("-")))
            text += draw(some(GAPS, wild)) + client
        text += draw(some(ENDS, wild))
    return text


def has_one_kind_of_fsid(text: str) -> bool:
    """Of a number and a UUID exportfs takes both, and the beginning of the UUID for the number."""
    return len({bool(re.match("[0-9a-f]{8}-", one)) for one in re.findall(r"fsid=([^,)\s]+)", text)}) < 2


@dataclass
class Node:
    """Where paths lead and what names resolve to, each asked once."""

    sandbox: Sandbox

    def __post_init__(self) -> None:
        self._places: dict[str, str] = {}
        self._hosts: dict[str, str] = {}

    def place(self, path: str) -> str:
        if path not in self._places:
            self._places[path] = self.sandbox.run([*REALPATH, path]).stdout.rstrip("\0")
        return self._places[path]

    def client(self, host: str) -> str:
        """A name or an address stands for an address, and that is what exportfs compares; "": for none."""
        if host in ("", "*") or host.startswith(("gss/", "@")):
            return host.lower()
        sign = re.search(r"[*?\[/]", re.sub(r"\\.", "", host))
        if sign is not None:
            return host.lower() if sign.group() != "/" or _is_network(host) else ""
        if host not in self._hosts:
            found = self.sandbox.run(["getent", "ahosts", "--", host]).stdout.split()
            self._hosts[host] = found[0] if found else ""
        return self._hosts[host]


def _is_network(text: str) -> bool:
    """Of a prefix that is missing exportfs makes 0."""
    try:
        ipaddress.ip_network(f"{text}0" if text.endswith("/") else text, strict=False)
    except ValueError:
        return False
    return True


Table = Mapping[tuple[str, str], list[Meaning]]


def wanted_by(exports: Iterable[Export], node: Node) -> Table:
    """Place and client → what it may; of two declarations the first counts."""
    found: dict[tuple[str, str], list[Meaning]] = {}
    for export in exports:
        for client in export.clients:
            key = (node.place(export.path), node.client(client.host))
            if key[1]:
                found.setdefault(key, [client.means])
    return found


def served_by(table: str, node: Node) -> Table:
    """The same of the table; nobody and everybody are one client for us, and two for exportfs."""
    found: dict[tuple[str, str], list[Meaning]] = defaultdict(list)
    for line in table.split("\n"):
        for path, hosts in parse_served(line).items():
            for client in hosts.values():
                found[node.place(path), node.client(client.host or "*")].append(client.means)
    return found


def assert_agreed(wanted: Table, served: Table) -> None:
    assert set(wanted) == set(served)
    for key, (means,) in wanted.items():
        assert any(same_meaning(means, found) for found in served[key]), key


def test_exports(sandbox: Sandbox) -> None:
    sandbox.ask(EXPORTFS, "")
    node = Node(sandbox)

    @given(files().filter(has_one_kind_of_fsid))
    def one(text: str) -> None:
        declared = parse_declared(text)
        rc, table, said = sandbox.ask(EXPORTFS, text)
        if "too long" not in declared.problem:  # where exportfs stops without a word
            assert bool(declared.problem) == bool(STOPS.search(said)), (declared.problem, said)
            assert not declared.problem or rc != 0
        assert_agreed(wanted_by(declared.exports, node), served_by(table, node))
        ours = tuple(filter(None, map(_as_we_write_it, declared.exports)))
        if ours and not declared.problem:
            _read_again(ours)
        agreed("exports", text, "read by both" if not declared.problem else "read by both to where exportfs stops")

    def _read_again(exports: tuple[Export, ...]) -> None:
        """What we would write of it means the same to exportfs."""
        rc, table, said = sandbox.ask(EXPORTFS, render_exports(exports))
        assert not STOPS.search(said), said
        assert_agreed(wanted_by(exports, node), served_by(table, node))

    one()
    enough("exports")


def _as_we_write_it(export: Export) -> Optional[Export]:
    """Options of a line are spelled out at each client, unless they would mean something else there."""
    clients = tuple(Client(client.host, client.spelled) for client in export.clients)
    same = all(
        ours.means == client.means and HOST.fullmatch(ours.host) for ours, client in zip(clients, export.clients)
    )
    return Export(export.path, clients) if same and export.path.startswith("/") else None
