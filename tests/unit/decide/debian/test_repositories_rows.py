"""repositories: every (release, channel, what is on the node) → the files afterwards, compared with golden ones.

Golden files are written anew, to be read in the diff, by WRITE_GOLDEN=1 make test-fast PYTEST_ARGS="-k golden".
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import (
    CHANNELS,
    RELEASES,
    Channel,
    Release,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import (
    ENTERPRISE_URL,
    PROXMOX_URL,
    is_ceph,
    is_pve,
    targets,
)

from ....doubles.fake_debian import debian_sources
from ....doubles.support import FakeNode
from .repositories_cases import CASES, NEWEST, ROW_NAMES, ROWS, apt_files, converged, declaration, node_of

GOLDEN = Path(__file__).parent / "golden" / "repositories"
THIRD_PARTY = "/etc/apt/sources.list.d/tools.list"
THIRD_PARTY_TEXT = "# keep me\ndeb https://tools.example/linux/debian bookworm stable # whatever  \n\n"


def enabled(node: FakeNode) -> list[tuple[str, str, str]]:
    """What apt would use of Proxmox; what is named twice is here twice."""
    sources = [source for path, text in apt_files(node).items() for source in parse(path, text).sources]
    ours = (source for source in sources if source.enabled and (is_pve(source) or is_ceph(source)))
    return sorted(target for source in ours for target in targets(source))


@pytest.mark.parametrize(("release", "channel", "case"), ROWS, ids=ROW_NAMES)
def test_whatever_is_there_the_declaration_holds_afterwards(release: Release, channel: Channel, case: str) -> None:
    declared = declaration(release, channel)
    node = converged(node_of(release, case, {THIRD_PARTY: THIRD_PARTY_TEXT}), declared)

    def base(wanted: str) -> str:
        return ENTERPRISE_URL if wanted == "enterprise" else PROXMOX_URL

    ceph_channel = declared["ceph_repository"]
    assert enabled(node) == sorted(
        [
            (f"{base(channel)}/debian/pve", release.codename, release.components[channel]),
            (
                f"{base(ceph_channel)}/debian/ceph-{NEWEST[release]}",
                release.codename,
                release.ceph_components[ceph_channel],
            ),
        ]
    )
    assert node.files[THIRD_PARTY] == THIRD_PARTY_TEXT
    assert {path: node.files[path] for path in debian_sources(release)} == debian_sources(release)


def changes(release: Release, channel: str, case: str) -> str:
    """The files that a run changes, as they are afterwards."""
    before = apt_files(node_of(release, case))
    after = apt_files(converged(node_of(release, case), declaration(release, channel)))
    texts = [
        f"--- {path}\n{after[path]}" if path in after else f"--- {path} (removed)\n"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]
    return "".join((f"=== {case}\n", *texts))


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_golden_files(release: Release, channel: str) -> None:
    path = GOLDEN / f"{release.codename}_{channel}.txt"
    found = "\n".join(changes(release, channel, case) for case in CASES)
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    assert found == path.read_text()
