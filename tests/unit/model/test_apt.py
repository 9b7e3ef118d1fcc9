"""apt: what it prints when it fails → what to do; and how it names what it keeps."""

from __future__ import annotations

import re

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model import apt
from ansible_collections.baremetal.virt.plugins.module_utils.model.plan import Run

# As apt 2.6 and 3.0 print them.
UNAUTHORIZED = (
    "E: Failed to fetch https://e.example/debian/pve/dists/trixie/InRelease  401  Unauthorized [IP: 10.0.0.1 443]"
)
NO_KEY = (
    "W: GPG error: http://m trixie InRelease: The following signatures couldn't be verified: NO_PUBKEY 0123456789ABCDEF"
)
EXPIRED = "E: Release file for http://m/dists/trixie/InRelease is expired (invalid since 3d 2h 5min 6s)."
CONFLICT = (
    "E: Conflicting values set for option Signed-By regarding source http://m/debian/pve/ trixie: /a.gpg != /b.gpg"
)
NOT_FOUND = (
    "E: Failed to fetch http://m/debian/pve/dists/trixie/x/binary-amd64/Packages  404  Not Found [IP: 10.0.0.1 80]"
)
NO_RELEASE = "E: The repository 'http://m/debian/pve trixie Release' does not have a Release file."
NO_NAME = "W: Failed to fetch http://m/dists/trixie/InRelease  Temporary failure resolving 'm'"
NO_ROUTE = (
    "W: Failed to fetch http://m/dists/x/InRelease  Could not connect to m:80 (10.0.0.1). - connect (111: refused)"
)
NO_TRUST = "E: Failed to fetch https://m/x  Certificate verification failed: The certificate is NOT trusted."
BROKEN = "dpkg: error processing package pve-cluster (--configure):"
UNKNOWN = "E: Unable to locate package proxmox-ve"


@pytest.mark.parametrize(
    ("action", "printed", "cure"),
    [
        (apt.update(), UNAUTHORIZED, "https://e.example/debian/pve/dists/trixie/InRelease is for subscribers"),
        (apt.update(), NO_KEY, "No known key has made the signature (0123456789ABCDEF)"),
        (apt.update(), EXPIRED, "http://m/dists/trixie/InRelease and this node disagree about the time"),
        (apt.update(), CONFLICT, "Two entries for http://m/debian/pve/ name different keys"),
        (apt.update(), NOT_FOUND, "http://m/debian/pve/dists/trixie/x/binary-amd64/Packages does not exist"),
        (apt.update(), NO_RELEASE, "There is no repository at 'http://m/debian/pve trixie Release'"),
        (apt.update(), NO_NAME, "m is unknown: check DNS"),
        (apt.update(), NO_ROUTE, "m:80 cannot be reached"),
        (apt.update(), NO_TRUST, "Install ca-certificates"),
        (apt.install("x"), BROKEN, "The first package that could not be set up is pve-cluster"),
        (apt.install("x"), UNKNOWN, "No repository of this node has proxmox-ve"),
        (apt.full_upgrade(), "E: Failed to fetch http://m/x.deb  404", "http://m/x.deb could not be fetched"),
        (apt.finish_interrupted()[0], "cannot write: No space left on device", "Make room"),
    ],
)
def test_a_failure_names_the_repository_and_the_cure(action: Run, printed: str, cure: str) -> None:
    found = (re.search(pattern, printed) for pattern, _cure in action.cures)
    said = [match.expand(text) for match, (_pattern, text) in zip(found, action.cures) if match]
    assert any(text.startswith(cure) for text in said)


@pytest.mark.parametrize(
    ("action", "printed"),
    [
        (apt.update(), "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)"),
        (apt.install("x"), "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)"),
        (apt.finish_interrupted()[0], "dpkg: error: dpkg frontend lock was locked by another process with pid 4711"),
        (
            apt.finish_interrupted()[0],
            "dpkg: error: dpkg frontend lock was locked by /usr/bin/apt-get process with pid 4711",
        ),
        (apt.finish_interrupted()[0], "dpkg: error: dpkg status database is locked by another process"),
    ],
)
def test_a_lock_is_waited_for(action: Run, printed: str) -> None:
    assert any(re.search(pattern, printed) for pattern in action.retry_on)


@pytest.mark.parametrize("action", [apt.install("x"), apt.remove("x"), apt.full_upgrade(), apt.finish_interrupted()[1]])
def test_the_lock_of_dpkg_is_waited_for_by_apt_itself(action: Run) -> None:
    assert "DPkg::Lock::Timeout=600" in action.argv and action.timeout > 600


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("http://m.example/debian/pve", "m.example_debian_pve_dists_trixie_InRelease"),
        ("http://m.example/debian/pve/", "m.example_debian_pve_dists_trixie_InRelease"),
        ("http://10.0.0.1:8080/my_repo/~a", "10.0.0.1:8080_my%5frepo_%7ea_dists_trixie_InRelease"),
        ("https://user:secret@m/debian", "m_debian_dists_trixie_InRelease"),
    ],
)
def test_the_name_of_a_list_is_apts(uri: str, name: str) -> None:
    assert apt.list_name(uri, "trixie", "InRelease") == name
