# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of a change of the network that a node takes back by itself.

A subject that uses ``guarded`` has

    programs=(network_files, network_guard, network_kernel), modules of transport/programs
    premise=Premise(observe.network.guard.observe, await_guard)
    patience=3600, as only the last step is handed to the controller
    confirms=desired → Expected (model/network/view.py): what is to be seen before the change is confirmed

Step ``CONFIRM`` is the controller's business (``plugin_utils/confirmation.py``). A run that is killed after any step
leaves a node that is as before after ``seconds`` and some more; the next run waits for that, and begins anew.
"""

from __future__ import annotations

from ...engine.condition import Condition
from ...engine.plan import Program, Step, Wait
from ...engine.reader import Question
from ...model.network.guarded_change import KEPT, KEPT_IN_MEMORY, RECORD, UNITS, GuardedChange

#: The step that the controller ends.
CONFIRM, CONFIRM_WHY = "network.confirm", "Confirm the change over a new connection"
JOURNAL = "See `journalctl -u baremetal-virt-network` on the node."
#: Seconds that the way back may take beside its command: files, units, and what ip repairs.
_MORE = 30
_OVER = Condition(Question("entry", (RECORD,)), (), "is", None, "the change of the network to be over")


def await_guard(state: str) -> tuple[Step, ...]:
    """What another run began is over by itself: confirmed, or taken back."""
    if state in ("none", "prepared"):
        return ()
    why = "Wait until an earlier change of the network is confirmed or taken back"
    return (Step(why, Wait((_OVER,), timeout=900), "network.wait", "network", hint=JOURNAL),)


def guarded(change: GuardedChange, why: str) -> tuple[Step, ...]:
    """``why``: the sentence of the change itself."""
    places = (KEPT, KEPT_IN_MEMORY)
    files = Program("network_files", ("keep", *places), stdin=change.for_files)
    prepare = Program("network_guard", ("prepare", *places, UNITS), stdin=change.for_guard)
    begin = Program("network_guard", ("change", *places, UNITS), timeout=change.seconds + 2 * change.limit + 2 * _MORE)
    names = ", ".join(file.path for file in change.files)
    boot = f"Prepare that the old network comes back {change.seconds} seconds after the change, and at a boot"
    return (
        Step(f"Keep {names} as it is now", files, "network.keep:files", "network"),
        Step(
            "Keep links, addresses and routes as they are now",
            Program("network_kernel", ("keep", KEPT_IN_MEMORY)),
            "network.keep:kernel",
            "network",
        ),
        Step(boot, prepare, "network.guard", "network"),
        Step(why, begin, "network.change", "network", hint="The node is as before: see `journalctl -u networking`."),
        _confirm(change),
    )


def _confirm(change: GuardedChange) -> Step:
    """All files are the new ones after a confirmation, and not all are while a change is taken back, and after it."""
    told = "the new {} to be there, as the node takes back what nobody confirms"
    new = [(file.path, file.digest) for file in change.files]
    until = [Condition(Question("digest", (path,)), (), "is", digest, told.format(path)) for path, digest in new]
    lost = [
        Condition(Question("digest", (path,)), (), "is not", digest, "the node has taken the change back by itself")
        for path, digest in new
    ]
    wait = Wait((_OVER, *until), timeout=change.seconds + change.limit + _MORE, lost=tuple(lost), handed=True)
    return Step(CONFIRM_WHY, wait, CONFIRM, "network", hint=JOURNAL)
