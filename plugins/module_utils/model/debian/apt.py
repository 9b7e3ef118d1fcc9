# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How this collection calls apt: without questions, patient with locks, and with cures for the usual failures.

Upstream: apt-get(8), apt.conf(5), sources.list(5), dpkg(1).
"""

from __future__ import annotations

from ...engine.plan import Run
from .apt_lists import UPDATE_STAMP

#: Messages of another apt or dpkg at work. DPkg::Lock::Timeout makes apt wait for the first of dpkg's locks only.
BUSY = (
    r"Could not get lock \S+/(apt/lists|dpkg|apt/archives)/lock",
    r"Unable to acquire the dpkg frontend lock",
    r"dpkg (frontend lock|database lock|status database) (was|is) locked by",
)
#: A configuration file that was edited (or written before its package came) is kept, never asked about.
_QUIET = (
    "apt-get",
    "-o", "DPkg::Lock::Timeout=600",
    "-o", "Dpkg::Options::=--force-confdef",
    "-o", "Dpkg::Options::=--force-confold",
    "--yes",
)  # fmt: skip

_LOCKED = (
    r"Could not get lock (\S+?)\.? It is held by process (\d+(?: \([^)]*\))?)",
    r"\1 is held by process \2: let it end, or see what keeps it; then run this again.",
)
#: As apt 2.2 to 3.0 print them; apt 3 leaves the check of signatures to sqv. Every cure names its repository.
_FETCH = r"Failed to fetch (\S+?)/dists/(\S+?)/\S+\s+"
_SIGNATURE = r"(?:GPG error|OpenPGP signature verification failed): (\S+) (\S+) \S+: .*"
_UPDATE_CURES = (
    (
        _FETCH + r"401\s+Unauthorized",
        r"\1 is for subscribers: give the node its key (pvesubscription set KEY), or ask for another repository.",
    ),
    (
        _SIGNATURE + r"(?:NO_PUBKEY|Missing key) (\w+)",
        r"\1 is signed with the key \3, which this node does not have for it: for a mirror with its own key set"
        r" keyring_url and keyring_sha256.",
    ),
    (
        _SIGNATURE + r"(?:BADSIG|Message has been manipulated)",
        r"What comes from \1 is not what was signed: look at the mirror, and at proxies on the way to it.",
    ),
    (
        _SIGNATURE + r"(?:Failed to parse keyring \"(\S+?)\"|no keyring is specified)",
        r"The entry for \1 names no key file that can be read: correct its Signed-By.",
    ),
    (r"The repository '(\S+) (\S+) Release' is not signed", r"\1 has no signature for \2: complete the mirror."),
    (
        r"Release file for (\S+?)/dists/\S+ is expired",
        r"\1 was signed too long ago: update the mirror, or set this node's clock if it is ahead.",
    ),
    (
        r"Release file for (\S+?)/dists/\S+ is not valid yet",
        r"\1 was signed in the future: set this node's clock, or that of the mirror.",
    ),
    (
        r"Conflicting values set for option Signed-By regarding source (\S+)",
        r"Two entries for \1 name different keys: remove one of them.",
    ),
    (_FETCH + r"404\s", r"\1 does not have all that its index names: check the URL, or update the mirror."),
    (
        r"repository '(\S+) (\S+) Release' does not have a Release file",
        r"There is no repository \1 for \2: check the URL.",
    ),
    (
        r"Repository '(\S+) (\S+) \S+' changed its '(\w+)' value from '([^']*)' to '([^']*)'",
        r"\1 is now of another release (\3 \5, no longer \4): correct the mirror; if that is intended, accept it"
        r" with apt-get update --allow-releaseinfo-change.",
    ),
    (
        r"Conflicting distribution: (\S+) (\S+) \S+ \(expected (\S+) but got (\S+)\)",
        r"\1 serves \4 under the name of \3: correct the mirror.",
    ),
    (
        r"as repository '(\S+) (\S+) \S+' doesn't have the component '([^']+)'",
        r"\1 has no component \3 for \2: the mirror does not carry it.",
    ),
    (
        _FETCH + r"(?:Could not resolve|Temporary failure resolving) '([^']+)'",
        r"\1 cannot be reached, as \3 is unknown: check DNS, or set a proxy.",
    ),
    (
        _FETCH
        + r"(?:Could not connect|Unable to connect|Cannot initiate the connection|Connection (?:failed|timed out))",
        r"\1 cannot be reached: check routes and firewalls, or set a proxy.",
    ),
    (
        _FETCH + r".*(?i:certificate verification failed|certificate .* not trusted)",
        r"The certificate of \1 is not trusted here: install ca-certificates, or use http.",
    ),
    (
        _FETCH + r".*(?:Hash Sum mismatch|unexpected size)",
        r"\1 does not match its own index: the mirror is being updated, or a proxy keeps old files; try again.",
    ),
    (r"Malformed (?:entry|stanza|line) (\d+) in \w+ (?:file|list) (\S+)", r"Correct entry \1 of \2."),
    _LOCKED,
)
#: What apt only warns of, although the repository is not the declared one. Other people's repositories are theirs.
_NOT_AS_DECLARED = (
    r"Conflicting distribution: \S+/debian(?:-security|/pve|/ceph-\w+)? ",
    r"as repository '\S+/debian/(?:pve|ceph-\w+) [^']*' doesn't have the component",
)

#: A repository that is silent for now is a warning to apt, and its old list goes on as if it were new.
_NOT_FETCHED = (r"(?m)^Err:\d+ \S+ \S+",)

_INSTALL_CURES = (
    (
        r"dpkg: error processing package (\S+)",
        r"The first package that could not be set up is \1; failure.stdout and the node's journal say why.",
    ),
    (r"Unable to locate package (\S+)", r"No repository of this node has \1: declare one (module repositories)."),
    (r"E: Failed to fetch (\S+)", r"\1 could not be fetched: read the package lists again, or check the repository."),
    (r"(?i)no space left on device|don't have enough free space", "Make room for packages in /var and /usr."),
    (
        r"dpkg frontend lock was locked by (.*?process with pid \d+)",
        r"dpkg's lock is held by \1: let it end, or see what keeps it; then run this again.",
    ),
    _LOCKED,
)


def update() -> Run:
    """Read the package lists again. Every repository that fails is an error, also one that could be tried later."""
    argv = (
        "apt-get",
        "-o", "APT::Update::Error-Mode=any",
        "-o", "Acquire::Retries=3",
        "-o", f"APT::Update::Post-Invoke-Success::=touch {UPDATE_STAMP}",
        "update",
    )  # fmt: skip
    return Run(argv, timeout=900, retry_on=BUSY, fail_on=(*_NOT_AS_DECLARED, *_NOT_FETCHED), cures=_UPDATE_CURES)


def install(*packages: str, recommended: bool = True) -> Run:
    """Install what is missing of these packages; an installed one is not upgraded."""
    return _apt("--no-upgrade", *(() if recommended else ("--no-install-recommends",)), "install", *packages)


def remove(*packages: str) -> Run:
    return _apt("remove", *packages)


def full_upgrade() -> Run:
    return _apt("dist-upgrade")


def finish_interrupted() -> tuple[Run, Run]:
    """Complete what an apt that was killed has left half done."""
    configure = ("dpkg", "--force-confdef", "--force-confold", "--configure", "--pending")
    return (
        Run(configure, timeout=3600, retry_on=BUSY, cures=_INSTALL_CURES),
        _apt("--fix-broken", "install"),
    )


def _apt(*words: str) -> Run:
    return Run((*_QUIET, *words), timeout=3600, retry_on=BUSY, cures=_INSTALL_CURES)
