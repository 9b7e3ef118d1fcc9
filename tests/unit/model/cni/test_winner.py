"""Which file a runtime takes is told for each, in its own order, and with its own way at a file that does not load."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.conflist import read_file
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.winner import Chosen, Runtime, chosen

LIST = '{"cniVersion": "1.0.0", "name": "%s", "plugins": [{"type": "bridge"}]}'
SINGLE = '{"cniVersion": "0.4.0", "name": "%s", "type": "bridge"}'
FILES = {
    "05-b.conf": SINGLE % "b",
    "10-a.conflist": LIST % "a",
    "20-b.conflist": LIST % "b",
    "00-readme.txt": "x",
}
BROKEN = {"01-broken.conf": "{", **FILES}
BROKEN_LIST = {"15-broken.conflist": "{", **FILES}


@pytest.mark.parametrize(
    ("runtime", "files", "network", "number", "expected"),
    [
        ("containerd", FILES, "b", 1, Chosen(("05-b.conf",))),
        ("containerd", FILES, "b", 0, Chosen(("05-b.conf", "10-a.conflist", "20-b.conflist"))),
        ("containerd", FILES, "b", 2, Chosen(("05-b.conf", "10-a.conflist"))),
        ("containerd", BROKEN, "b", 1, Chosen(stopped_by="01-broken.conf")),
        ("containerd", BROKEN_LIST, "b", 1, Chosen(("05-b.conf",))),
        ("containerd", BROKEN_LIST, "b", 0, Chosen(stopped_by="15-broken.conflist")),
        ("cri-o", BROKEN, "b", 1, Chosen(("05-b.conf",))),
        ("cnitool", FILES, "b", 1, Chosen(("20-b.conflist",))),
        ("cnitool", BROKEN, "b", 1, Chosen(("20-b.conflist",))),
        ("cnitool", BROKEN, "c", 1, Chosen(stopped_by="01-broken.conf")),
        ("cnitool", BROKEN_LIST, "a", 1, Chosen(("10-a.conflist",))),
        ("cnitool", BROKEN_LIST, "b", 1, Chosen(stopped_by="15-broken.conflist")),
        ("cnitool", FILES, "c", 1, Chosen()),
    ],
)
def test_a_runtime_takes(runtime: Runtime, files: dict[str, str], network: str, number: int, expected: Chosen) -> None:
    assert chosen(runtime, [read_file(name, text) for name, text in files.items()], network, number) == expected
