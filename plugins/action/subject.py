# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of all modules that are a subject or an inquiry; ``meta/runtime.yml`` leads their tasks here."""

from __future__ import annotations

from typing import Any, Optional

from ansible.errors import AnsibleActionFail

from ..module_utils.engine.subject import Subject
from ..plugin_utils.confirmation import ConfirmingAction
from ..plugin_utils.controller import ControllerInquiry, ControllerSubject
from ..plugin_utils.fast_path import FastAction, InquiryAction, SubjectAction
from ..plugin_utils.kube import KubeInquiry, KubeSubject, by_kubernetes
from ..plugin_utils.patient import PatientAction
from ..plugin_utils.subjects import Known, named
from ..plugin_utils.unfinished import UnfinishedAction


class ActionModule(FastAction):
    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        try:
            found = named(self._task.action)
        except LookupError:
            raise AnsibleActionFail("This is no module of its own: call the module of a subject.") from None
        result: dict[str, Any] = self._for(found).run(tmp, task_vars)
        return result

    def _for(self, found: Known) -> FastAction:
        """What carries out this task, depending on what its module is."""
        given = (
            *(self._task, self._connection, self._play_context),
            *(self._loader, self._templar, self._shared_loader_obj),
        )
        if isinstance(found, Subject):
            action = _class_for(found)(*given)
            action.subject = found
            return action
        reading = PatientAction if found.waiting else InquiryAction
        asking = KubeInquiry if by_kubernetes(found) else ControllerInquiry if found.controller else reading
        inquiry = asking(*given)
        inquiry.inquiry = found
        return inquiry


def _class_for(subject: Subject[Any, Any]) -> type[SubjectAction]:
    if subject.controller:
        return KubeSubject if by_kubernetes(subject) else ControllerSubject
    if subject.confirms is not None:
        return ConfirmingAction
    return UnfinishedAction if subject.patience else SubjectAction
