# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node, and the host outside of the cluster, reach the wanted state of the quorum device.

`pvecm qdevice setup` does the same over SSH logins as root, from node to node and to the host outside. Here the pieces
travel over Ansible's connections, and the cluster's key from node to node in /etc/pve/priv, as upstream does it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, WriteFile
from ...model.cluster import qdevice
from ...model.cluster.qdevice import (
    ABSENT,
    CERTIFIED,
    PREPARED,
    REQUESTED,
    VOTING,
    DesiredQDeviceNode,
    DesiredQnetd,
    ObservedQDeviceNode,
    ObservedQnetd,
    serves,
)
from ...model.debian.apt import install, update

_NODE_TOOL = "corosync-qdevice-net-certutil"
_SERVER_TOOL = "corosync-qnetd-certutil"
_ORDER = (PREPARED, REQUESTED, CERTIFIED, VOTING)


def desired_node(params: Mapping[str, Any]) -> DesiredQDeviceNode:
    """Module parameters → desired state of a node."""
    wanted = DesiredQDeviceNode(params["state"], params["host"], params["lead"], params["ca"], params["certificate"])
    if wanted.state in (PREPARED, REQUESTED) and wanted.ca is None:
        raise Invalid(f"state={wanted.state} needs ca, the certificate of the authority on the host of the device.")
    return wanted


def desired_server(params: Mapping[str, Any]) -> DesiredQnetd:
    """Module parameters → desired state of the host outside of the cluster."""
    if params["request"] is not None and params["cluster"] is None:
        raise Invalid("A request is signed for a cluster: give its name.")
    return DesiredQnetd(params["cluster"], params["request"])


def decide_node(desired: DesiredQDeviceNode, observed: ObservedQDeviceNode) -> Plan:
    if desired.state == ABSENT:
        return _removed(observed)
    config = observed.config
    if config is None:
        reason = f"{observed.name} is not a member of a cluster."
        return Plan(refusals=(Refusal(reason, "Create or join the cluster first (module cluster)."),))
    if observed.voting and observed.enabled and serves(config, desired):
        return _shared_no_more(desired, observed)
    reached = _ORDER[: _ORDER.index(desired.state) + 1]
    if desired.state == VOTING:
        return _started(desired, observed)
    steps = _prepare(desired, observed)
    refusals: tuple[Refusal, ...] = ()
    begun = bool(steps)
    if REQUESTED in reached and desired.lead and not (observed.certified and observed.bundle and not begun):
        steps += _request(config.name, observed if not begun else ObservedQDeviceNode(observed.name))
    if CERTIFIED in reached:
        certified = _certify(desired, observed)
        steps, refusals = (*steps, *certified.steps), certified.refusals
    return Plan(steps=steps, refusals=refusals, before={}, after={"qdevice": desired.state})


def _prepare(desired: DesiredQDeviceNode, observed: ObservedQDeviceNode) -> tuple[Step, ...]:
    """The program, and a database of keys that knows the authority of this very host."""
    steps = []
    if not observed.installed:
        steps.append(_install(qdevice.NODE_PACKAGE))
    if desired.ca is None or (observed.database and observed.ca == desired.ca):
        return tuple(steps)
    if observed.database:
        aside = Run(
            ("mv", "--no-target-directory", "--backup=numbered", qdevice.DATABASE, f"{qdevice.DATABASE}.before")
        )
        why = f"put aside {qdevice.DATABASE}, which belongs to another host"
        steps.append(Step(why, aside, f"file.move:{qdevice.DATABASE}", "quorum"))
    write, begin = WriteFile(qdevice.CA, desired.ca), Run((_NODE_TOOL, "-i", "-c", qdevice.CA))
    return (
        *steps,
        Step("write the certificate of the device's authority", write, f"file.write:{qdevice.CA}", "quorum"),
        Step(f"make {qdevice.DATABASE}, which trusts that authority", begin, "qdevice.trust", "quorum"),
    )


def _install(package: str) -> Step:
    return Step(f"install {package}", install(package, recommended=False), f"package.install:{package}", "packages")


def _request(cluster: str, observed: ObservedQDeviceNode) -> tuple[Step, ...]:
    if observed.request is not None:
        return ()
    make = Run((_NODE_TOOL, "-r", "-n", cluster))
    return (Step("make a key and a request for the cluster's certificate", make, "qdevice.request", "quorum"),)


def _certify(desired: DesiredQDeviceNode, observed: ObservedQDeviceNode) -> Plan:
    """The lead takes in what was signed, and shows it to the others in /etc/pve/priv until all of them vote."""
    if desired.lead:
        steps: tuple[Step, ...] = ()
        if not (observed.certified and observed.bundle):
            if desired.certificate is None:
                reason = f"{observed.name} is the lead, and has no certificate for the cluster yet."
                return Plan(refusals=(Refusal(reason, "Let the host of the device sign its request (module qnetd)."),))
            write = WriteFile(qdevice.CERTIFICATE, desired.certificate, base64=True)
            take = Run((_NODE_TOOL, "-M", "-c", qdevice.CERTIFICATE))
            steps += (
                Step("write the cluster's certificate", write, f"file.write:{qdevice.CERTIFICATE}", "quorum"),
                Step("take in the cluster's certificate", take, "qdevice.certify", "quorum"),
            )
        if steps or not observed.shared_bundle:
            show = Run(("cp", qdevice.BUNDLE, qdevice.SHARED_BUNDLE))
            why = f"show certificate and key to the other nodes ({qdevice.SHARED_BUNDLE})"
            steps += (Step(why, show, f"file.copy:{qdevice.SHARED_BUNDLE}", "quorum"),)
        return Plan(steps=steps)
    if observed.certified:
        return Plan()
    if not observed.shared_bundle:
        reason = f"{observed.name} would take the cluster's certificate from {qdevice.SHARED_BUNDLE}, which is missing."
        return Plan(refusals=(Refusal(reason, "Let the lead take in the certificate first."),))
    take = Run((_NODE_TOOL, "-m", "-c", qdevice.SHARED_BUNDLE))
    return Plan(steps=(Step("take in the cluster's certificate and key", take, "qdevice.certify", "quorum"),))


def _started(desired: DesiredQDeviceNode, observed: ObservedQDeviceNode) -> Plan:
    if not serves(observed.config, desired):
        reason = f"The configuration of the cluster of {observed.name} does not name this quorum device."
        return Plan(refusals=(Refusal(reason, "Let cluster_config add it first."),))
    hint = f"See journalctl -u {qdevice.NODE_SERVICE}; the host of the device is reached on TCP port 5403."
    # One that runs already may have read its keys before they were changed; it reads them only when it starts.
    restart = Run(("systemctl", "restart", qdevice.NODE_SERVICE), timeout=120)
    why = f"restart {qdevice.NODE_SERVICE}, so that the device votes"
    cause = "it casts no vote here, and reads its keys only when it starts"
    steps = (
        *(() if observed.enabled else (_enable(),)),
        Step(why, restart, f"service.restart:{qdevice.NODE_PACKAGE}", "quorum", hint=hint, because=cause),
        *_shared_no_more(desired, observed).steps,
    )
    return Plan(steps=steps, after={"qdevice": VOTING})


def _enable() -> Step:
    enable = Run(("systemctl", "enable", qdevice.NODE_SERVICE), timeout=120)
    return Step(f"enable {qdevice.NODE_SERVICE}", enable, f"service.enable:{qdevice.NODE_PACKAGE}", "quorum")


def _shared_no_more(desired: DesiredQDeviceNode, observed: ObservedQDeviceNode) -> Plan:
    if not (desired.lead and desired.state == VOTING and observed.shared_bundle):
        return Plan()
    path = qdevice.SHARED_BUNDLE
    return Plan(steps=(Step(f"remove {path}", RemoveFile(path), f"file.remove:{path}", "quorum"),))


def _removed(observed: ObservedQDeviceNode) -> Plan:
    """The database of keys stays: the device may come back when the nodes have changed."""
    if observed.config is not None and observed.config.qdevice is not None:
        reason = "The configuration of the cluster still names the quorum device."
        return Plan(refusals=(Refusal(reason, "Let cluster_config remove it first."),))
    if not (observed.enabled or observed.active):
        return Plan()
    stop = Run(("systemctl", "disable", "--now", qdevice.NODE_SERVICE), timeout=120)
    step = Step(f"stop {qdevice.NODE_SERVICE}", stop, f"service.stop:{qdevice.NODE_PACKAGE}", "quorum")
    return Plan(steps=(step,), after={"qdevice": ABSENT})


def decide_server(desired: DesiredQnetd, observed: ObservedQnetd) -> Plan:
    if observed.member_of is not None and observed.member_of == desired.cluster:
        reason = (
            f"{observed.name} is a node of the cluster {observed.member_of} itself: when it fails, two votes would be"
            " lost at once."
        )
        return Plan(refusals=(Refusal(reason, "A quorum device runs on a host outside of the cluster."),))
    steps: tuple[Step, ...] = ()
    if not observed.installed:
        steps += (
            Step("read the package lists", update(), "package.update", "packages"),
            _install(qdevice.SERVER_PACKAGE),
        )
    if not observed.active:
        start = Run(("systemctl", "enable", "--now", qdevice.SERVER_SERVICE), timeout=120)
        why = f"start {qdevice.SERVER_SERVICE}"
        steps += (Step(why, start, f"service.start:{qdevice.SERVER_PACKAGE}", "service"),)
    if desired.cluster is not None and desired.request is not None:
        steps += _sign(desired.cluster, desired.request, observed)
    return Plan(steps=steps, before={}, after={"cluster": desired.cluster})


def _sign(cluster: str, request: str, observed: ObservedQnetd) -> tuple[Step, ...]:
    if observed.request == request and observed.certificate is not None:
        return ()
    path = qdevice.server_request(cluster)
    old = qdevice.server_certificate(cluster)
    write = WriteFile(path, request, mode=0o640, base64=True)
    sign = Run((_SERVER_TOOL, "-s", "-c", path, "-n", cluster))
    remove = f"remove the certificate of the cluster {cluster} that answers to another request"
    return (
        Step(remove, RemoveFile(old), f"file.remove:{old}", "quorum"),
        Step(f"write the request of the cluster {cluster}", write, f"file.write:{path}", "quorum"),
        Step(f"sign the certificate of the cluster {cluster}", sign, f"certificate.sign:{cluster}", "quorum"),
    )
