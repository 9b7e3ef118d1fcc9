"""Made-up files of /etc/network: what people write, what is odd and legitimate, what is wrong."""

from __future__ import annotations

from hypothesis import strategies as st

from .wild import some

NAMES = (
    ["lo", "eno1", "eno2", "vmbr0", "bond0"],
    ["eno1.40", "bond0.40", "eth0:1", "vmbr0v5", "enp65s0f0np0", "wl-x"],
    ["n" * 16, "n" * 81, "a\\b", "auto", "#eno1", "é1"],
)
FAMILIES = (
    ["inet manual", "inet static", "inet6 static", "inet6 manual"],
    ["inet dhcp", "inet6 auto", "inet loopback", "inet manual inherits eno1", "inherits eno1", "inet inherits eno2"],
    ["", "inet", "inet6 bogus", "bogus", "can static", "inherits", "inet manual extra word", "inet manual # remark"],
)
OPTIONS = (
    [
        *("address 192.0.2.11/24", "gateway 192.0.2.1", "netmask 255.255.255.0", "mtu 9000", "bridge-ports eno1 eno2"),
        *(
            "bridge-stp off",
            "bond-slaves eno1 eno2",
            "bond-mode 802.3ad",
            "post-up ip route add 192.0.2.0/26 dev $IFACE",
        ),
    ],
    [
        *("bridge_ports regex en.*", "bond_master bond0", "bond-master bond0", "vlan-raw-device eno1", "up  a\tb ; c"),
        *("pre-down x", "down y || true", "post-down z", "dns-nameservers 192.0.2.53 192.0.2.54", "address fe80::1/64"),
        *("broadcast +", "scope link", "netmask 24", "hidden-option a # no remark", "bridge-vids 2-4094", "metric 100"),
        *('up printf "a\\tb" > /run/hook', "pre-up \\\n echo x", "bridge-ports eno1 \\\n  eno2", "mtu 1\\\n400"),
        *("no-auto-down", "auto", "allow-hotplug", "no-scripts", "address 198.51.100.1 \\", "option value\\ "),
    ],
    ["mtu", "x", "% if x:", "${name} y", "\\", "\\\\", "a\vb c", "\f", "script /bin/true", "map a b", "address\u00a01"],
)
TOPS = (
    ["source interfaces.d/*", "source-directory interfaces.d"],
    [
        *("source interfaces.d/a", "source-directory interfaces.d/", "source interfaces.d/*.cfg", "source missing/*"),
        *("no-auto-down eno1", "rename eno1=lan0", "no-scripts eno2", "mapping zz*\n script /bin/true\n map a b"),
        *("source interfaces.d/[ab]", "source interfaces.d/?", "source-dir interfaces.d", "source missing"),
    ],
    [
        "stray words",
        "source",
        "source-directory",
        "allow- x",
        "auto",
        "mapping zz\n bogus x",
        "% for i in x:",
        "source a b",
    ],
)
CLASSES = (["auto", "allow-hotplug"], ["allow-auto", "allow-ovs", "allow-vmbr0"], ["allow-a-b", "allow-"])
COMMENTS = (["# a remark"], ["#", "  # with a backslash \\", "# \\\\files\\", "\t# x"], ["# \\\n# y", "#a\\ "])
GAPS = ([" "], ["\t", "  ", " \t "], [" \\\n ", "\\\n"])
INDENTS = (["    ", "\t"], ["", " ", "  "], ["\v", "\\\n", " \\\n"])
ENDS = (["\n"], ["\n\n", " \n", "\t\n"], ["\r\n", "\\\n", "\n\\\n", "\\\\\n"])
#: In the folder that is sourced; which of them are read depends on the program.
SOURCED = ("a", "b", "50-cloud-init.cfg", "c.dpkg-old", ".hidden", "d-e_f")


@st.composite
def stanzas(draw: st.DrawFn, wild: int) -> str:
    header = (
        f"iface{draw(some(GAPS, wild))}{draw(some(NAMES, wild))}{draw(some(GAPS, wild))}{draw(some(FAMILIES, wild))}"
    )
    text = header + draw(some(ENDS, wild))
    for _line in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from([OPTIONS, OPTIONS, OPTIONS, COMMENTS]))
        text += draw(some(INDENTS, wild)) + draw(some(kind, wild)) + draw(some(ENDS, wild))
    return text


@st.composite
def pieces(draw: st.DrawFn, wild: int) -> str:
    kind = draw(st.sampled_from(["stanza", "stanza", "stanza", "class", "class", "top", "comment"]))
    if kind == "stanza":
        return draw(stanzas(wild))
    if kind == "class":
        names = draw(st.lists(some(NAMES, wild), min_size=1, max_size=3))
        return (
            draw(some(CLASSES, wild))
            + "".join(draw(some(GAPS, wild)) + name for name in names)
            + draw(some(ENDS, wild))
        )
    return draw(some(TOPS if kind == "top" else COMMENTS, wild)) + draw(some(ENDS, wild))


@st.composite
def texts(draw: st.DrawFn, most: int) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 1, 2]))
    return "".join(draw(st.lists(pieces(wild), max_size=most)))


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    """Name → text, of the main file and of the folder beside it."""
    found = {"interfaces": draw(texts(6))}
    for name in draw(st.sets(st.sampled_from(SOURCED), max_size=2)):
        found[f"interfaces.d/{name}"] = draw(texts(2))
    return found
