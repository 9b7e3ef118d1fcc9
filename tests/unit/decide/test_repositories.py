"""repositories: tables of (declaration, what is on the node) → plan."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.repositories import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.apt import LISTS, list_name
from ansible_collections.baremetal.virt.plugins.module_utils.model.apt_sources import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.plan import Download, RemoveFile, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.model.release import CHANNELS, RELEASES, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.repositories import (
    ENTERPRISE_URL,
    PROXMOX_URL,
    PROXY_FILE,
    ceph_path,
    enterprise_path,
    is_ceph,
    is_pve,
    proxmox_path,
    targets,
)
from ansible_collections.baremetal.virt.plugins.module_utils.module import make_plan
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT

from ..fake_debian import debian_node, debian_sources, update_lists
from ..support import FakeNode, assert_converges_from_every_kill

PVE_7, PVE_8, PVE_9 = RELEASES
NEWEST = {release: list(release.ceph)[-1] for release in RELEASES}
THIRD_PARTY = "/etc/apt/sources.list.d/tools.list"
THIRD_PARTY_TEXT = "# keep me\ndeb https://tools.example/linux/debian bookworm stable # whatever  \n\n"
READ_LISTS = "read the package lists (apt-get update)"


def params(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = dict.fromkeys(SUBJECT.argument_spec)
    usual.update(subscription="no-subscription", proxmox_url=PROXMOX_URL, enterprise_url=ENTERPRISE_URL)
    return {**usual, **changes}


def entry(release: Release, uri: str, component: str, key: bool = True, off: bool = False) -> str:
    """An entry in the format of the release, as a person or a tool writes it."""
    if release.deb822:
        signed = f"Signed-By: {release.keyring_path}\n" if key else ""
        fields = f"Types: deb\nURIs: {uri}\nSuites: {release.codename}\nComponents: {component}\n{signed}"
        return fields + ("Enabled: false\n" if off else "")
    return f"{'#' if off else ''}deb {uri} {release.codename} {component}\n"


def shipped(release: Release, off: bool = False) -> dict[str, str]:
    """pve-manager's own file."""
    return {enterprise_path(release): entry(release, f"{ENTERPRISE_URL}/debian/pve", "pve-enterprise", off=off)}


def other(release: Release, name: str) -> str:
    return f"/etc/apt/sources.list.d/{name}.{release.sources_suffix}"


def existing(release: Release, case: str) -> dict[str, str]:
    """Files that somebody or something left on the node before this collection came."""
    free = release.components["no-subscription"]
    test = release.components["test"]
    ceph = release.ceph_components["no-subscription"]
    old_ceph, new_ceph = list(release.ceph)[0], NEWEST[release]
    cases = {
        "nothing": {},
        "the ISO": shipped(release),
        "the ISO, enterprise file renamed": {
            other(release, "aaa"): f"# mine\n\n{entry(release, f'{ENTERPRISE_URL}/debian/pve/', 'pve-enterprise')}"
        },
        "the ISO, switched off by hand": shipped(release, off=True),
        "enterprise Ceph left by the wizard": {
            **shipped(release),
            ceph_path(release): entry(release, f"{ENTERPRISE_URL}/debian/ceph-{new_ceph}", "enterprise"),
        },
        "the web interface's free entry": {
            other(release, "web"): entry(release, f"{PROXMOX_URL}/debian/pve", free),
        },
        "the test entry in our own file": {
            proxmox_path(release): entry(release, f"{PROXMOX_URL}/debian/pve", test),
        },
        "an old mirror in our own file": {
            proxmox_path(release): entry(release, "http://old.example/proxmox/debian/pve", free),
        },
        "an old mirror in another file": {
            other(release, "old"): entry(release, "http://old.example/proxmox/debian/pve", free),
        },
        "another Ceph release": {
            ceph_path(release): entry(release, f"{PROXMOX_URL}/debian/ceph-{old_ceph}", ceph),
        },
        "all channels in one entry": {
            other(release, "all"): entry(release, f"{PROXMOX_URL}/debian/pve", f"{free} {test}"),
        },
    }  # fmt: skip
    return cases[case]


CASES = [
    "nothing",
    "the ISO",
    "the ISO, enterprise file renamed",
    "the ISO, switched off by hand",
    "enterprise Ceph left by the wizard",
    "the web interface's free entry",
    "the test entry in our own file",
    "an old mirror in our own file",
    "an old mirror in another file",
    "another Ceph release",
    "all channels in one entry",
]


def converged(node: FakeNode, **changes: Any) -> FakeNode:
    """Apply the plan; a second plan must be empty."""
    for step in make_plan(SUBJECT, params(**changes), node).steps:
        node.act(step)
    again = make_plan(SUBJECT, params(**changes), node)
    assert again.sentences == []
    assert again.refusals == ()
    return node


def enabled(node: FakeNode) -> set[tuple[str, str, str]]:
    """What apt would use of Proxmox."""
    texts = ((path, text) for path, text in node.files.items() if path.startswith("/etc/apt/sources.list"))
    sources = [source for path, text in texts for source in parse(path, text).sources if source.enabled]
    return {target for source in sources if is_pve(source) or is_ceph(source) for target in targets(source)}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_whatever_is_there_the_declaration_holds_afterwards(release: Release, channel: str, case: str) -> None:
    files = {**existing(release, case), THIRD_PARTY: THIRD_PARTY_TEXT}
    ceph_channel = channel if channel in release.ceph_components else "no-subscription"
    node = converged(
        debian_node(release, files), subscription=channel, ceph_release=NEWEST[release], ceph_repository=ceph_channel
    )

    def base(wanted: str) -> str:
        return ENTERPRISE_URL if wanted == "enterprise" else PROXMOX_URL

    assert enabled(node) == {
        (f"{base(channel)}/debian/pve", release.codename, release.components[channel]),
        (
            f"{base(ceph_channel)}/debian/ceph-{NEWEST[release]}",
            release.codename,
            release.ceph_components[ceph_channel],
        ),
    }
    assert node.files[THIRD_PARTY] == THIRD_PARTY_TEXT
    assert {path: node.files[path] for path in debian_sources(release)} == debian_sources(release)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_a_run_killed_after_any_step_is_finished_by_the_next(release: Release, case: str) -> None:
    changes = {"ceph_release": NEWEST[release], "proxy": "http://proxy.example:3128"}
    assert_converges_from_every_kill(SUBJECT, params(**changes), lambda: debian_node(release, existing(release, case)))


GOLDEN_FREE = {
    PVE_7: {
        "pve-enterprise.list": "# deb https://enterprise.proxmox.com/debian/pve bullseye pve-enterprise\n",
        "proxmox.list": "deb [signed-by=/etc/apt/trusted.gpg.d/proxmox-release-bullseye.gpg]"
        " http://download.proxmox.com/debian/pve bullseye pve-no-subscription\n",
        "ceph.list": "deb [signed-by=/etc/apt/trusted.gpg.d/proxmox-release-bullseye.gpg]"
        " http://download.proxmox.com/debian/ceph-quincy bullseye main\n",
    },
    PVE_8: {
        "pve-enterprise.list": "# deb https://enterprise.proxmox.com/debian/pve bookworm pve-enterprise\n",
        "proxmox.list": "deb [signed-by=/etc/apt/trusted.gpg.d/proxmox-release-bookworm.gpg]"
        " http://download.proxmox.com/debian/pve bookworm pve-no-subscription\n",
        "ceph.list": "deb [signed-by=/etc/apt/trusted.gpg.d/proxmox-release-bookworm.gpg]"
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
    node = converged(debian_node(PVE_8), subscription="enterprise")
    assert node.files[enterprise_path(PVE_8)] == shipped(PVE_8)[enterprise_path(PVE_8)]


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
        ({"keyring_url": "http://m/key", "keyring_sha256": "AB"}, "http://m/key", "ab"),
        ({"proxy": "http://p:1"}, f"{ENTERPRISE_URL}/debian/{PVE_9.keyring_name}", PVE_9.keyring_sha256),
    ],
)
def test_where_the_key_comes_from(changes: dict[str, str], url: str, sha256: str) -> None:
    assert key_steps(debian_node(PVE_9), **changes) == [
        Download(url, KEYRING, sha256, proxy=changes.get("proxy", "")),
    ]


def test_a_key_that_differs_is_replaced() -> None:
    assert len(key_steps(debian_node(PVE_9, {KEYRING: "something else"}))) == 1


def test_a_key_that_belongs_to_the_package_is_not_compared() -> None:
    owned = {"/var/lib/dpkg/info/proxmox-archive-keyring.list": f"/.\n/usr\n{KEYRING}\n", KEYRING: "a newer key"}
    assert key_steps(debian_node(PVE_9, owned)) == []


def test_proxy() -> None:
    node = converged(debian_node(PVE_9), proxy="http://proxy.example:3128/")
    assert node.files[PROXY_FILE] == (
        'Acquire::http::Proxy "http://proxy.example:3128";\nAcquire::https::Proxy "http://proxy.example:3128";\n'
    )
    actions = [step.action for step in make_plan(SUBJECT, params(), node).steps]
    assert RemoveFile(PROXY_FILE) in actions


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_debian_itself_from_a_mirror(release: Release) -> None:
    ours = "deb [signed-by=/usr/share/keyrings/ours.gpg] http://ours.example/lab/debian trixie main\n"
    files = {"/etc/apt/sources.list.d/ours.list": ours}
    node = converged(debian_node(release, files), debian_url="http://near.example/debian/")
    near = debian_sources(release, "http://near.example")
    assert {path: node.files[path] for path in near} == near
    assert node.files["/etc/apt/sources.list.d/ours.list"] == ours


def test_the_security_archive_may_be_elsewhere() -> None:
    node = converged(debian_node(PVE_9), debian_url="http://n/debian", debian_security_url="http://s/debian-security")
    text = node.files["/etc/apt/sources.list.d/debian.sources"]
    assert "URIs: http://n/debian\nSuites: trixie trixie-updates" in text
    assert "URIs: http://s/debian-security\nSuites: trixie-security" in text


def test_a_stanza_with_security_and_other_suites_is_left_alone_and_named() -> None:
    path = "/etc/apt/sources.list.d/debian.sources"
    text = "Types: deb\nURIs: http://m/debian\nSuites: trixie trixie-security\nComponents: main\n"
    node = debian_node(PVE_9, {path: text})
    assert path in make_plan(SUBJECT, params(debian_url="http://n/debian"), node).warnings[0]
    assert converged(node, debian_url="http://n/debian").files[path] == text


def test_missing_security_updates_are_named() -> None:
    text = "Types: deb\nURIs: http://m/debian\nSuites: trixie\nComponents: main\n"
    plan = make_plan(SUBJECT, params(), debian_node(PVE_9, {"/etc/apt/sources.list.d/debian.sources": text}))
    assert "trixie-security is in no entry" in plan.warnings[0]


@pytest.mark.parametrize(
    ("release", "line"),
    [
        (PVE_7, "deb http://mirror.example/proxmox/debian/pve buster pve-no-subscription"),
        (PVE_7, "deb http://mirror.example/proxmox/debian/ceph-quincy bookworm main"),
        (PVE_8, "deb http://mirror.example/debian bullseye main"),
        (PVE_8, "deb http://mirror.example/debian-security bullseye-security main contrib"),
        (PVE_8, "deb http://mirror.example/debian trixie-backports main"),
        (PVE_9, "deb http://mirror.example/debian sid main"),
        (PVE_9, "deb http://mirror.example/debian bookworm/updates main"),
    ],
)
def test_a_mix_of_releases_is_refused_with_the_line(release: Release, line: str) -> None:
    node = debian_node(release, {"/etc/apt/sources.list.d/mix.list": f"# a remark\n{line}\n"})
    refusal = make_plan(SUBJECT, params(), node).refusals[0]
    assert line in refusal.reason and "mix.list, line 2" in refusal.reason


@pytest.mark.parametrize(
    "line",
    [
        "# deb http://mirror.example/debian bullseye main",
        "deb https://tools.example/linux/debian bullseye stable",
        "deb http://mirror.example/debian bookworm-backports main",
        "deb [signed-by=/k.gpg] http://ours.example/debian sid main",
    ],
)
def test_what_is_no_mix(line: str) -> None:
    assert not make_plan(SUBJECT, params(), debian_node(PVE_8, {THIRD_PARTY: f"{line}\n"})).refusals


@pytest.mark.parametrize(
    ("release", "ceph", "channel", "said"),
    [
        (PVE_7, "squid", "no-subscription", "It offers octopus and pacific and quincy."),
        (PVE_8, "tentacle", "no-subscription", "It offers quincy and reef and squid."),
        (PVE_9, "reef", "no-subscription", "It offers squid and tentacle."),
        (PVE_9, "sqiud", "no-subscription", "Proxmox VE 9 has no packages of Ceph sqiud."),
        (PVE_7, "quincy", "enterprise", "Set ceph_repository to no-subscription or test."),
    ],
)
def test_what_is_not_offered_is_refused(release: Release, ceph: str, channel: str, said: str) -> None:
    plan = make_plan(SUBJECT, params(ceph_release=ceph, ceph_repository=channel), debian_node(release))
    assert said in str(plan.refusals[0])


def test_an_unknown_debian_is_refused() -> None:
    node = debian_node(PVE_9, {"/etc/os-release": "ID=debian\nVERSION_CODENAME=forky\n"})
    assert "forky" in make_plan(SUBJECT, params(), node).refusals[0].reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"proxmox_url": "mirror.example/proxmox"}, "no URL of a web server"),
        ({"proxy": "http://me:secret@proxy:3128"}, "user name or password"),
        ({"debian_security_url": "http://m/debian-security"}, "without debian_url"),
    ],
)
def test_what_is_invalid(changes: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        desired_from(params(**changes))


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
