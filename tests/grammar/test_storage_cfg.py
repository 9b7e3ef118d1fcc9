"""storage.cfg: Proxmox VE's own parser (PVE::SectionConfig, PVE::Storage::Plugin) reads a file as we do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import Options, canonical
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry, parse_storages
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from hypothesis import given
from hypothesis import strategies as st

from .proxmox import MODULES, STORAGE, asking, perl_modules
from .sandbox import Sandbox
from .tally import agreed, enough
from .wild import Rows, some

PARSER = asking("storage_cfg.pl")

NAMES = (["a1", "share", "local", "b-2", "C.d"], ["tank", "x_y"], ["a", "1a", "a-", "a:b", "\u00e41", "pve ok", ""])
KINDS = (sorted(TYPES), ["Dir", "NFS"], ["", "future", "dir:x", " dir", "\u00e4"])
COLONS = ([": "], [":", ":  ", ":\t"], [" : ", "", ":\v", "::", ":\u00a0"])
ENDS = (["\n"], [" \n", "\t\n", "\n# x\n", "\n\t# y\n"], ["\r\n", "", "\u00a0\n", "\x85\n", "\f\n", "\u2028"])
BREAKS = (["\n", "\n\n"], ["\n# z\n\n", "\n \n\n"], ["", " \n", "\r\n", "\t\n", "0\n", "#\n", "\v\n"])
INDENTS = (["\t"], ["  ", " ", "\t\t"], ["", "\v", "\u00a0", "\r"])
GAPS = ([" "], ["\t", "  ", " \t "], ["=", "\u00a0", "\v", "", "\n"])
WILD = ["", "0", "1", "007", "+5", "-1", "yes", "/srv/a", "a,b", "a b", "x;y", ",", "1.5", "\u00fc", "\x1b", "a\u00a0b"]
VALUES: dict[str, Rows] = {
    "content": (
        ["images", "iso,backup", "rootdir", "none", "vztmpl,snippets"],
        ["images rootdir", "import;iso", "backup"],
        ["none,images", "images,movies", "Images"],
    ),
    "nodes": (["pve1", "pve1,pve2"], ["pve2 pve1", "pve1;;pve3,"], ["pve_1", "pve1,-x", "pve1.example.org"]),
    "path": (["/srv/a", "/mnt/pve/x", "/var/lib/vz"], ["/srv//a/", "/srv/./b/../c", "/var/lib/vz/", "/../x"], []),
    "server": (
        ["10.10.1.1", "nas.example.org", "fd00::1"],
        ["NAS", "FD00:0:0::0001", "::ffff:10.0.0.1", "256.1.1.1"],
        ["nas.", "-nas", "fd00::1%eth0", "fd00:::1", "a_b", "10.1.1.1/24", "[fd00::1]", "1::2:3:4:5:6:7:8"],
    ),
    "portal": (
        ["10.10.1.1", "10.10.1.1:3260", "san"],
        ["[fd00::1]:3260", "fd00::1", "fd00::1.3260", "[san]"],
        ["10.1.1.1:x", "[fd00::1", "a_b", "[]", "::1.1.1.1.1", "san:1:2", "-.-", "\u0661"],
    ),
    "options": (["vers=4.2", "soft,vers=3"], ["vers=4.2,,soft"], ["vers=4.2, soft"]),
    "prune-backups": (
        ["keep-last=3", "keep-all=1", "keep-daily=7,keep-weekly=4"],
        ["keep-all=0", "keep-last=0", "keep-last=03", "keep-last=+3,", "keep-all=yes", "keep-all=0,keep-last=1"],
        ["keep-all=1,keep-last=2", "keep-last=3, keep-daily=1", "keep-last=-1", "keep-last=x", "keep-all=2", "3"]
        + ["keep-all=1,keep-last=0", "keep-last=1,keep-last=2", "keep-never=1", "keep-last=", "keep-last==1", ", ,"],
    ),
    "bwlimit": (
        ["default=1000", "move=10,restore=20"],
        ["clone=1.5", "clone=1e3", "clone=.5", "default=00", "default=1."],
        ["default=-1", "default=x", "5", "other=1", "clone=-0"],
    ),
    "content-dirs": (
        ["iso=isos", "iso=a/b,backup=dump"],
        ["iso=a iso=b", "snippets=.x", "import=i", "iso=/abs"],
        ["iso=..", "iso=a.", "iso=a..b", "movies=m", "iso", "iso=" + "x" * 255, "iso=" + "y/" * 511 + "zz", "i=1=2"],
    ),
    "is_mountpoint": (["yes", "no", "/srv/a"], ["1", "off", "True"], ["maybe"]),
    "blocksize": (["8k", "16K", "4096"], ["1m", "512"], ["3k", "32m", "08k", "256", "8kb"]),
    "fingerprint": ([":".join(["aB"] * 32)], [":".join(["0f"] * 32)], [":".join(["aB"] * 31), ":".join(["ag"] * 32)]),
    "vgname": (["pve", "vg-1"], ["9x", "a.b"], ["a", "a-", "a b"]),
    "base": (["san:0.0.0.lun-1"], ["s1:x y"], ["san:", "san", "1s:x"]),
    "port": (["8007", "1"], ["007", "+5"], ["0", "65536", "x", "80 07", "99999999999999999999"]),
    "max-protected-backups": (["5", "-1"], ["+3", "00"], ["-2", "1.0"]),
    "saferemove-stepsize": (["8", "32"], ["16"], ["032", "3"]),
    "fs-name": (["cephfs"], ["c_1"], ["c", "1c"]),
    "domain": (["lab"], ["d" * 256], ["d" * 257, "\u00e4" * 129]),
    "monhost": (["10.1.1.1 10.1.1.2", "mon1"], ["mon1;[fd00::1]:6789", "mon1,mon2:3300"], ["mon_1"]),
}


def values_of(key: str, wild: int) -> st.SearchStrategy[str]:
    option = OPTIONS.get(key)
    rows = VALUES.get(key, (["word", "/srv/x"], ["two words", "007"], []))
    if option is not None and option.kind == "flag":
        rows = (["", "1", "0"], ["01"], ["yes", "off", "true", "2", "1 1"])
    elif option is not None and option.choices and key not in VALUES:
        rows = ([str(choice) for choice in option.choices], [], ["RAW", "none"])
    return some((rows[0], rows[1], [*rows[2], *WILD]), wild)


@st.composite
def lines(draw: st.DrawFn, kind: str, wild: int) -> Iterator[str]:
    """The properties of a section: those that its type needs, and others; now and then one twice."""
    known = TYPES.get(kind.lower())
    usual = sorted(known.options) if known else ["path", "content"]
    others = [*OPTIONS, "mkdir", "maxfiles", "type", "comment", "#nodes"] if wild == 2 else []
    extra = draw(st.lists(st.sampled_from([*usual, *usual, *others]), max_size=5))
    needed = [] if wild == 2 and draw(st.integers(0, 3)) == 0 else sorted(known.required if known else ())
    for key in draw(st.permutations([*needed, *extra])):
        value = draw(values_of(key, wild))
        gap = draw(some(GAPS, wild)) if value else ""
        yield draw(some(INDENTS, wild)) + key + gap + value + draw(some(ENDS, wild))


@st.composite
def files(draw: st.DrawFn) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 2, 2]))
    text = draw(some(([""], ["# x\n", "\n"], [" \n", "\ufeff", "0\n", "\tpath /x\n"]), wild))
    for _section in range(draw(st.integers(0, 3))):
        rough = wild and draw(st.integers(0, wild))
        kind = draw(some(KINDS, rough))
        text += kind + draw(some(COLONS, rough)) + draw(some(NAMES, rough)) + draw(some(ENDS, rough))
        text += "".join(draw(lines(kind, rough))) + draw(some(BREAKS, rough))
    return text


def as_ours(found: Mapping[str, Any]) -> StorageEntry:
    """What upstream read, in our form, without what only one of us tells."""
    kind = found["type"]
    texts = {key: _text(key, value) for key, value in found.items() if key in TYPES[kind].options}
    options = canonical(texts)
    if "nodes" in found:
        options["nodes"] = frozenset(found["nodes"])
    return StorageEntry(kind, {**options, "content": frozenset(found["content"]) or frozenset(["none"])})


def _text(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{one}={what}" if key == "content-dirs" else one for one, what in sorted(value.items()))
    return str(value).encode("latin-1").decode()  # it reads bytes


def compared(entry: Optional[StorageEntry]) -> tuple[str, Options]:
    assert entry is not None
    return entry.type, {key: value for key, value in entry.options.items() if key in TYPES[entry.type].options}


@pytest.fixture
def parser(sandbox_root: Path) -> Iterator[Sandbox]:
    with Sandbox(sandbox_root, {MODULES: perl_modules(STORAGE)}) as opened:
        yield opened


def test_storage_cfg(parser: Sandbox) -> None:
    @given(files())
    def one(text: str) -> None:
        ours, theirs = parse_storages(text), parser.ask(PARSER, text)
        found = {name: as_ours(one) for name, one in theirs["ids"].items() if one and one["type"] in TYPES}
        known = {name for name, entry in ours.entries.items() if entry.type in TYPES}
        assert known == set(found)
        for name in known:
            assert compared(ours.entries[name]) == compared(found[name]), name
        assert set(ours.unreadable) == {name for name, one in theirs["ids"].items() if one is None}
        assert bool(ours.unreadable) != bool(theirs["writable"])
        agreed("storage.cfg", text, "refused as a whole by both" if ours.unreadable else "read by both")

    one()
    enough("storage.cfg")
