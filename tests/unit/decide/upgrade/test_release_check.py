"""What keeps a node from the next release: upstream's rows, and what upstream does not look at."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES
from ansible_collections.baremetal.virt.plugins.modules.release_check_info import INQUIRY

from ....doubles.checker_texts import QUIET, said
from ....doubles.support import FakeNode, printed

PACKAGES = ("dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${db:Status-Status}\n")
DEBIAN = "deb http://mirror.lab/debian bookworm main contrib\n"
GOOD = {"openssh-server": "1:9.2p1-2+deb12u7", "pve-cluster": "8.1.2", "pve-manager": "8.4.21"}


def fresh(codename: str = "bookworm", checker: str = "pve8to9", **packages: str) -> FakeNode:
    """A node of release 8 that nothing keeps from 9. What dpkg thinks of versions is what is told of ``old`` ones."""
    node = FakeNode()
    node.files.update(
        {
            "/proc/sys/kernel/hostname": "pve1\n",
            "/etc/os-release": f"ID=debian\nVERSION_CODENAME={codename}\n",
            "/etc/apt/sources.list": DEBIAN.replace("bookworm", codename),
            "/etc/ssh/sshd_config": "PermitRootLogin yes\n",
        }
    )
    installed = {**GOOD, **packages}
    rows = "".join(f"{name}\t{version}\tinstalled\n" for name, version in installed.items() if version)
    node.commands.update(
        {
            ("getent", "ahosts", "pve1"): printed("10.10.1.11 STREAM pve1\n"),
            ("ip", "-json", "address"): printed("[]"),
            PACKAGES: printed(rows),
            (checker, "--full"): printed(said(*QUIET)),
            (checker,): printed(said(("SKIP", "NOTE: Expensive checks, not performed without '--full' parameter"))),
        }
    )
    for release in RELEASES:
        for name, least in release.needs_before.items():
            older = installed.get(name) != GOOD.get(name, least)
            node.commands["dpkg", "--compare-versions", installed.get(name, ""), "ge", least] = Completed(older, "", "")
    return node


def ask(node: FakeNode, to: int = 9, accepted: tuple[str, ...] = (), full: bool = True) -> dict[str, Any]:
    return dict(INQUIRY.answer(node, {"to": to, "full": full, "accepted": list(accepted)}))


def ids(told: dict[str, Any]) -> list[str]:
    return [check["id"] for check in told["checks"]]


def test_a_node_that_nothing_keeps() -> None:
    told = ask(fresh())
    assert (told["in_the_way"], told["checks"], told["upgraded"]) == ([], [], False)
    assert (told["passed"], told["skipped"]) == (2, 1)


def test_it_has_begun_when_a_source_of_debian_or_proxmox_names_the_release() -> None:
    node = fresh()
    node.files["/etc/apt/sources.list.d/other.list"] = "deb http://other.lab/tools trixie main\n"
    assert not ask(node)["begun"]
    node.files["/etc/apt/sources.list"] += DEBIAN.replace("bookworm", "trixie-updates")
    assert ask(node)["begun"] and not ask(node)["upgraded"]
    assert ask(fresh("trixie", **{"pve-manager": "9.0.3"}))["begun"]


def test_containers_are_looked_at_only_if_told_so() -> None:
    assert ask(fresh(), full=False)["skipped"] == 1


def test_an_exit_code_of_0_hides_no_failure_and_each_row_says_who_acts() -> None:
    node = fresh()
    node.commands["pve8to9", "--full"] = printed(
        said(
            ("FAIL", "1 custom role(s) use the to-be-dropped 'VM.Monitor' privilege and need to be adapted after"),
            ("WARN", "'noout' flag not set - recommended to prevent rebalancing during upgrades."),
            ("FAIL", "found 'glusterfs' storage 'old'"),
        )
    )
    told = ask(node)
    assert [(check["id"], check["fix"], check["in_the_way"]) for check in told["checks"]] == [
        ("vm-monitor", "person", False),
        ("glusterfs", "person", True),
        ("ceph-noout", "none", False),
    ]
    assert [sentence.partition(":")[0] for sentence in told["in_the_way"]] == ["pve1, glusterfs"]


def test_a_checker_that_is_missing_or_ended_early_says_nothing_good() -> None:
    node = fresh()
    del node.commands["pve8to9", "--full"]
    assert ids(ask(node)) == ["checker-missing"]
    node.commands["pve8to9", "--full"] = Completed(255, "= CHECKING VERSION INFORMATION FOR PVE PACKAGES =\n", "died")
    assert ids(ask(node)) == ["checker-cut"]


def test_an_sshd_that_the_release_would_shut() -> None:
    node = fresh(**{"openssh-server": "1:9.2p1-2+deb12u5"})
    node.files["/etc/ssh/sshd_config"] = "Include /etc/ssh/sshd_config.d/*.conf\nUsePrivilegeSeparation sandbox\n"
    node.files["/etc/ssh/sshd_config.d/old.conf"] = "PubkeyAcceptedKeyTypes +ssh-dss\n"
    told = ask(node)
    assert ids(told) == ["old-package", "sshd-config"] and len(told["in_the_way"]) == 2
    assert "at least 1:9.2p1-2+deb12u7" in told["in_the_way"][0]
    assert "/etc/ssh/sshd_config.d/old.conf, line 1, names ssh-dss" in told["in_the_way"][1]


def test_a_package_that_is_missing_is_older_than_any() -> None:
    told = ask(fresh(**{"pve-cluster": ""}))
    assert "pve-cluster is not installed" in told["in_the_way"][0]


@pytest.mark.parametrize(
    ("path", "text", "check"),
    [
        (
            "mixed.sources",
            "Types: deb\nURIs: http://mirror.lab/debian\nSuites: trixie\nComponents: main\n",
            "suites-mixed",
        ),
        (
            "nag.sources",
            "Types: deb\nURIs: https://deb.example.org/nag\nSuites: stable\nComponents: main\n",
            "third-party",
        ),
        ("odd.list", "deb http://mirror.lab/debian\n", "sources-malformed"),
    ],
)
def test_files_that_upstream_does_not_read(path: str, text: str, check: str) -> None:
    node = fresh()
    node.files[f"/etc/apt/sources.list.d/{path}"] = text
    told = ask(node)
    assert ids(told) == [check] and told["in_the_way"]
    assert ask(node, accepted=(check,))["in_the_way"] == []


def test_room_for_measurements_is_counted_where_upstream_lets_all_pass() -> None:
    node = fresh()
    node.commands["du", "--summarize", "--block-size=1", "/var/lib/rrdcached/db/pve2-vm"] = printed(f"{1 << 30}\t/x\n")
    df = ("df", "--output=avail", "--block-size=1", "/var/lib/rrdcached/db")
    node.commands[df] = printed(f"      Avail\n{22 << 30}\n")
    assert ids(ask(node)) == []
    node.commands[df] = printed(f"      Avail\n{21 << 30}\n")
    assert "need 21.2 GiB, and 21.0 GiB are free" in ask(node)["in_the_way"][0]
    del node.commands[df]
    assert "an unknown number of GiB are free" in ask(node)["in_the_way"][0]


def test_on_the_new_release_what_is_raised_is_left_to_do_and_in_nobodys_way() -> None:
    node = fresh("trixie", **{"openssh-server": "1:10.0p1-7"})
    node.commands["/usr/sbin/sshd", "-t"] = printed("")
    role = ("FAIL", "1 custom role(s) use the to-be-dropped 'VM.Monitor' privilege and need to be adapted after")
    node.commands["pve8to9", "--full"] = printed(
        said(role, ("WARN", "updates for the following packages are available:"))
    )
    told = ask(node)
    assert told["upgraded"] and told["in_the_way"] == [] and ids(told) == ["vm-monitor", "updates"]


def test_an_sshd_that_would_not_start_again_is_in_the_way_of_the_reboot() -> None:
    node = fresh("trixie", **{"openssh-server": "1:10.0p1-7"})
    says = "/etc/ssh/sshd_config line 2: Bad key types '+ssh-dss'.\n"
    node.commands["/usr/sbin/sshd", "-t"] = Completed(255, "", says)
    told = ask(node)
    assert ids(told) == ["sshd-tried"] and "line 2: Bad key types" in told["in_the_way"][0]


def test_the_way_from_7_has_its_own_checker_and_packages() -> None:
    node = fresh("bullseye", "pve7to8", **{"proxmox-ve": "7.4-1"})
    assert ask(node, to=8)["in_the_way"] == []


@pytest.mark.parametrize(
    ("node", "to", "accepted", "reason"),
    [
        (fresh(), 7, (), "no way to Proxmox VE 7"),
        (fresh(), 9, ("third_party",), "third_party, which is no check"),
        (fresh("bullseye"), 9, (), "runs Debian bullseye"),
    ],
)
def test_what_is_asked_for_has_to_exist(node: FakeNode, to: int, accepted: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        ask(node, to, accepted)
