# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tasks of subjects that are carried out on the controller by Kubernetes' API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..module_utils.engine.errors import CollectionError
from ..module_utils.engine.printable import printable
from ..module_utils.engine.subject import Inquiry, Subject, ask, converge
from ..module_utils.transport.kube.kube import Kube
from .fast_path import InquiryAction, SubjectAction
from .run_store import RunStore


def by_kubernetes(found: Subject[Any, Any] | Inquiry) -> bool:
    """Whether a task names the cluster that it is about by a kubeconfig."""
    return found.controller and "kubeconfig" in found.argument_spec


def _kube(params: Mapping[str, Any]) -> Kube:
    return Kube(params["kubeconfig"], params["context"], params["fingerprint"])


class KubeSubject(SubjectAction):
    """A task of a writing module."""

    def _decided(self, task_vars: Mapping[str, Any]) -> Optional[dict[str, Any]]:
        """What is invalid is known without a look; nobody has looked earlier in the run."""
        self.subject.desired(self._params(self.subject.argument_spec, self.subject.constraints))
        return None

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        RunStore().note_asked()
        try:
            params = self._params(self.subject.argument_spec, self.subject.constraints)
            kube = _kube(params)
            result = converge(self.subject, params, kube, bool(self._task.check_mode), lambda step, to: to.act(step))
        except CollectionError as error:
            return {"failed": True, "changed": False, **printable(error.as_result())}
        return dict(printable(result))


class KubeInquiry(InquiryAction):
    """A task of a reading module."""

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        variables = task_vars or {}
        result = {**super(InquiryAction, self).run(tmp, task_vars), "changed": False, "host": self._host(variables)}
        try:
            params = self._params(self.inquiry.argument_spec, {})
            return {**result, **printable(dict(ask(self.inquiry, params, _kube(params))))}
        except CollectionError as error:
            return {**result, "failed": True, **printable(error.as_result())}
