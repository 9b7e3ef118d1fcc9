# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.site_summary_info.

A run that has changed something, and so looks at a node anew, also tries what the user will open next: the web
interface of every node, from here. A run that has found all as wanted asks nobody anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.cluster.web import summarize_web
from ..module_utils.engine.errors import CollectionError
from ..module_utils.transport.api.credential import FreshTicket
from ..modules.site_summary_info import INQUIRY
from ..plugin_utils.api_access import ApiAction
from ..plugin_utils.fast_path import InquiryAction
from ..plugin_utils.web_interfaces import WebInterfaces


class ActionModule(InquiryAction, ApiAction):
    inquiry = INQUIRY

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        result = super()._ask_node(task_vars)
        if result.get("failed"):
            return result
        try:
            return {**result, "summary": {**result["summary"], **self._seen_from_here(task_vars)}}
        except CollectionError as error:
            told = error.as_result()["msg"]
            return {**result, "warnings": [*result.get("warnings", []), f"The web interfaces were not tried: {told}"]}

    def _seen_from_here(self, task_vars: Mapping[str, Any]) -> dict[str, str]:
        voucher = self._voucher(task_vars)
        if voucher.node not in voucher.certificates:
            return {}  # no Proxmox VE there yet
        hosts = task_vars["hostvars"]
        inventory = {name: hosts[name]["ansible_host"] for name in hosts if "ansible_host" in hosts[name]}
        host = self._host(task_vars)
        ticket = FreshTicket(voucher.ticket, lambda: self._voucher(task_vars).ticket)
        return summarize_web(*WebInterfaces(voucher, ticket, inventory).look(inventory.get(host, host)))
