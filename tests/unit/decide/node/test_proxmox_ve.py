"""proxmox_ve: tables of (declaration, host) → plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.node.proxmox_ve import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt import install
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.hosts_file import HOSTS_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.proxmox_ve import WEB_INTERFACE
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import info as node_info
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import proxmox_ve as observed
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.proxmox_ve import observe
from ansible_collections.baremetal.virt.plugins.modules.proxmox_ve import SUBJECT

from ....doubles.equal_models import assert_equal_models_mean_equal_plans
from ....doubles.fake_debian import GETENT, debian_node, set_packages
from ....doubles.support import Completed, FakeNode, assert_converges_from_every_kill, printed

PVE_9 = RELEASES[2]
VIRTUALIZATION = (*observed._VIRTUALIZATION, "/proc/cpuinfo")
DEBIAN_KERNEL = {"linux-image-amd64": "6.12.48-1", "linux-image-6.12.48+deb13-amd64": "6.12.48-1"}
PLAIN = {"base-files": "13", **DEBIAN_KERNEL}
OWN_KERNEL = {"proxmox-default-kernel": "2.0.0", "proxmox-kernel-6.14.8-2-pve-signed": "6.14.8-2"}
NODE = {"proxmox-ve": "9.1.0", "pve-manager": "9.1.5", "postfix": "3.10", **OWN_KERNEL}
WAIT = "wait until the API answers on port 8006"


def params(**changes: Any) -> dict[str, Any]:
    usual = {
        "hosts": [],
        "require_virtualization": True,
        "require_time_sync": True,
        "upgrade": False,
        "remove_debian_kernel": True,
    }
    return {**usual, **changes}


def host(
    release: Release = PVE_9,
    packages: Optional[Mapping[str, str]] = None,
    kernel: str = "6.12.48+deb13-amd64",
    container: str = "",
    free: tuple[str, str, str] = ("90000000000 /",) * 3,
) -> FakeNode:
    """A host whose apt installs what it is told to; without Proxmox VE when nothing else is said."""
    packages = PLAIN if packages is None else packages
    node = debian_node(release, {"/proc/sys/kernel/osrelease": f"{kernel}\n"}, packages, container)
    node.files[HOSTS_FILE] = "127.0.0.1 localhost\n10.10.1.11 pve1\n"
    node.commands[("dpkg", "--print-architecture")] = printed("amd64\n")
    node.files["/etc/hostname"] = "pve1\n"
    node.files["/dev/kvm"] = ""
    node.commands[VIRTUALIZATION] = printed("vmx\n")
    node.commands[observed.TIME_SYNC] = printed("yes\n")
    node.commands[observed.SPACE] = printed("\n".join(("Avail Mounted on", *free)) + "\n")
    node.effects = {
        install(release.kernel_package).argv: lambda node: set_packages(node, {**packages, **OWN_KERNEL}),
        install(*release.packages).argv: lambda node: become_node(node, {**packages, **NODE}),
        ("debconf-set-selections",): lambda node: None,
    }
    if "proxmox-ve" in packages:
        node.certificates[WEB_INTERFACE] = "a certificate"
    return node


def become_node(node: FakeNode, packages: Mapping[str, str]) -> None:
    set_packages(node, packages)
    node.certificates[WEB_INTERFACE] = "a certificate"
    node.clocks[WEB_INTERFACE] = 0.4


def plan_of(node: FakeNode, **changes: Any) -> list[str]:
    plan = make_plan(SUBJECT, params(**changes), node)
    assert not plan.refusals
    return plan.sentences


def refusals(node: FakeNode, **changes: Any) -> str:
    return " ".join(str(refusal) for refusal in make_plan(SUBJECT, params(**changes), node).refusals)


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_the_whole_way_from_plain_debian(release: Release) -> None:
    assert plan_of(host(release)) == [
        "answer postfix's questions: mail for local users only",
        f"install {release.kernel_package}, the kernel of Proxmox VE",
        f"install {', '.join(release.packages)}",
        WAIT,
    ]
    assert [step.id for step in make_plan(SUBJECT, params(), host(release)).steps] == [
        "package.preseed:postfix",
        f"package.install:{release.kernel_package}",
        "package.install:proxmox-ve",
        "api.wait:8006",
    ]


def test_a_container_has_no_kernel_of_its_own() -> None:
    sentences = plan_of(host(container="systemd-nspawn\n"))
    assert len(sentences) == 3 and not any("kernel" in sentence for sentence in sentences)


def test_a_mail_server_that_is_there_is_not_asked_again() -> None:
    assert "postfix's questions" not in " ".join(plan_of(host(packages={**PLAIN, "postfix": "3.10"})))


def test_installation_never_upgrades_and_never_asks() -> None:
    actions = [step.action for step in make_plan(SUBJECT, params(), host()).steps]
    installs = [action.argv for action in actions if isinstance(action, Run) and action.argv[0] == "apt-get"]
    assert len(installs) == 2
    for argv in installs:
        assert {"--yes", "--no-upgrade", "Dpkg::Options::=--force-confold"} <= set(argv)


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(), host) == 5


@pytest.mark.parametrize("kernel", ["6.14.8-2-pve", "6.18.44-fc"])
def test_a_node_installed_from_the_iso_is_left_alone(kernel: str) -> None:
    assert plan_of(host(packages=NODE, kernel=kernel)) == []
    assert_equal_models_mean_equal_plans(SUBJECT, params(), host(packages=NODE, kernel=kernel))


def test_a_node_needs_no_preflight_of_its_hardware() -> None:
    node = host(packages=NODE, free=("1 /",) * 3)
    node.commands[VIRTUALIZATION] = Completed(1, "", "")
    assert plan_of(node) == []


def test_a_node_that_does_not_answer_is_waited_for() -> None:
    node = host(packages=NODE)
    node.certificates.clear()
    (step,) = make_plan(SUBJECT, params(), node).steps
    assert isinstance(step.action, Wait) and step.id == "api.wait:8006"
    (answers,) = step.action.until
    assert str(answers) == "an answer on port 8006"
    assert (answers.judge(None), answers.judge(0.0), answers.judge(-3.5)) == (False, True, True)


def test_debians_kernel_goes_only_when_another_one_runs() -> None:
    packages = {**NODE, **DEBIAN_KERNEL, "os-prober": "1"}
    names = "linux-image-6.12.48+deb13-amd64, linux-image-amd64, os-prober"
    running = host(packages=packages, kernel="6.14.8-2-pve")
    assert plan_of(running) == [f"remove Debian's kernel ({names})"]
    assert plan_of(running, remove_debian_kernel=False) == []
    waiting = host(packages=packages)
    assert plan_of(waiting) == []
    assert "reboot it" in make_plan(SUBJECT, params(), waiting).warnings[0]
    assert plan_of(host(packages=packages, kernel="6.14.8-2-pve", container="lxc\n")) == []


def test_an_interrupted_installation_is_completed_first() -> None:
    node = host()
    rows = (
        "".join(f"{name}\t1\tinstalled\n" for name in PLAIN) + "postfix\t3.10\thalf-configured\nold\t1\tconfig-files\n"
    )
    node.commands[next(argv for argv in node.commands if argv[0] == "dpkg-query")] = printed(rows)
    assert plan_of(node)[:2] == [
        "complete an interrupted installation (postfix)",
        "install what that installation still needs",
    ]


def test_an_upgrade_only_when_asked_for() -> None:
    node = host(packages=NODE)
    node.commands[observed._UPGRADE] = printed("Inst pve-manager [9.1.5] (9.1.6 Proxmox)\nInst tar (1)\nConf tar (1)\n")
    assert plan_of(node) == []
    assert plan_of(node, upgrade=True) == ["upgrade 2 packages"]


def resolving(*addresses: str) -> Callable[[], FakeNode]:
    def make() -> FakeNode:
        node = host()
        node.commands[GETENT] = printed("".join(f"{address} STREAM pve1\n" for address in addresses))
        return node

    return make


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (resolving("127.0.1.1"), "resolves to 127.0.1.1, an address that only this node can reach"),
        (resolving("10.10.1.11", "::1"), "resolves to ::1"),
        (resolving("10.10.1.99"), "this node's addresses are 10.10.1.11 (eno1)"),
        (resolving(), "resolves to no address"),
    ],
)
def test_a_name_that_does_not_lead_here_is_refused_with_the_cure(node: Callable[[], FakeNode], said: str) -> None:
    text = refusals(node())
    assert said in text and "hosts: [{name: pve1, address: 10.10.1.11}]" in text


def test_a_managed_entry_cures_the_name() -> None:
    node = resolving("127.0.1.1")()
    node.files[HOSTS_FILE] = "127.0.0.1 localhost\n127.0.1.1 pve1\n"
    hosts = [{"name": "pve1.example.org", "address": "10.10.1.11"}]
    assert plan_of(node, hosts=hosts)[0] == f"correct {HOSTS_FILE}"
    node.act(make_plan(SUBJECT, params(hosts=hosts), node).steps[0])
    assert node.files[HOSTS_FILE] == "127.0.0.1 localhost\n10.10.1.11 pve1.example.org pve1\n"


def test_a_managed_entry_must_be_an_address_of_the_node() -> None:
    assert "resolves to 10.10.1.12" in refusals(host(), hosts=[{"name": "pve1", "address": "10.10.1.12"}])


def renamed(name: str) -> FakeNode:
    node = host()
    node.files["/proc/sys/kernel/hostname"] = f"{name}\n"
    node.files["/etc/hostname"] = f"{name}\n"
    node.commands[("getent", "ahosts", name)] = printed(f"10.10.1.11 STREAM {name}\n")
    return node


def to_be_called(name: str) -> FakeNode:
    node = host()
    node.files["/etc/hostname"] = f"{name}\n"
    return node


def changed(command: tuple[str, ...], done: Completed) -> FakeNode:
    node = host()
    node.commands[command] = done
    return node


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (changed(("dpkg", "--print-architecture"), printed("arm64\n")), "architecture is arm64"),
        (changed(VIRTUALIZATION, Completed(1, "", "")), "neither VT-x (vmx) nor AMD-V (svm)"),
        (host(packages={**NODE, "pve-manager": "8.4.1"}), "in the middle of a major upgrade"),
        (
            host(free=("90000000000 /", "900000000 /var", "90000000000 /")),
            "/var has 0.8 GiB free, and the installation",
        ),
        (host(free=("4000000000 /",) * 3), "/ has 3.7 GiB free, and the installation needs 5.2 GiB there"),
        (renamed("pve_1"), "'pve_1' cannot be the name of a node"),
        (renamed("localhost"), "'localhost' cannot be the name of a node"),
        (to_be_called("pve01.example.org"), "called pve1 now, and will be called pve01 after its next boot"),
        (changed(observed.TIME_SYNC, printed("no\n")), "No time server keeps this host's clock"),
    ],
)
def test_what_is_refused(node: FakeNode, said: str) -> None:
    assert said in refusals(node)


def test_what_may_be_waived() -> None:
    assert plan_of(changed(VIRTUALIZATION, Completed(1, "", "")), require_virtualization=False)
    assert plan_of(changed(observed.TIME_SYNC, printed("no\n")), require_time_sync=False)


def test_a_clock_that_nobody_can_tell_of_is_not_refused() -> None:
    assert plan_of(changed(observed.TIME_SYNC, Completed(1, "", "Failed to connect to bus")))
    container = host(container="systemd-nspawn\n")
    container.commands[observed.TIME_SYNC] = printed("no\n")
    assert plan_of(container)


def test_the_same_name_with_a_domain_is_no_other_name() -> None:
    assert plan_of(to_be_called("pve1.example.org"))


def test_kvm_that_is_switched_off_is_named() -> None:
    node = host(packages=NODE, kernel="6.14.8-2-pve")
    del node.files["/dev/kvm"]
    assert "no /dev/kvm although the processor supports it" in make_plan(SUBJECT, params(), node).warnings[0]
    assert make_plan(SUBJECT, params(require_virtualization=False), node).warnings == ()


def test_all_refusals_come_at_once() -> None:
    node = resolving("127.0.1.1")()
    node.commands[VIRTUALIZATION] = Completed(1, "", "")
    node.commands[("dpkg", "--print-architecture")] = printed("arm64\n")
    assert len(make_plan(SUBJECT, params(), node).refusals) == 3


def test_another_debian_is_refused() -> None:
    node = host()
    node.files["/etc/os-release"] = "ID=ubuntu\nVERSION_CODENAME=noble\n"
    assert "This node runs ubuntu noble." in refusals(node)


@pytest.mark.parametrize(
    ("kernel", "newer", "warned"),
    [
        ("6.14.8-2-pve", "proxmox-kernel-6.14.11-1-pve-signed", True),
        ("6.14.8-2-pve", "proxmox-kernel-6.14.8-1-pve-signed", False),
        ("6.14.8-2-pve", "proxmox-kernel-6.17", False),
        ("5.15.30-1-pve", "pve-kernel-5.15.102-1-pve", True),
    ],
)
def test_a_newer_kernel_that_waits_is_named_and_nothing_is_rebooted(kernel: str, newer: str, warned: bool) -> None:
    node = host(packages={**NODE, newer: "1"} if kernel[0] == "6" else {"proxmox-ve": "7.4", newer: "1"}, kernel=kernel)
    plan = make_plan(SUBJECT, params(), node)
    assert plan.steps == () and bool(plan.warnings) is warned
    assert not warned or "is installed and needs a reboot" in plan.warnings[0]


def test_a_name_under_local_is_warned_about() -> None:
    assert "multicast DNS" in make_plan(SUBJECT, params(), renamed("pve1.local")).warnings[0]


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ([("pve1", "127.0.1.1")], "loopback address 127.0.1.1"),
        ([("pve1", "10.10.1")], "is not an IP address"),
        ([("pve_1", "10.10.1.11")], "is not a host name"),
        ([("pve1", "10.10.1.11"), ("pve2", "10.10.1.11")], "to both"),
        ([("pve1", "10.10.1.11"), ("pve1", "10.10.1.12")], "two IPv4 addresses"),
        ([("pve1.a", "10.10.1.11"), ("pve1.b", "10.10.1.12")], "gives pve1 two IPv4 addresses"),
    ],
)
def test_invalid_hosts(hosts: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        desired_from(params(hosts=[{"name": name, "address": address} for name, address in hosts]))


@pytest.mark.parametrize(
    ("node", "reboot"),
    [
        (host(), False),
        (host(packages=NODE), True),
        (host(packages=NODE, kernel="6.14.8-2-pve"), False),
        (host(packages=NODE, container="lxc\n"), False),
    ],
)
def test_node_info(node: FakeNode, reboot: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_info, "observe_disks", lambda reader: ())
    document = node_info.answer(node, {})
    assert document["hostname"] == "pve1" and document["addresses"] == {"eno1": ["10.10.1.11/24"]}
    assert document["kernel"]["reboot_required"] is reboot
    manager: Optional[str] = document["release"]["pve"]
    assert manager == document["packages"].get("pve-manager")
    assert document["release"]["offers"]["ceph"] == {"squid": "19.2", "tentacle": "20.2"}
    assert [(entry["of"], entry["suites"], entry["enabled"]) for entry in document["repositories"]] == [
        ("debian", ["trixie", "trixie-updates"], True),
        ("debian", ["trixie-security"], True),
    ]


def test_what_was_read_without_a_declaration_suffices_when_there_is_nothing_to_do() -> None:
    recorder = Recorder(host(packages=NODE))
    observe(recorder)
    assert make_plan(SUBJECT, params(), Replay(recorder.recording)).sentences == []
