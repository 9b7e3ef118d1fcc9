# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.node_disk."""

from __future__ import annotations

from ..modules.node_disk import INQUIRY
from ..plugin_utils.patient import PatientAction


class ActionModule(PatientAction):
    inquiry = INQUIRY
    subject = "the disk"
    pending = "missing"
    shown = ("missing",)
    advice = "Put the disk in, or say which one is meant."
