# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.cluster_info; here it shows whether a host can be reached at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure

from ..modules.cluster_info import INQUIRY
from ..plugin_utils.fast_path import InquiryAction


class ActionModule(InquiryAction):
    inquiry = INQUIRY

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return super()._ask_node(task_vars)
        except AnsibleConnectionFailure as error:
            if not self._params(self.inquiry.argument_spec, {})["may_be_off"]:
                raise
            return {"changed": False, "answered": False, "msg": str(error)}
