# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what a member waits for before it changes anything of its cluster.

pmxcfs of a node that has joined, or that was off, starts without the cluster's data, and takes changes as soon as
corosync has quorum: for some seconds they would be lost, or stand against the data that come.
"""

from __future__ import annotations

from ...engine.plan import Step
from ...model.cluster.arrival import ObservedArrival
from .unfinished import wait_for_data


def await_data(observed: ObservedArrival) -> tuple[Step, ...]:
    return (wait_for_data(observed.others),) if observed.others and not observed.certified else ()
