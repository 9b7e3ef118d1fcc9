# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.ceph_osd_safety."""

from __future__ import annotations

from ..modules.ceph_osd_safety import INQUIRY
from ..plugin_utils.patient import PatientAction


class ActionModule(PatientAction):
    inquiry = INQUIRY
    subject = "Ceph"
    pending = "pending"
    shown = ("progress", "pending")
    advice = "See `ceph status` and `ceph health detail`; raise timeout if the data only needs longer to move."
