"""apt: what it prints when it fails → what to do."""

from __future__ import annotations

import re

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian import apt

# As apt 2.6 and, where it differs, apt 3.0 (which asks sqv about signatures) printed them in trials.
UNAUTHORIZED = "E: Failed to fetch https://e.example/pve/dists/trixie/InRelease  401  Unauthorized [IP: 10.0.0.1 443]"
GPG = "W: GPG error: http://m/pve trixie InRelease: The following signatures "
SQV = (
    "W: OpenPGP signature verification failed: http://m/pve trixie InRelease: Sub-process /usr/bin/sqv returned an"
    " error code (1), error message is: "
)
NO_KEY = f"{GPG}couldn't be verified because the public key is not available: NO_PUBKEY 0123456789ABCDEF"
NO_KEY_3 = f"{SQV}Missing key D9EF7D25813F45F0, which is needed to verify signature."
BAD = f"{GPG}were invalid: BADSIG 48F863D10984D3BA somebody <lab@lab.test>"
BAD_3 = f"{SQV}Verifying signature:            Message has been manipulated"
NO_FILE_3 = f'{SQV}Error: Failed to parse keyring "/k.gpg"  Caused by:     0: Reading "/k.gpg": No such file'
UNSIGNED = "E: The repository 'http://m/pve trixie Release' is not signed."
EXPIRED = "E: Release file for http://m/pve/dists/trixie/InRelease is expired (invalid since 3d 2h 5min 6s)."
EARLY = "E: Release file for http://m/pve/dists/trixie/InRelease is not valid yet (invalid for another 1h 5min 6s)."
CONFLICT = "E: Conflicting values set for option Signed-By regarding source http://m/pve/ trixie: /a.gpg != /b.gpg"
FETCH = "E: Failed to fetch http://m/pve/dists/trixie/InRelease  "
NOT_FOUND = "E: Failed to fetch http://m/pve/dists/trixie/x/binary-amd64/Packages  404  Not Found [IP: 10.0.0.1 80]"
NO_RELEASE = "E: The repository 'http://m/pve trixie Release' does not have a Release file."
MOVED = "E: Repository 'http://m/pve trixie InRelease' changed its 'Codename' value from 'trixie' to 'forky'"
MIXED = "W: Conflicting distribution: http://m/debian/pve trixie InRelease (expected trixie but got bookworm)"
NO_COMPONENT = (
    "W: Skipping acquire of configured file 'x/binary-amd64/Packages' as repository 'http://m/debian/pve trixie"
    " InRelease' doesn't have the component 'x' (component misspelt in sources.list?)"
)
NO_NAME = f"{FETCH}Temporary failure resolving 'm'"
NO_ROUTE = f"{FETCH}Could not connect to m:80 (10.0.0.1). - connect (111: Connection refused)"
NO_ROUTE_3 = f"{FETCH}Unable to connect to m:80:"
NO_TRUST = f"{FETCH}Certificate verification failed: The certificate is NOT trusted."
HALF = f"{FETCH}Hash Sum mismatch"
MALFORMED = "E: Malformed entry 1 in sources file /etc/apt/sources.list.d/x.sources (Component)"
LOCKED = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)"
BROKEN = "dpkg: error processing package pve-cluster (--configure):"
UNKNOWN = "E: Unable to locate package proxmox-ve"


@pytest.mark.parametrize(
    ("action", "printed", "cure"),
    [
        (apt.update(), UNAUTHORIZED, "https://e.example/pve is for subscribers"),
        (apt.update(), NO_KEY, "http://m/pve is signed with the key 0123456789ABCDEF, which this node does not have"),
        (apt.update(), NO_KEY_3, "http://m/pve is signed with the key D9EF7D25813F45F0, which this node does not have"),
        (apt.update(), BAD, "What comes from http://m/pve is not what was signed"),
        (apt.update(), BAD_3, "What comes from http://m/pve is not what was signed"),
        (apt.update(), NO_FILE_3, "The entry for http://m/pve names no key file that can be read"),
        (apt.update(), UNSIGNED, "http://m/pve has no signature for trixie"),
        (apt.update(), EXPIRED, "http://m/pve was signed too long ago"),
        (apt.update(), EARLY, "http://m/pve was signed in the future"),
        (apt.update(), CONFLICT, "Two entries for http://m/pve/ name different keys"),
        (apt.update(), NOT_FOUND, "http://m/pve does not have all that its index names"),
        (apt.update(), NO_RELEASE, "There is no repository http://m/pve for trixie"),
        (apt.update(), MOVED, "http://m/pve is now of another release (Codename forky, no longer trixie)"),
        (apt.update(), MIXED, "http://m/debian/pve serves bookworm under the name of trixie"),
        (apt.update(), NO_COMPONENT, "http://m/debian/pve has no component x for trixie"),
        (apt.update(), NO_NAME, "http://m/pve cannot be reached, as m is unknown: check DNS"),
        (apt.update(), NO_ROUTE, "http://m/pve cannot be reached"),
        (apt.update(), NO_ROUTE_3, "http://m/pve cannot be reached"),
        (apt.update(), NO_TRUST, "The certificate of http://m/pve is not trusted here"),
        (apt.update(), HALF, "http://m/pve does not match its own index"),
        (apt.update(), MALFORMED, "Correct entry 1 of /etc/apt/sources.list.d/x.sources."),
        (apt.update(), LOCKED, "/var/lib/apt/lists/lock is held by process 4711 (apt-get)"),
        (apt.install("x"), LOCKED, "/var/lib/apt/lists/lock is held by process 4711 (apt-get)"),
        (apt.install("x"), BROKEN, "The first package that could not be set up is pve-cluster"),
        (apt.install("x"), UNKNOWN, "No repository of this node has proxmox-ve"),
        (apt.full_upgrade(), "E: Failed to fetch http://m/x.deb  404", "http://m/x.deb could not be fetched"),
        (apt.finish_interrupted()[0], "cannot write: No space left on device", "Make room"),
        (
            apt.finish_interrupted()[0],
            "dpkg: error: dpkg frontend lock was locked by another process with pid 4711",
            "dpkg's lock is held by another process with pid 4711",
        ),
    ],
)
def test_a_failure_names_the_repository_and_the_cure(action: Run, printed: str, cure: str) -> None:
    found = (re.search(pattern, printed) for pattern, _cure in action.cures)
    said = [match.expand(text) for match, (_pattern, text) in zip(found, action.cures) if match]
    assert [text.startswith(cure) for text in said] == [True]


@pytest.mark.parametrize(
    ("printed", "fails"),
    [
        (MIXED, True),
        (NO_COMPONENT, True),
        (MIXED.replace("debian/pve", "debian-security"), True),
        (MIXED.replace("m/debian/pve", "tools.example/linux"), False),
        (NO_COMPONENT.replace("debian/pve", "linux"), False),
    ],
)
def test_what_apt_only_warns_of_fails_for_the_declared_repositories(printed: str, fails: bool) -> None:
    assert any(re.search(pattern, printed) for pattern in apt.update().fail_on) is fails


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
