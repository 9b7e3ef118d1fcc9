# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.run_begin: what can be said before any node is asked; and which saved plan this run may carry out."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Optional

from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version
from ansible.utils.collection_loader import AnsibleCollectionConfig
from ansible.utils.display import Display

from ..module_utils.engine.errors import CollectionError, Invalid, Refused
from ..module_utils.report.saved import refuse_saved
from ..plugin_utils import collection, saved_plan
from ..plugin_utils.run_store import RunStore

#: What the playbooks need on the controller beside Ansible: see requirements.txt.
_LIBRARIES = ("jmespath", "netaddr")
_OLDEST = (2, 19)
_NEXT = (2, 22)


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset({"plan_to", "only_plan"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = {**super().run(tmp, task_vars), "changed": False}
        try:
            self._refuse_controller()
            self._refuse_mixture()
            demanded = self._demanded(str(self._task.args.get("only_plan") or ""))
            if target := str(self._task.args.get("plan_to") or ""):
                saved_plan.write(target, saved_plan.INCOMPLETE)
        except CollectionError as error:
            return {**result, "failed": True, **error.as_result()}
        except OSError as error:
            return {**result, "failed": True, "msg": f"The plan cannot be written: {error}. Nothing was done."}
        return {**result, "demanded": len(demanded.get("steps", ()))}

    def _refuse_controller(self) -> None:
        """Ansible itself only warns of a version that does not fit, and in the middle of the run misses a library."""
        version = tuple(int(part) for part in ansible_version.split(".")[:2])
        if not _OLDEST <= version < _NEXT:
            raise Invalid(
                f"ansible-core {ansible_version} runs this, but the collection works with 2.19 to 2.21.",
                "Install one of these: pip install -r requirements.txt.",
            )
        missing = [name for name in _LIBRARIES if find_spec(name) is None]
        if missing:
            words = " and ".join(missing)
            raise Invalid(
                f"The controller's Python lacks {words}.", f"Install it there: pip install {' '.join(missing)}."
            )

    def _refuse_mixture(self) -> None:
        """A playbook called by its path runs with the modules that Ansible finds, which may be of another version."""
        playbook, here = Path(str(self._task.get_path()).rpartition(":")[0]), collection.COLLECTION
        owner = collection.owner(playbook)
        if owner not in (None, here):
            raise Invalid(
                f"{playbook} belongs to {owner}, but Ansible finds the modules of {here}.",
                f"Call it by its name, baremetal.virt.{playbook.stem}, or put {owner} first in the collections path.",
            )
        for place in collection.others(AnsibleCollectionConfig.collection_paths):
            Display().warning(f"baremetal.virt lies in {place} as well. Version {collection.version()} in {here} runs.")

    def _demanded(self, path: str) -> dict[str, Any]:
        if not path:
            return {}
        plan = saved_plan.read(path)
        reasons = list(refuse_saved(plan, time.time()))
        if reasons:
            raise Refused(f"The plan {path} is not applied. {' '.join(reasons)}", "Make a new one.", refusals=reasons)
        RunStore().demand(plan)
        return plan
