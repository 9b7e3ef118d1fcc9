# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.ceph_health."""

from __future__ import annotations

from ..modules.ceph_health import INQUIRY
from ..plugin_utils.patient import PatientAction


class ActionModule(PatientAction):
    inquiry = INQUIRY
    subject = "Ceph"
    pending = "intolerable"
    shown = ("intolerable",)
    advice = "Mend it, or name the code in tolerated if it may stay."
