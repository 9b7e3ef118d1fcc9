#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from ..module_utils.decide.access.access import decide
from ..module_utils.decide.access.caller import needs_of_caller
from ..module_utils.decide.access.desired import desired_from
from ..module_utils.engine.reader import CLUSTER, Reader
from ..module_utils.engine.subject import Subject
from ..module_utils.model.access.access import DesiredAccess, ObservedAccess
from ..module_utils.model.access.parameters import ACCESS
from ..module_utils.observe.access import access
from ..module_utils.transport.module import run_module


def observe(reader: Reader, desired: DesiredAccess) -> ObservedAccess:
    return access.observe(reader, desired, needs_of_caller(desired))


SUBJECT = Subject(
    name="access",
    argument_spec=ACCESS,
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=5,
    controller=True,
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
