"""repositories: tables of (declaration, what is on the node) → plan."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Download, RemoveFile, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_lists import LISTS, list_name
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import (
    ENTERPRISE_URL,
    MIRROR_KEYRING,
    PROXMOX_URL,
    PROXY_FILE,
    ceph_path,
    enterprise_path,
    proxmox_path,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian.repositories import observe
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT

from ....doubles.fake_debian import debian_node, update_lists
from ....doubles.support import FakeNode, assert_converges_from_every_kill
from .repositories_cases import CASES, NEWEST, PVE_7, PVE_8, PVE_9, entry, existing, node_of, params, shipped
from .repositories_cases import converged as converged_to

THIRD_PARTY = "/etc/apt/sources.list.d/tools.list"
THIRD_PARTY_TEXT = "# keep me\ndeb https://tools.example/linux/debian bookworm stable # whatever  \n\n"
READ_LISTS = "read the package lists (apt-get update)"


def converged(node: FakeNode, **changes: Any) -> FakeNode:
    return converged_to(node, params(**changes))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_a_run_killed_after_any_step_is_finished_by_the_next(release: Release, case: str) -> None:
    changes = {"ceph_release": NEWEST[release], "proxy": "http://proxy.example:3128"}
    assert_converges_from_every_kill(SUBJECT, params(**changes), lambda: node_of(release, case))


GOLDEN_FREE = {
    PVE_7: {
        "pve-enterprise.list": "# deb [signed-by=/usr/share/keyrings/proxmox-release-bullseye.gpg]"
        " https://enterprise.proxmox.com/debian/pve bullseye pve-enterprise\n",
        "proxmox.list": "deb [signed-by=/usr/share/keyrings/proxmox-release-bullseye.gpg]"
        " http://download.proxmox.com/debian/pve bullseye pve-no-subscription\n",
        "ceph.list": "deb [signed-by=/usr/share/keyrings/proxmox-release-bullseye.gpg]"
        " http://download.proxmox.com/debian/ceph-quincy bullseye main\n",
    },
    PVE_8: {
        "pve-enterprise.list": "# deb [signed-by=/usr/share/keyrings/proxmox-release-bookworm.gpg]"
        " https://enterprise.proxmox.com/debian/pve bookworm pve-enterprise\n",
        "proxmox.list": "deb [signed-by=/usr/share/keyrings/proxmox-release-bookworm.gpg]"
        " http://download.proxmox.com/debian/pve bookworm pve-no-subscription\n",
        "ceph.list": "deb [signed-by=/usr/share/keyrings/proxmox-release-bookworm.gpg]"
        " http://download.proxmox.com/debian/ceph-squid bookworm no-subscription\n",
    },
    PVE_9: {
        "pve-enterprise.sources": """\
Types: deb
URIs: https://enterprise.proxmox.com/debian/pve
Suites: trixie
Components: pve-enterprise
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
Enabled: no
""",
        "proxmox.sources": """\
Types: deb
URIs: http://download.proxmox.com/debian/pve
Suites: trixie
Components: pve-no-subscription
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
""",
        "ceph.sources": """\
Types: deb
URIs: http://download.proxmox.com/debian/ceph-tentacle
Suites: trixie
Components: no-subscription
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
""",
    },
}


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_golden_files_on_a_plain_debian(release: Release) -> None:
    node = converged(debian_node(release), ceph_release=NEWEST[release])
    directory = "/etc/apt/sources.list.d/"
    written = {path[len(directory) :]: text for path, text in node.files.items() if path.startswith(directory)}
    assert {name: text for name, text in written.items() if name != "debian.sources"} == GOLDEN_FREE[release]


def test_the_enterprise_entry_is_what_the_package_ships() -> None:
    node = converged(debian_node(PVE_9), subscription="enterprise")
    assert node.files[enterprise_path(PVE_9)] == shipped(PVE_9)[enterprise_path(PVE_9)]
    node = converged(node_of(PVE_8, "the ISO"), subscription="enterprise")
    assert node.files[enterprise_path(PVE_8)] == shipped(PVE_8)[enterprise_path(PVE_8)]
    assert key_steps(node_of(PVE_8, "the ISO"), subscription="enterprise") == []


@pytest.mark.parametrize("release", RELEASES)
def test_the_default_release_of_ceph_is_one_that_is_offered(release: Release) -> None:
    assert release.ceph_default in release.ceph
    plan = make_plan(SUBJECT, params(ceph_release="default"), debian_node(release))
    assert any(f"/debian/ceph-{release.ceph_default} {release.codename} " in sentence for sentence in plan.sentences)
    assert not plan.refusals


def test_the_first_plan_says_everything() -> None:
    assert make_plan(SUBJECT, params(ceph_release="squid"), debian_node(PVE_9)).sentences == [
        "fetch the repository key https://enterprise.proxmox.com/debian/proxmox-archive-keyring-trixie.gpg"
        " (SHA-256 136673be77aba35dcce385b28737689ad64fd785a797e57897589aed08db6e45)",
        "write /etc/apt/sources.list.d/proxmox.sources:"
        " add deb http://download.proxmox.com/debian/pve trixie pve-no-subscription",
        "write /etc/apt/sources.list.d/ceph.sources:"
        " add deb http://download.proxmox.com/debian/ceph-squid trixie no-subscription",
        "write /etc/apt/sources.list.d/pve-enterprise.sources:"
        " add deb https://enterprise.proxmox.com/debian/pve trixie pve-enterprise (switched off)",
        READ_LISTS,
    ]
    assert [step.id for step in make_plan(SUBJECT, params(ceph_release="squid"), debian_node(PVE_9)).steps] == [
        "key.fetch:/usr/share/keyrings/proxmox-archive-keyring.gpg",
        "file.write:/etc/apt/sources.list.d/proxmox.sources",
        "file.write:/etc/apt/sources.list.d/ceph.sources",
        "file.write:/etc/apt/sources.list.d/pve-enterprise.sources",
        "lists.read:all",
    ]


def test_an_iso_installation_is_freed_of_the_enterprise_entry_before_the_first_update() -> None:
    node = debian_node(PVE_9, shipped(PVE_9), {"pve-manager": "9.1.5"})
    assert make_plan(SUBJECT, params(), node).sentences[-2:] == [
        "write /etc/apt/sources.list.d/proxmox.sources:"
        " add deb http://download.proxmox.com/debian/pve trixie pve-no-subscription",
        READ_LISTS,
    ]
    assert "switch off deb https://enterprise" in " ".join(make_plan(SUBJECT, params(), node).sentences)


def test_an_enterprise_file_that_was_deleted_stays_deleted() -> None:
    node = converged(debian_node(PVE_9, packages={"pve-manager": "9.1.5"}))
    assert enterprise_path(PVE_9) not in node.files


def test_switching_a_subscription_off_and_on_again_restores_the_shipped_file() -> None:
    node = debian_node(PVE_9, shipped(PVE_9), {"pve-manager": "9.1.5"})
    converged(node)
    assert node.files[enterprise_path(PVE_9)].endswith("Enabled: no\n")
    converged(node, subscription="enterprise")
    assert node.files[enterprise_path(PVE_9)] == shipped(PVE_9)[enterprise_path(PVE_9)]


def test_without_a_ceph_declaration_ceph_entries_stay() -> None:
    text = entry(PVE_9, f"{PROXMOX_URL}/debian/ceph-squid", "test")
    node = converged(debian_node(PVE_9, {ceph_path(PVE_9): text}))
    assert node.files[ceph_path(PVE_9)] == text


KEYRING = PVE_9.keyring_path


def key_steps(node: FakeNode, **changes: Any) -> list[Download]:
    steps = make_plan(SUBJECT, params(**changes), node).steps
    return [step.action for step in steps if isinstance(step.action, Download)]


@pytest.mark.parametrize(
    ("changes", "url", "sha256"),
    [
        ({}, f"{ENTERPRISE_URL}/debian/{PVE_9.keyring_name}", PVE_9.keyring_sha256),
        ({"proxmox_url": "http://m/proxmox/"}, f"http://m/proxmox/debian/{PVE_9.keyring_name}", PVE_9.keyring_sha256),
        ({"proxy": "http://p:1"}, f"{ENTERPRISE_URL}/debian/{PVE_9.keyring_name}", PVE_9.keyring_sha256),
    ],
)
def test_where_the_key_comes_from(changes: dict[str, str], url: str, sha256: str) -> None:
    assert key_steps(debian_node(PVE_9), **changes) == [
        Download(url, KEYRING, sha256, proxy=changes.get("proxy", "")),
    ]


OWN_KEY = {"proxmox_url": "http://m/proxmox", "keyring_sha256": "AB"}


@pytest.mark.parametrize(
    ("changes", "urls"),
    [
        (OWN_KEY, [f"http://m/proxmox/debian/{PVE_9.keyring_name}"]),
        ({**OWN_KEY, "keyring_url": "http://m/key"}, ["http://m/key"]),
        (
            {**OWN_KEY, "subscription": "enterprise", "ceph_release": "squid", "ceph_repository": "test"},
            [
                f"{ENTERPRISE_URL}/debian/{PVE_9.keyring_name}",
                f"http://m/proxmox/debian/{PVE_9.keyring_name}",
            ],
        ),
        ({**OWN_KEY, "keyring_sha256": PVE_9.keyring_sha256}, [f"http://m/proxmox/debian/{PVE_9.keyring_name}"]),
    ],
)
def test_a_mirror_with_a_key_of_its_own(changes: dict[str, str], urls: list[str]) -> None:
    found = [step.url for step in key_steps(debian_node(PVE_9), **changes)]
    assert found == urls


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_the_key_of_a_mirror_is_kept_where_no_package_replaces_it(release: Release) -> None:
    """Installed with that key, then the package comes with upstream's, then the declaration changes to upstream."""
    node = converged(debian_node(release), **OWN_KEY)
    assert f"signed-by={MIRROR_KEYRING}" in node.files[proxmox_path(release)].lower().replace(": ", "=")
    assert node.files[MIRROR_KEYRING].endswith(" ab") and release.keyring_path not in node.files
    later = node_of(release, "the ISO", node.files)
    assert make_plan(SUBJECT, params(**OWN_KEY), later).sentences == []
    assert release.keyring_path in converged(later, proxmox_url="http://m/proxmox").files[proxmox_path(release)]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_no_key_is_trusted_for_everything(release: Release) -> None:
    for case in CASES:
        for step in make_plan(SUBJECT, params(ceph_release=NEWEST[release]), node_of(release, case)).steps:
            assert "trusted.gpg" not in str(getattr(step.action, "path", ""))


def test_a_key_that_differs_is_replaced() -> None:
    assert len(key_steps(debian_node(PVE_9, {KEYRING: "something else"}))) == 1


def test_a_key_that_belongs_to_the_package_is_not_compared() -> None:
    owned = {"/var/lib/dpkg/info/proxmox-archive-keyring.list": f"/.\n/usr\n{KEYRING}\n", KEYRING: "a newer key"}
    assert key_steps(debian_node(PVE_9, owned)) == []
    lost = {path: text for path, text in owned.items() if path != KEYRING}
    assert key_steps(debian_node(PVE_9, lost)) != []


def test_proxy() -> None:
    node = converged(debian_node(PVE_9), proxy="http://proxy.example:3128/")
    assert node.files[PROXY_FILE] == (
        'Acquire::http::Proxy "http://proxy.example:3128";\nAcquire::https::Proxy "http://proxy.example:3128";\n'
    )
    actions = [step.action for step in make_plan(SUBJECT, params(), node).steps]
    assert RemoveFile(PROXY_FILE) in actions


def lists_of(node: FakeNode) -> list[str]:
    return [path for path in node.files if path.startswith(LISTS)]


def test_missing_lists_are_read_again() -> None:
    node = converged(debian_node(PVE_9))
    assert lists_of(node)
    for path in lists_of(node):
        copy = FakeNode(node.files, node.directories, node.commands)
        del copy.files[path]
        needed = "_debian_pve_dists" in path and "Packages" in path
        assert make_plan(SUBJECT, params(), copy).sentences == ([READ_LISTS] if needed else []), path
    debian = FakeNode(
        {path: text for path, text in node.files.items() if "_debian_dists" not in path}, {}, node.commands
    )
    assert make_plan(SUBJECT, params(), debian).sentences == [READ_LISTS]


def test_an_empty_index_counts_as_read() -> None:
    """apt does not store an index of zero bytes; its Release file tells that there is one."""
    node = converged(debian_node(PVE_9), subscription="test")
    index = next(path for path in lists_of(node) if "_pve-test_" in path)
    del node.files[index]
    assert make_plan(SUBJECT, params(subscription="test"), node).sentences == [READ_LISTS]
    release_file = f"{LISTS}/{list_name(f'{PROXMOX_URL}/debian/pve', 'trixie', 'InRelease')}"
    node.files[release_file] = f"SHA256:\n {'e' * 64} 0 pve-test/binary-amd64/Packages\n"
    assert make_plan(SUBJECT, params(subscription="test"), node).sentences == []


def test_only_files_that_change_are_written() -> None:
    node = debian_node(PVE_9, shipped(PVE_9))
    update_lists(node)
    written = [
        step.action.path for step in make_plan(SUBJECT, params(), node).steps if isinstance(step.action, WriteFile)
    ]
    assert written == [enterprise_path(PVE_9), proxmox_path(PVE_9)]


def test_what_was_read_without_a_declaration_suffices_when_there_is_nothing_to_do() -> None:
    recorder = Recorder(converged(debian_node(PVE_9, existing(PVE_9, "the ISO")), ceph_release="squid"))
    observe(recorder)
    assert make_plan(SUBJECT, params(ceph_release="squid"), Replay(recorder.recording)).sentences == []
