# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at every node's web interface from the controller, as the user will do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Optional

from ..module_utils.engine.errors import Unreadable
from ..module_utils.model.cluster.web import Guests, KnownNode, WebInterface
from ..module_utils.observe.cluster import web
from ..module_utils.transport.api.api import AT_ONCE, Api
from ..module_utils.transport.api.credential import Credential
from .api_access import Voucher


class WebInterfaces:
    """addresses: node → where the inventory says it can be reached, if it does."""

    def __init__(self, voucher: Voucher, credential: Callable[[], Credential], addresses: Mapping[str, str]) -> None:
        self._voucher, self._credential, self._addresses = voucher, credential, addresses

    def look(self, address: str) -> tuple[list[WebInterface], Optional[Guests]]:
        """The one at this address, which vouches, those of all others that are online, and how many guests run."""
        first = self._api(self._voucher.node, address)
        try:
            own, seen = WebInterface(self._voucher.node, first.url, web.observe_version(first)), web.observe(first)
        except Unreadable as error:
            return [_problem(self._voucher.node, first, error)], None
        others = [node for node in seen.nodes if node.online and node.name != self._voucher.node]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = [own, *pool.map(self._look_at, others)]
        return sorted(found, key=lambda one: one.node), seen.guests

    def _look_at(self, node: KnownNode) -> WebInterface:
        if node.name not in self._voucher.certificates:
            return WebInterface(node.name, "", problem="/etc/pve has no certificate of it")
        api = self._api(node.name, self._addresses.get(node.name) or node.address)
        try:
            return WebInterface(node.name, api.url, web.observe_version(api))
        except Unreadable as error:
            return _problem(node.name, api, error)

    def _api(self, node: str, address: str) -> Api:
        return Api(address, self._voucher.certificates[node], self._credential)


def _problem(node: str, api: Api, error: Unreadable) -> WebInterface:
    return WebInterface(node, api.url, problem=error.message, reached=error.details["reached"])
