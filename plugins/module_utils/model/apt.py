# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How this collection calls apt: without questions, patient with locks, and with cures for the usual failures.

Upstream: apt-get(8), apt.conf(5), sources.list(5), dpkg(1).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from .plan import Run

#: Messages of another apt or dpkg at work. DPkg::Lock::Timeout makes apt wait for the first of dpkg's locks only.
BUSY = (
    r"Could not get lock /var/lib/(apt/lists|dpkg)/lock",
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
LISTS = "/var/lib/apt/lists"
#: Touched after every update that succeeded; Debian's own tools, where installed, keep it in the same way.
UPDATE_STAMP = "/var/lib/apt/periodic/update-success-stamp"
_QUOTED = '\\|{}[]<>"^~_=!@#$%&*'

_UPDATE_CURES = (
    (
        r"(https?://\S+)\s+401\s+Unauthorized",
        r"\1 is for subscribers: give the node its key (pvesubscription set KEY), or ask for another repository.",
    ),
    (
        r"NO_PUBKEY (\w+)",
        r"No known key has made the signature (\1): for a mirror with its own key set keyring_url and keyring_sha256.",
    ),
    (
        r"Release file for (\S+) is (?:not valid yet|expired)",
        r"\1 and this node disagree about the time: set the clock, or update the mirror.",
    ),
    (
        r"Conflicting values set for option Signed-By regarding source (\S+)",
        r"Two entries for \1 name different keys: remove one of them.",
    ),
    (r"(https?://\S+)\s+404\s+Not Found", r"\1 does not exist: check the URL of the mirror."),
    (r"repository '([^']+)' does not have a Release file", r"There is no repository at '\1': check the URL."),
    (r"(?:Could not resolve|Temporary failure resolving) '([^']+)'", r"\1 is unknown: check DNS, or set a proxy."),
    (r"Could not connect to (\S+)", r"\1 cannot be reached: check routes and firewalls, or set a proxy."),
    (r"(?i)certificate verification failed|certificate .* not trusted", "Install ca-certificates, or use http."),
)

_INSTALL_CURES = (
    (
        r"dpkg: error processing package (\S+)",
        r"The first package that could not be set up is \1; failure.stdout and the node's journal say why.",
    ),
    (r"Unable to locate package (\S+)", r"No repository of this node has \1: declare one (module repositories)."),
    (r"E: Failed to fetch (\S+)", r"\1 could not be fetched: read the package lists again, or check the repository."),
    (r"(?i)no space left on device|don't have enough free space", "Make room for packages in /var and /usr."),
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
    return Run(argv, timeout=900, retry_on=BUSY, cures=_UPDATE_CURES)


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


def list_name(uri: str, suite: str, rest: str) -> str:
    """The name under which apt keeps a file of a repository in ``LISTS``."""
    url = urlsplit(uri)
    path = f"{url.netloc.rpartition('@')[2]}{url.path.rstrip('/')}/dists/{suite}/{rest}"
    return "".join(f"%{ord(letter):02x}" if letter in _QUOTED else letter for letter in path).replace("/", "_")
