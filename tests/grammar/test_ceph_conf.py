"""ceph.conf: Ceph's library and ceph-conf read a file as we do."""

from __future__ import annotations

from typing import Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conf_text import parse_sections
from hypothesis import given
from hypothesis import strategies as st

from .sandbox import Sandbox
from .tally import agreed, enough
from .wild import some

PATH = "/mnt/ceph.conf"
#: Asked once and answered file by file: the library starts threads of its own for each handle, but no process.
ASK = """
import json, os, sys
os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
import rados
for line in sys.stdin:
    path, *keys = json.loads(line)
    handle = rados.Rados(rados_id="admin", conf={})
    try:
        handle.conf_read_file(path)
        answer = {key: handle.conf_get(key) for key in keys}
    except rados.Error:
        answer = None
    finally:
        handle.shutdown()
    print(json.dumps(answer))
"""
KEYS = ("mon_host", "public_network", "cluster_network", "keyring", "osd_pool_default_size")
#: Sections that the library looks into for the administrator, the most special one first.
SEARCHED = ("client.admin", "client", "global")

NAMES = (
    ["mon_host", "public_network", "cluster_network", "keyring", "osd_pool_default_size"],
    ["mon host", "public  network", "cluster\tnetwork", "mon addr", "osd pool default size", "keyring"],
    ["MON_HOST", "mon-host", "mon host [x]", "#", "", "key\\\n ring", " mon_host", "\\#x", "mon_host # x", "k;"],
)
VALUES = (
    ["10.0.0.1", "10.0.0.1 10.0.0.2", "10.0.0.0/24", "3", "/etc/pve/priv/x.keyring"],
    ["10.0.0.1,10.0.0.2", "10.0.0.0/24 # remark", "2;second", '"quoted value"', "'x'", "a \\\n  b", "a=b", "", "a\\#b"],
    [
        '"a',
        'a"b"',
        '"a" b',
        '"a;b"',
        '"a\\"b"',
        "'a\\\n b'",
        "a\\",
        "[x]",
        "\u00e4 \u2028 b",
        "a\rb",
        '"" ',
        "\\\\",
        "a\x0bb",
    ],
)
SECTIONS = (
    ["global", "client", "mon.pve1", "osd"],
    ["client.admin", "mon", "mds.pve1"],
    [" global ", "", "a]b", "x # y", "mon.\\]", "\u00e4", "[g"],
)
SIGNS = ([" = "], ["=", " =", "= ", "\t=\t"], [" \\\n=", "=\\\n ", " # x\n=", " ", "==", ": "])
ENDS = (
    ["\n"],
    ["\n", "\n\n", " \n", "\r\n", " # x\n", "\t; y\n", "\n  \n", "\n  # z\n"],
    ["", "\\\n", "\r", "\u2028", " \\\n \n"],
)
INDENTS = (["", "\t"], ["", " ", "\t "], ["\\\n", "# x\n", "; [y]\n", "\v"])
STARTS = ([""], ["", "\n", "# x\n", "\n; y\n\n"], [" \n", "\t", "key = value\n", "\ufeff"])


@st.composite
def files(draw: st.DrawFn) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 1, 2]))
    text = draw(some(STARTS, wild))
    for _section in range(draw(st.integers(0, 4))):
        text += (
            f"{draw(some(INDENTS, wild)) if wild == 2 else ''}[{draw(some(SECTIONS, wild))}]{draw(some(ENDS, wild))}"
        )
        for _line in range(draw(st.integers(0, 4))):
            line = draw(some(NAMES, wild)) + draw(some(SIGNS, wild)) + draw(some(VALUES, wild))
            text += draw(some(INDENTS, wild)) + line + draw(some(ENDS, wild))
    return text


def we_read(text: str) -> Optional[dict[str, dict[str, str]]]:
    try:
        return parse_sections(text, PATH)
    except Unreadable:
        return None


def test_ceph_conf(sandbox: Sandbox) -> None:
    defaults = sandbox.ask(ASK, PATH, *KEYS, files={PATH: ""})

    @given(files())
    def one(text: str) -> None:
        found = we_read(text)
        values = sandbox.ask(ASK, PATH, *KEYS, files={PATH: text})
        assert (found is None) == (values is None), values
        if found is not None:
            for key in set(KEYS) - {"osd_pool_default_size"}:
                ours = next((found[name][key] for name in SEARCHED if key in found.get(name, {})), defaults[key])
                assert values[key] == ours, key
            listed = sandbox.run(["ceph-conf", "-c", PATH, "--list-all-sections"])
            assert listed.rc == 0
            assert sorted(listed.stdout.split("\n")[:-1]) == sorted(found)
        agreed("ceph.conf", text, "refused by both" if found is None else "read by both")

    one()
    enough("ceph.conf")
