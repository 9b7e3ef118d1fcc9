# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what becomes of a quorum device when a node leaves: no node is deleted while it votes (pvecm(1)).

It goes first, when the caller is to add it again at the end; what a run that was cut short has taken out, the next one
adds, as the inventory still names it.
"""

from __future__ import annotations

from typing import Optional

from ...engine.plan import Refusal, Step
from ...model.cluster.cluster import QDevice
from ...model.cluster.config import DesiredClusterConfig, DesiredQDevice
from ...model.cluster.corosync_conf import parse_corosync_conf
from ...model.leaving.membership import DEAD, DesiredMembership, ObservedMembership
from ..cluster.config import loaded_step, write_step
from ..cluster.corosync_edit import edited


def qdevice_of(observed: ObservedMembership) -> Optional[QDevice]:
    return observed.cluster.config.qdevice if observed.cluster.config else None


def refuse_qdevice(desired: DesiredMembership, observed: ObservedMembership) -> list[Refusal]:
    device = qdevice_of(observed)
    if device is None or device.host == desired.qdevice:
        return []
    reason = f"The cluster has a quorum device ({device.host}), and as long as it has one no node may be removed."
    hint = (
        "Name its host in the inventory (cluster_qdevice_host): then the run takes it out first, and adds it again at"
        " the end. Or remove it: pvecm qdevice remove."
    )
    return [Refusal(reason, hint)]


def qdevice_steps(observed: ObservedMembership) -> list[Step]:
    config, text = observed.cluster.config, observed.cluster.config_text
    if config is None or config.qdevice is None or text is None:
        return []
    without = edited(text, DesiredClusterConfig(config.name, qdevice=DesiredQDevice())) or text
    version = parse_corosync_conf(without).version
    why = f"take the quorum device {config.qdevice.host} out of version {version} of the cluster's configuration"
    return [write_step(why, without, version), loaded_step(version)]


def qdevice_warnings(desired: DesiredMembership, observed: ObservedMembership) -> list[str]:
    device = qdevice_of(observed)
    if device is None or device.host != desired.qdevice or observed.member(desired.node) is None:
        return []
    left = len(observed.cluster.members) - 1
    even = f"votes again at the end, with {left} nodes."
    odd = f"votes again at the end only if cluster_qdevice_allow_odd is set, as {left} is an odd number of nodes."
    warnings = [f"The quorum device {device.host} {odd if left % 2 else even}"]
    if desired.mode == DEAD:
        warnings.append(
            f"Never switch {desired.node} on as it is where it reaches the quorum device: it could be given quorum, and"
            " run its guests a second time."
        )
    return warnings
