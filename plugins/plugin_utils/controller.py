# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tasks of subjects that are carried out on the controller: by the API of the host that they are of."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Optional

from ..module_utils.engine.errors import CollectionError, Invalid, Refused, Unreadable
from ..module_utils.engine.plan import Plan, Step
from ..module_utils.engine.printable import printable
from ..module_utils.engine.subject import ask, converge, plan_result
from ..module_utils.transport.api.api import PORT, Api
from ..module_utils.transport.api.controller import Controller
from ..module_utils.transport.api.credential import Credential, FreshTicket, Token
from ..module_utils.transport.api.side_by_side import SideBySide
from .api_access import ApiAction
from .fast_path import InquiryAction, SubjectAction
from .run_store import RunStore
from .screen import tell

#: Seconds between two words of how far things are.
_OFTEN = 5


class ControllerAction(ApiAction):
    """How they come to speak to the API: with the ticket that the host makes for this run, or with a token.

    The host is asked through ssh which certificate it shows, unless the task says that, too.
    """

    def _controller(self, params: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Controller:
        said = params["api"] or {}
        token = _token(said)
        address = said.get("host") or self._address(task_vars)
        port = said.get("port") or PORT
        if token is not None and said.get("fingerprint"):
            return Controller(Api(address, said["fingerprint"].replace(":", "").lower(), _always(token), port))
        voucher = self._voucher(task_vars)
        if voucher.node not in voucher.certificates:
            return Controller(None)
        ticket = FreshTicket(voucher.ticket, lambda: self._voucher(task_vars).ticket)
        credential: Callable[[], Credential] = ticket if token is None else _always(token)
        return Controller(Api(address, voucher.certificates[voucher.node], credential, port))

    def _address(self, task_vars: Mapping[str, Any]) -> str:
        host = self._host(task_vars)
        variables = task_vars.get("hostvars", {}).get(host, {})
        return str(self._templar.template(variables.get("ansible_host", host)))


def _always(token: Token) -> Callable[[], Credential]:
    return lambda: token


def _token(said: Mapping[str, Any]) -> Optional[Token]:
    identity, secret = said.get("token_id"), said.get("token_secret")
    if bool(identity) != bool(secret):
        raise Invalid("api: token_id and token_secret belong together.")
    return Token(str(identity), str(secret).strip()) if identity else None


class ControllerSubject(SubjectAction, ControllerAction):
    """A task of a writing module. What it depends on was read by nobody earlier in the run."""

    def _decided(self, task_vars: Mapping[str, Any]) -> Optional[dict[str, Any]]:
        """What is invalid, and that nothing is asked for, is known without a look."""
        desired = self.subject.desired(self._params(self.subject.argument_spec, self.subject.constraints))
        idle = self.subject.idle is not None and self.subject.idle(desired)
        return plan_result(Plan()) if idle else None

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        RunStore().note_asked()
        check = bool(self._task.check_mode)
        try:
            params = self._params(self.subject.argument_spec, self.subject.constraints)
            controller = self._controller(params, task_vars)
            if controller.api is None and not check:
                raise Refused("Nobody serves the API of Proxmox VE there yet.", "Install Proxmox VE first.")
            result = converge(self.subject, params, controller, check, _act, SideBySide(_Progress()))
        except CollectionError as error:
            return {"failed": True, "changed": False, **printable(error.as_result())}
        told = controller.api.warnings if controller.api is not None else []
        return dict(printable({**result, "warnings": [*result.get("warnings", ()), *told]}))


def _act(step: Step, controller: Controller) -> str:
    return controller.act(step)


class _Progress:
    """Tells how many steps are done, where it takes long."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, done: int, step: Step) -> None:
        now = time.monotonic()
        if now - self._told >= _OFTEN:
            self._told = now
            tell(f"{done} steps are done; the last was: {step.why}")


class ControllerInquiry(InquiryAction, ControllerAction):
    """A task of a reading module."""

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        variables = task_vars or {}
        result = {**super(InquiryAction, self).run(tmp, task_vars), "changed": False, "host": self._host(variables)}
        try:
            params = self._params(self.inquiry.argument_spec, {})
            return {**result, **self._answer(params, variables)}
        except CollectionError as error:
            return {**result, "failed": True, **printable(error.as_result())}

    def _answer(self, params: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return dict(printable(dict(ask(self.inquiry, params, self._controller(params, variables)))))
        except Unreadable as error:
            if not params.get("may_be_off"):
                raise
            return {"answered": False, "msg": error.as_result()["msg"]}
