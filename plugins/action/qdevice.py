# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.qdevice."""

from __future__ import annotations

from ..modules.qdevice import SUBJECT
from ..plugin_utils.fast_path import SubjectAction


class ActionModule(SubjectAction):
    subject = SUBJECT
