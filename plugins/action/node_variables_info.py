# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.node_variables_info."""

from __future__ import annotations

from ..modules.node_variables_info import INQUIRY
from ..plugin_utils.fast_path import InquiryAction


class ActionModule(InquiryAction):
    inquiry = INQUIRY
