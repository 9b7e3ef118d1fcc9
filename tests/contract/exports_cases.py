"""Exports that must survive being written, read, and judged by the real exportfs: a table, and as many again by chance.

The table holds what people really have: spaces, IPv6, names, netgroups, overlapping exports, every option.
"""

from __future__ import annotations

import re
import string

from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.options import contradictions
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import Client, Export
from hypothesis import strategies as st

NETWORK = "10.10.2.0/24"
#: Names that the trial's own /etc/hosts resolves.
NAMES = {"pve1.example.org": "192.0.2.1", "pve2": "192.0.2.2", "six.example.org": "2001:db8::6"}

_PATHS = (
    "plain",
    "a/deep/one",
    "with space",
    "two  spaces",
    " space first",
    "space last ",
    "a\ttab",
    "a\nnewline",
    'a"quote',
    '"quoted"',
    "it's",
    "#1",
    "a#b",
    "back\\slash",
    "ends in \\",
    "ü",
    "网络存储",
    "paren(s)",
    "comma,comma",
    "equals=sign",
    "-dash",
    "star*",
    "question?",
    "[brackets]",
    "colon:colon",
    "at@sign",
    "dollar$HOME",
    "percent%s",
    "control\x01\x7f",
    "x" * 200,
)
_HOSTS = (
    "10.10.2.11",
    "10.10.2.0/24",
    "10.0.0.0/8",
    "10.10.2.0/25",
    "10.10.2.11/32",
    "10.10.2.77/24",
    "10.10.3.0/255.255.255.0",
    "0.0.0.0/0",
    "2001:db8::1",
    "2001:DB8:0:0::1",
    "2001:db8::/32",
    "fd00:10:2::/64",
    "fd00:10:2::5/128",
    "fe80::1",
    "::1",
    "::/0",
    "pve1.example.org",
    "pve2",
    "PVE1.example.org",
    "six.example.org",
    "*.example.org",
    "*.Example.org",
    "node?.example.org",
    "node[12].example.org",
    "@nodes",
    "@Storage-Nodes_1",
    "*",
)
_OPTIONS = (
    "",
    "ro",
    "rw",
    "rw,async",
    "rw,sync,no_wdelay",
    "rw,no_root_squash",
    "rw,all_squash",
    "rw,all_squash,anonuid=1000,anongid=1000",
    "rw,anonuid=-2,anongid=-2",
    "rw,anonuid=0",
    "rw,no_all_squash,root_squash",
    "rw,subtree_check",
    "rw,no_subtree_check",
    "rw,insecure",
    "rw,secure",
    "rw,insecure_locks",
    "rw,no_auth_nlm",
    "rw,auth_nlm",
    "rw,nohide",
    "rw,crossmnt",
    "rw,no_acl",
    "rw,acl",
    "rw,pnfs",
    "rw,no_pnfs",
    "rw,security_label",
    "rw,fsid=7",
    "rw,fsid=0",
    "rw,fsid=root",
    "rw,fsid=4f2c6e0e-6a0b-4a43-8c0e-2f6c0a1b2c3d",
    "rw,mountpoint",
    "rw,mp",
    "rw,mp=/srv/trial",
    "rw,sec=sys",
    "rw,sec=krb5",
    "rw,sec=krb5:krb5i:krb5p",
    "ro,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _one(number: int, host: str, options: str, path: str = "case") -> Export:
    return Export(f"/srv/trial/{number:03}/{path}", (Client(host, _words(options)),))


def table() -> dict[str, tuple[Export, ...]]:
    """Title → exports; the paths of all cases differ, so that all fit into one file."""
    single = [(f"path {path!r}", NETWORK, "rw", path) for path in _PATHS]
    single += [(f"client {host}", host, "ro", "case") for host in _HOSTS]
    single += [(f"options {options or 'none'}", NETWORK, options, "case") for options in _OPTIONS]
    cases = {title: (_one(number, host, options, path),) for number, (title, host, options, path) in enumerate(single)}
    return {**cases, **_several()}


def _several() -> dict[str, tuple[Export, ...]]:
    """Exports with several clients, and exports that lie in one another."""
    four = tuple(Client(f"10.{number}.0.0/16", ("rw", "no_root_squash")) for number in range(1, 5))
    mixed = (Client(NETWORK, ("rw",)), Client("fd00::/64", ("ro",)), Client("@nodes"), Client("pve2", ("rw", "async")))
    nested = (Client(NETWORK, ("ro",)), Client("10.10.2.11", ("rw", "no_root_squash")))
    return {
        "no exports": (),
        "four networks": (Export("/srv/trial/four", four),),
        "networks, netgroup and name": (Export("/srv/trial/mixed", mixed),),
        "a host of its own network": (Export("/srv/trial/nested clients", nested),),
        "one in the other": (
            Export("/srv/trial/outer", (Client(NETWORK, ("ro",)),)),
            Export("/srv/trial/outer/inner", (Client(NETWORK, ("rw", "no_root_squash")),)),
            Export("/srv/trial/outer/inner/most inner", (Client("10.9.0.0/16", ("rw",)),)),
        ),
        "one beginning like the other": (
            Export("/srv/trial/share", (Client(NETWORK),)),
            Export("/srv/trial/share2", (Client("10.9.0.0/16"),)),
        ),
        "IPv4 and IPv6 of one host": (
            Export("/srv/trial/both", (Client("192.0.2.7", ("rw",)), Client("2001:db8::7", ("rw",)))),
        ),
    }


_FLAGS = [word for options in _OPTIONS for word in _words(options) if not word.startswith(("fsid", "mp", "mountpoint"))]
#: Paths without what cannot be in one, nor be exported: exportfs reads octal codes twice. Surrogates are no text.
_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..") and not re.search(r"\\[0-7]{3}", name)
)
_hosts = st.one_of(
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.integers(1, 32)).map(lambda net: f"{net[0]}/{net[1]}"),
    st.tuples(st.ip_addresses(v=6), st.integers(1, 128)).map(lambda net: f"{net[0]}/{net[1]}"),
    st.text(string.ascii_lowercase, min_size=1, max_size=30).map(lambda name: f"@{name}"),
    st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20).map(lambda name: f"*.{name}.example"),
)
_options = st.lists(st.sampled_from(sorted(set(_FLAGS))), max_size=8).filter(lambda words: not contradictions(words))
_clients = st.builds(Client, _hosts, _options.map(tuple))
#: One export with up to four clients; what a test needs distinct it makes distinct itself.
export = st.builds(Export, _names.map("/srv/trial/{}".format), st.lists(_clients, min_size=1, max_size=4).map(tuple))
