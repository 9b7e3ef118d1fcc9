# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lock of these networks: whoever has its token may change them, and nobody else. It never ends by itself.

The token is kept in a file of the controller, so that the next run goes on with the lock of one that was cut short.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Call, Plan, Step
from ...model.sdn.sdn import LOCK_SINCE, DesiredSdn, ObservedSdn
from .change import Change

_PATH = "/cluster/sdn/lock"
TOKEN = "lock-token"
HELD = (
    "If it says that the token is invalid, somebody else holds the lock: wait for him. If nobody does any more,"
    " break_lock takes it away. If it says that there are pending changes, somebody has staged some just now."
)


def hand_in(desired: DesiredSdn) -> tuple[str, str]:
    return TOKEN, desired.lock_file


def taken(change: Change) -> Iterator[Step]:
    """What is staged already is ours, or nothing is done at all. A lock that an earlier run has kept is used."""
    desired, observed = change.desired, change.observed
    if desired.break_lock:
        call = Call(
            "DELETE", _PATH, (("force", True),), hand_in=hand_in(desired) if observed.locked else None, last=True
        )
        yield _step("break", "take the lock of the networks away from whoever holds it", call)
    elif observed.locked:
        return
    pending = (("allow-pending", True),) if observed.pending else ()
    take = Call("POST", _PATH, pending, hand_out=desired.lock_file)
    yield _step("take", "take the lock of the networks, so that nobody else changes them meanwhile", take, HELD)


def released(desired: DesiredSdn, why: str = "give back the lock of the networks") -> Step:
    return _step("return", why, Call("DELETE", _PATH, hand_in=hand_in(desired), last=True))


def undo(desired: DesiredSdn, observed: ObservedSdn) -> Plan:
    """What is staged stays for the next run, which goes on with it; the lock does not."""
    held = observed.locked and observed.release is not None and observed.release >= LOCK_SINCE
    why = "give back the lock of the networks; what is staged so far stays for the next run"
    return Plan(steps=(released(desired, why),) if held else ())


def _step(verb: str, why: str, call: Call, hint: str = "") -> Step:
    return Step(why, call, f"sdn_lock.{verb}", "network", hint=hint, unseen=True)
