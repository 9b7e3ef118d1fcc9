# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a Debian host becomes a node of Proxmox VE. What an ISO has installed is left as it is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.condition import Condition
from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step, Wait, WriteFile
from ...engine.reader import Question
from ...model.debian.apt import finish_interrupted, full_upgrade, install, remove
from ...model.debian.cloud_init import DISABLED, MANAGE_HOSTS, OWN, PRESERVE_NAME, own_file
from ...model.debian.hosts_file import HOSTS_FILE, HostEntry, as_document, edited
from ...model.debian.release import Release, release_of, supported
from ...model.node.proxmox_ve import (
    MAIN_PACKAGE,
    NEEDED_SPACE,
    NODE_NAME,
    WEB_INTERFACE,
    DesiredProxmoxVe,
    ObservedProxmoxVe,
)

#: Whatever it answers, an answer of HTTP bears a date.
_SERVED = Condition(Question("clock", (WEB_INTERFACE,)), (), "is not", None, "an answer on port 8006")


def desired_from(params: Mapping[str, Any]) -> DesiredProxmoxVe:
    """Module parameters → desired state."""
    entries = tuple(_entry(item["name"], item["address"]) for item in params["hosts"])
    names: dict[str, HostEntry] = {}
    for entry in entries:
        family = f"IPv{entry.address.version}"
        for name in entry.names:
            known = names.setdefault(f"{name} {family}", entry)
            if known != entry:
                raise Invalid(
                    f"hosts gives {name} two {family} addresses, {known.address} and {entry.address}.",
                    "Give a host one address of each family: the one at which others reach it.",
                )
        twin = next((other for other in entries if other.address == entry.address and other.name != entry.name), None)
        if twin is not None:
            raise Invalid(f"hosts gives {entry.address} to both {entry.name} and {twin.name}.", "Correct one of them.")
    return DesiredProxmoxVe(
        hosts=entries,
        require_virtualization=params["require_virtualization"],
        require_time_sync=params["require_time_sync"],
        upgrade=params["upgrade"],
        remove_debian_kernel=params["remove_debian_kernel"],
    )


def _entry(name: str, text: str) -> HostEntry:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Invalid(f"hosts: {text!r}, the address of {name}, is not an IP address.") from None
    if address.is_loopback:
        raise Invalid(
            f"hosts: {name} would resolve to the loopback address {address}.",
            "Proxmox VE and corosync need the address at which other nodes reach this one.",
        )
    if not all(NODE_NAME.fullmatch(label) for label in name.split(".")):
        raise Invalid(f"hosts: {name!r} is not a host name.", "Labels have letters, digits and hyphens only.")
    return HostEntry(name, address)


def decide(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> Plan:
    release = release_of(observed.host.codename)
    if release is None:
        found = f"{observed.host.distribution} {observed.host.codename or observed.host.release}"
        return Plan(refusals=(Refusal(f"This node runs {found}.", f"Supported are {supported()}."),))
    hosts_text = edited(observed.hosts_text, desired.hosts)
    return Plan(
        steps=(
            *_keep_hosts(desired, observed),
            *_hosts(hosts_text, observed),
            *_finish(observed),
            *_upgrade(desired, observed),
            *_install(observed, release),
            *_answers(observed),
            *_remove_debian_kernel(desired, observed),
        ),
        refusals=(
            *_refuse_system(observed, release),
            *_refuse_name(desired, observed),
            *_refuse_cloud_init(desired, observed),
            *(() if observed.installed else _refuse_hardware(desired, observed)),
        ),
        warnings=tuple(_warnings(desired, observed)),
        before={"installed": observed.installed, "hosts": as_document(observed.hosts_text)},
        after={"installed": True, "hosts": as_document(hosts_text)},
    )


def _keep_hosts(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> tuple[Step, ...]:
    """First of all: what cloud-init writes again at the next boot need not be corrected."""
    cloud = observed.cloud_init
    wanted = {MANAGE_HOSTS: cloud.writes_hosts and bool(desired.hosts), PRESERVE_NAME: cloud.renames}
    keys = frozenset(key for key, on in wanted.items() if on and key not in cloud.instance)
    if not keys:
        return ()
    what = {MANAGE_HOSTS: HOSTS_FILE, PRESERVE_NAME: "the name of this host"}
    why = f"tell cloud-init to leave {' and '.join(what[key] for key in sorted(keys))} alone"
    return (Step(why, WriteFile(OWN, own_file(cloud, keys)), f"file.write:{OWN}", "file"),)


def _refuse_cloud_init(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> Iterator[Refusal]:
    cloud = observed.cloud_init
    if desired.hosts and cloud.writes_hosts and MANAGE_HOSTS in cloud.instance:
        yield Refusal(
            f"cloud-init writes {HOSTS_FILE} at every boot, as this instance's user or vendor data say"
            f" ({MANAGE_HOSTS}: {cloud.instance[MANAGE_HOSTS]}), which no file on the node can change.",
            f"Take that out where the data come from, or switch cloud-init off here: touch {DISABLED}.",
        )


def _hosts(text: str, observed: ObservedProxmoxVe) -> tuple[Step, ...]:
    if text == observed.hosts_text:
        return ()
    write = WriteFile(HOSTS_FILE, text)
    return (Step(f"correct {HOSTS_FILE}", write, id=f"file.write:{HOSTS_FILE}", topic="file"),)


def _finish(observed: ObservedProxmoxVe) -> tuple[Step, ...]:
    if not observed.unfinished:
        return ()
    shown = ", ".join(observed.unfinished[:5]) + (", ..." if len(observed.unfinished) > 5 else "")
    configure, fix = finish_interrupted()
    return (
        Step(
            f"complete an interrupted installation ({shown})", configure, id="package.configure:all", topic="packages"
        ),
        Step("install what that installation still needs", fix, id="package.install:missing", topic="packages"),
    )


def _upgrade(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> tuple[Step, ...]:
    if not (desired.upgrade and observed.upgradable):
        return ()
    why = f"upgrade {len(observed.upgradable)} packages"
    return (Step(why, full_upgrade(), id="package.upgrade:all", topic="packages"),)


def _install(observed: ObservedProxmoxVe, release: Release) -> tuple[Step, ...]:
    if observed.installed:
        return ()
    steps = []
    if "postfix" not in observed.packages:
        why = "answer postfix's questions: mail for local users only"
        steps.append(Step(why, _preseed(observed.host.fqdn), id="package.preseed:postfix", topic="packages"))
    has_kernel = any(re.fullmatch(release.kernel_pattern, name) for name in observed.packages)
    if observed.host.container is None and not has_kernel:
        kernel = release.kernel_package
        why = f"install {kernel}, the kernel of Proxmox VE"
        steps.append(Step(why, install(kernel), id=f"package.install:{kernel}", topic="packages"))
    why = f"install {', '.join(release.packages)}"
    steps.append(Step(why, install(*release.packages), id=f"package.install:{MAIN_PACKAGE}", topic="packages"))
    return tuple(steps)


def _preseed(mail_name: str) -> Run:
    answers = (
        "postfix postfix/main_mailer_type select Local only",
        f"postfix postfix/mailname string {mail_name}",
    )
    return Run(("debconf-set-selections",), stdin="\n".join(answers) + "\n")


def _answers(observed: ObservedProxmoxVe) -> tuple[Step, ...]:
    if observed.answers:
        return ()
    hint = "On the node, `systemctl status pve-cluster pvedaemon pveproxy` says which service does not run."
    wait = Wait(until=(_SERVED,), timeout=180)
    why, cause = "wait until the API answers on port 8006", "nobody answers there"
    return (Step(why, wait, id="api.wait:8006", topic="service", hint=hint, because=cause),)


def _remove_debian_kernel(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> tuple[Step, ...]:
    """As upstream documents it, and only while a Proxmox VE kernel runs: this host is known to boot one."""
    names = observed.debian_kernels + tuple(name for name in ("os-prober",) if name in observed.packages)
    wanted = desired.remove_debian_kernel and observed.installed and observed.host.container is None
    if not (wanted and observed.runs_own_kernel and names):
        return ()
    why = f"remove Debian's kernel ({', '.join(names)})"
    cause = f"{observed.kernel} of Proxmox VE runs"
    return (Step(why, remove(*names), id="package.remove:debian-kernel", topic="packages", because=cause),)


def _refuse_system(observed: ObservedProxmoxVe, release: Release) -> Iterator[Refusal]:
    if observed.architecture != "amd64":
        reason = f"This node's architecture is {observed.architecture or 'unknown'}."
        yield Refusal(reason, "Proxmox VE is made for amd64 only.")
    manager = observed.packages.get("pve-manager")
    if manager is not None and manager.partition(".")[0] != str(release.pve):
        yield Refusal(
            f"Proxmox VE {manager} on {release.codename}: this node is in the middle of a major upgrade.",
            f"Finish it first (pve{release.pve - 1}to{release.pve}): {release.codename} needs version {release.pve}.",
        )
    yield from _refuse_unsettled_name(observed)


def _refuse_unsettled_name(observed: ObservedProxmoxVe) -> Iterator[Refusal]:
    """Upstream: the name and the address of a node cannot be changed any more once it is in a cluster."""
    name = observed.host.name
    if NODE_NAME.fullmatch(name) is None or name == "localhost":
        reason = f"{name!r} cannot be the name of a node."
        yield Refusal(reason, "Use letters, digits and hyphens; the name cannot be changed later.")
    later = observed.static_name.partition(".")[0]
    if later and later != name:
        yield Refusal(
            f"This host is called {name} now, and will be called {later} after its next boot (/etc/hostname).",
            "Settle its name first (hostnamectl set-hostname): the name of a node cannot be changed later.",
        )


def _refuse_name(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> Iterator[Refusal]:
    """The node's name must resolve to an address that the node has and others can reach."""
    host = observed.host
    managed = [entry.address for entry in desired.hosts if host.name in entry.names]
    addresses = managed or list(host.resolves_to)
    example = next((str(found.ip) for found in host.usable), "its address")
    hint = f"Set hosts: [{{name: {host.fqdn}, address: {example}}}], or correct {HOSTS_FILE} on the node."
    if not addresses:
        yield Refusal(f"The name {host.name} resolves to no address.", hint)
    for address in addresses:
        if address.is_loopback:
            yield Refusal(
                f"The name {host.name} resolves to {address}, an address that only this node can reach;"
                " the cluster file system would not start.",
                hint,
            )
        elif not host.has(address):
            found = ", ".join(str(usable) for usable in host.usable) or "none"
            yield Refusal(f"The name {host.name} resolves to {address}, but this node's addresses are {found}.", hint)


def _refuse_hardware(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> Iterator[Refusal]:
    if desired.require_virtualization and not observed.virtualization:
        yield Refusal(
            "The processor shows neither VT-x (vmx) nor AMD-V (svm): guests could not use KVM.",
            "Switch it on in the firmware (in a virtual machine: nested virtualization),"
            " or set require_virtualization: false.",
        )
    if desired.require_time_sync and observed.time_sync is False:
        yield Refusal(
            "No time server keeps this host's clock: certificates, signatures and Ceph's monitors depend on it.",
            "Let systemd-timesyncd or chrony reach one (timedatectl shows the state), or set require_time_sync: false.",
        )
    needed: dict[str, int] = {}
    for directory, (mount, _free) in observed.space.items():
        needed[mount] = needed.get(mount, 0) + NEEDED_SPACE[directory]
    for mount, free in sorted(dict(observed.space.values()).items()):
        if free < needed[mount]:
            reason = f"{mount} has {_gib(free)} free, and the installation needs {_gib(needed[mount])} there."
            yield Refusal(reason, "Make room first: apt would stop half way.")


def _warnings(desired: DesiredProxmoxVe, observed: ObservedProxmoxVe) -> Iterator[str]:
    if desired.require_virtualization and observed.virtualization and observed.lacks_kvm:
        yield (
            f"{observed.host.name} has no /dev/kvm although the processor supports it: virtualization is switched off"
            " in the firmware, or the kvm module is not loaded. Guests need it."
        )
    if observed.reboot_required:
        yield (
            f"{observed.host.name} still runs Debian's kernel {observed.kernel}: reboot it into Proxmox VE's own"
            " (the role does that with proxmox_ve_reboot: true)."
        )
    newer = observed.newer_kernel
    if newer is not None:
        yield f"{observed.host.name} runs the kernel {observed.kernel}; {newer} is installed and needs a reboot."
    cloud = observed.cloud_init
    if cloud.writes_hosts and not desired.hosts:
        yield (
            f"cloud-init writes {HOSTS_FILE} at every boot ({MANAGE_HOSTS}): the name of the node may then resolve to"
            " loopback, and Proxmox VE would not start. Declare hosts (proxmox_ve_hosts): cloud-init then leaves it."
        )
    if cloud.renames and PRESERVE_NAME in cloud.instance:
        yield f"This instance's data let cloud-init change the name of the host at a boot ({PRESERVE_NAME}: false)."
    if observed.host.fqdn.endswith(".local"):
        yield f"{observed.host.fqdn}: names under .local belong to multicast DNS, which may answer first."


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB"
