"""What apt and dpkg say, as they print it."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt import update
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.packages import Policy, Row
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade.packages import (
    parse_policies,
    parse_states,
    parse_upgrade,
)
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform
from ansible_collections.baremetal.virt.tests.doubles import upgrade_cases as cases

POLICIES = """pve-manager:
  Installed: 9.0.3
  Candidate: 9.0.11
  Version table:
     9.0.11 500
        500 http://download.proxmox.com/debian/pve trixie/pve-no-subscription amd64 Packages
     9.0.5 -1
         -1 http://mirror.lan/debian/pve trixie/pve-test amd64 Packages
 *** 9.0.3 100
        100 /var/lib/dpkg/status
ceph-osd:
  Installed: (none)
  Candidate: (none)
  Version table:
"""


def test_policies() -> None:
    found = dict(parse_policies(POLICIES))
    table = (
        Row("9.0.11", 500, ("http://download.proxmox.com/debian/pve trixie/pve-no-subscription amd64 Packages",)),
        Row("9.0.5", -1, ("http://mirror.lan/debian/pve trixie/pve-test amd64 Packages",)),
        Row("9.0.3", 100),
    )
    assert found == {"pve-manager": Policy("9.0.3", "9.0.11", table), "ceph-osd": Policy(None, None)}
    assert found["pve-manager"].passed_over is None


def test_simulation() -> None:
    text = (
        "The following packages have been kept back:\n  qemu-server\n  libpve-common-perl\n"
        "The following packages will be REMOVED:\n  tree\nThe following packages will be DOWNGRADED:\n  vim\n"
        "1 upgraded, 0 newly installed\nRemv tree [2.1]\nInst vim [9.1] (9.0 Debian:13/stable [amd64])\n"
    )
    found = parse_upgrade(text)
    assert found.kept_back == ("qemu-server", "libpve-common-perl")
    assert (found.removed, found.downgraded) == (("tree",), ("vim",))
    assert [one.package for one in found.updates] == ["vim"]


def test_what_dpkg_left_half_way() -> None:
    case = "prompt-again-at-resume"
    assert parse_states(cases.text(case, "dpkg-query.out")) == {"pve-lab-conf": cases.right(case)["state"]}
    assert parse_states("ii |bash\nhi |pve-manager\nrc |tree\niF |b\niW |c:amd64\n") == {
        "b": "half-configured",
        "c:amd64": "triggers-awaited",
    }


def test_a_repository_that_is_silent_for_now_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """apt itself ends with 0 there, unless it is told otherwise; both are looked at."""
    case = "index-failed-rc-zero"
    assert "APT::Update::Error-Mode=any" in update().argv
    printed = [cases.text(case, f"apt-get-update.{stream}") for stream in ("out", "err")]
    rc = int(cases.text(case, "apt-get-update.rc"))
    monkeypatch.setattr(Node, "execute", lambda *given, **options: Completed(rc, *printed))
    with pytest.raises(StepFailed) as failure:
        perform(Step("fetch apt's lists", update(), "index.fetch:all", "packages"), Node())
    (failed,) = cases.right(case)["failed"]
    uri, suite = failed.split()
    assert f"{uri} {suite}" in failure.value.message or uri in failure.value.message
    assert f"{uri} cannot be reached" in failure.value.hint
    assert cases.right(case)["fetched"][0].split()[0] not in failure.value.message
