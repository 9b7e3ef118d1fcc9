# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Before the change itself: files that both programs read alike, then ifupdown2 in the place of ifupdown.

After each of these steps the node may boot, and its network is what it was.
"""

from __future__ import annotations

from dataclasses import replace

from ...engine.plan import Step, WriteFile
from ...model.debian.apt import install
from ...model.network.network import ObservedNetwork
from .target import Target

PACKAGE = "ifupdown2"
#: Without it, the package loads the network anew while it is installed.
_QUIET = (("IFUPDOWN2_NO_IFRELOAD", "1"),)


def prepare(observed: ObservedNetwork, target: Target) -> tuple[Step, ...]:
    """Nothing where ifupdown2 is there already, nor where ifupdown is and nothing is to be written."""
    program = observed.program or ""
    if program.startswith(PACKAGE) or (program and target.files == observed.files):
        return ()
    rewritten = [path for path, text in target.base.items() if text != observed.files.get(path)]
    quiet = install(PACKAGE, recommended=False)
    return (
        *(
            Step(
                f"write {path} so that ifupdown and ifupdown2 read it alike",
                WriteFile(path, target.base[path]),
                f"file.write:{path}",
                "file",
            )
            for path in rewritten
        ),
        Step(
            f"install {PACKAGE}, without loading the network anew",
            replace(quiet, env=(*quiet.env, *_QUIET)),
            f"package.install:{PACKAGE}",
            "packages",
        ),
    )
