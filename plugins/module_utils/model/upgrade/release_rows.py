# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What upstream's checkers do not see, in the same words as the table of what they do.

``docs/releases_upgrade.md`` is made from it.
"""

from __future__ import annotations

from .checker_rows import CheckRow

CHECKER_MISSING = CheckRow(
    "checker-missing", "", "automatic", "upgrade.yml brings the minor release that has upstream's checker."
)
CHECKER_CUT = CheckRow(
    "checker-cut", "", "person", "Run it by hand and look where it ends: what it did not say is not known."
)
OLD_PACKAGE = CheckRow(
    "old-package",
    "",
    "automatic",
    "upgrade.yml brings it. Without openssh-server's last version no new connection is taken for most of the upgrade.",
)
SSHD_CONFIG = CheckRow(
    "sshd-config", "", "person", "Take the algorithm out of the line: sshd of the new release does not start with it."
)
SSHD_TRIED = CheckRow(
    "sshd-tried", "", "person", "Correct its configuration before the node is booted anew: nobody would get in."
)
SOURCES_MALFORMED = CheckRow(
    "sources-malformed", "", "person", "Correct the file: apt reads none while there is one like it."
)
SUITES_MIXED = CheckRow(
    "suites-mixed",
    "",
    "person",
    "Remove the entry, or name the node's own release there. Files in deb822 format count, too.",
)
THIRD_PARTY = CheckRow(
    "third-party",
    "",
    "person",
    "Switch the repository off until all nodes are new, unless its packages fit the new release: then accept it.",
)
RRD_SPACE = CheckRow("rrd-space", "", "person", "Make room: the measurements are written once more, in a larger form.")

#: As they stand in the documentation.
OWN_ROWS = (
    CHECKER_MISSING,
    CHECKER_CUT,
    OLD_PACKAGE,
    SSHD_CONFIG,
    SSHD_TRIED,
    SOURCES_MALFORMED,
    SUITES_MIXED,
    THIRD_PARTY,
    RRD_SPACE,
)
