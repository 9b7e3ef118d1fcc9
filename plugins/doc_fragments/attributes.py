# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every writing module of this collection promises."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Returns the plan that a real run would carry out, and writes nothing.
    support: full
  diff_mode:
    description: Shows the subject before and after.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
notes:
  - Success is observed, not concluded from exit codes. After the last step the node is looked at again, and the module
    fails if it is not as wanted.
"""
