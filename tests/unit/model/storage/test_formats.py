"""Which texts Proxmox VE accepts for an option; `make grammar` asks its own parser about thousands."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.formats import takes
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS

#: (option, accepted, not accepted)
TEXTS = [
    ("fuse", ["0", "1"], ["yes", "true", "01", "2", ""]),
    ("port", ["1", "+8007", "007"], ["0", "65536", "1.5", "9" * 5000, "\u0661"]),
    ("max-protected-backups", ["-1", "9" * 5000], ["-2", "many"]),
    ("saferemove-stepsize", ["8"], ["08", "3"]),
    ("path", ["/srv", "/srv/(a) b", "/mnt/pve/\u00fc"], ["srv", "/", "/(a)", "/;"]),
    ("options", ["vers=4.2", "a\u00a0b"], ["vers=4.2, soft"]),
    (
        "server",
        ["nas", "10.1.1.1", "FD00::1", "::ffff:10.1.1.1", "256.1.1.1"],
        ["nas.", "a_b", "fd00::1%eth0", "[::1]"],
    ),
    ("portal", ["san:3260", "[fd00::1]:3260", "fd00::1.3260", "fd00::1"], ["san:x", "[fd00::1", "a_b", "[::x]"]),
    ("monhost", ["10.1.1.1 mon2;[fd00::1]:6789", ""], ["mon1,mon_2"]),
    ("nodes", ["pve1 pve-2", ""], ["pve_1", "pve1,pve2.example.org"]),
    ("content", ["iso,images", "none images"], ["iso,films"]),
    ("blocksize", ["8k", "512", "16M"], ["3k", "32M", "08k", "8kb"]),
    ("domain", ["d" * 256], ["d" * 257, "\u00e4" * 129]),
    ("base", ["san:0.0.1.lun"], ["san:", "lun"]),
    (
        "prune-backups",
        ["keep-last=3,,keep-daily=+1", "keep-all=yes"],
        ["keep-last=3, keep-daily=1", "keep-last=-1", "3"],
    ),
    ("prune-backups", ["keep-all=1,keep-last=0"], ["keep-all=1,keep-last=1", "keep-last=1,keep-last=2", "keep-last="]),
    ("bwlimit", ["move=1.5,default=1e3"], ["move=-1", "other=1", "1000"]),
    (
        "content-dirs",
        ["iso=a/b snippets=.x"],
        ["iso=..", "iso=a.", "films=x", "iso=" + "a" * 255, "iso=" + "a" * 40 + ".."],
    ),
]


@pytest.mark.parametrize(("name", "accepted", "others"), TEXTS)
def test_values(name: str, accepted: list[str], others: list[str]) -> None:
    assert [text for text in accepted if not takes(OPTIONS[name], text)] == []
    assert [text for text in others if takes(OPTIONS[name], text)] == []
