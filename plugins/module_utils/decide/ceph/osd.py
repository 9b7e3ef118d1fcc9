# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which disks become OSDs. A disk that holds anything else is refused until it is named to be wiped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step, Wait
from ...model.ceph.conditions import CEPH, has_failed, osd_is_up
from ...model.ceph.osd import DesiredOsd, DesiredOsds, Helper, ObservedOsds
from ...model.ceph.state import ObservedCeph, Osd, unit
from ...model.cluster.locks import LOCK_BUSY
from ...model.node.disk import LVM_MEMBER, Disk, find_disk, same_disk
from ...model.node.disk_selector import DiskSelector, parse_size
from .disk_choice import choose_disks, refuse_same, refuse_shared_helpers, refuse_unknown_disk
from .disk_refusals import claims_on, refuse_ambiguous_wipe, refuse_disk
from .pool_refusals import refuse_silence

_CREATE_TIMEOUT = 900
_UP_TIMEOUT = 120
#: Disks of one size differ by less than this part.
_SAME_SIZE = 0.05
_NAMES = ("device", "serial")
_SELECTORS = ("model", "size", "rotational", "count")
_BOOTSTRAP_KEY = "/var/lib/ceph/bootstrap-osd/ceph.keyring"


def desired_from(params: Mapping[str, Any]) -> DesiredOsds:
    """Module parameters → desired state."""
    osds = tuple(_osd_from(entry) for entry in params["osds"])
    devices = [osd.device for osd in osds if osd.device]
    twice = sorted({device for device in devices if devices.count(device) > 1})
    if twice:
        raise Invalid(f"{', '.join(twice)} is listed twice.", "A disk becomes one OSD.")
    return DesiredOsds(osds, tuple(params["wipe"]))


def _osd_from(entry: Mapping[str, Any]) -> DesiredOsd:
    names = [entry[key] for key in _NAMES if entry[key]]
    selects = any(entry[key] is not None for key in _SELECTORS)
    given = {key: value for key, value in entry.items() if value not in (None, False)}
    if len(names) > 1 or bool(names) == selects:
        hint = "Give one name (device or serial), or what the disks are (model, size, rotational, count)."
        raise Invalid(f"It is not clear which disks are meant: {given!r}.", hint)
    helpers = [key for key in ("db_device", "wal_device") if entry[key]]
    if entry["osds_per_device"] > 1 and (helpers or entry["osd_id"] is not None):
        raise Invalid(f"osds_per_device excludes db_device, wal_device and osd_id: {given!r}.")
    for role in ("db", "wal"):
        if entry[f"{role}_size"] is not None and not entry[f"{role}_device"]:
            raise Invalid(f"{role}_size needs a {role}_device: {given!r}.")
    if entry["osd_id"] is not None and not names and entry["count"] != 1:
        raise Invalid(f"One disk takes the place of osd.{entry['osd_id']}: {given!r}.", "Set count to 1, or name it.")
    taken = {key: value for key, value in entry.items() if key not in (*_NAMES, "model", "size", "rotational")}
    return DesiredOsd(device=names[0] if names else None, selector=None if names else _selector(entry), **taken)


def _selector(entry: Mapping[str, Any]) -> DiskSelector:
    try:
        bounds = parse_size(entry["size"]) if entry["size"] else ()
    except ValueError as error:
        raise Invalid(
            f"size: {error}.", "T means 10^12 bytes, Ti 2^40; several conditions stand between commas."
        ) from error
    return DiskSelector(entry["model"], bounds, entry["rotational"])


def decide(desired: DesiredOsds, observed: ObservedOsds) -> Plan:
    silence = observed.ceph.silence
    refusals = [refuse_silence(silence)] if silence is not None and desired.osds else []
    refusals += refuse_ambiguous_wipe(desired, observed)
    steps: list[Step] = []
    taken: list[str] = []
    count = sum(len(numbers) for numbers in observed.holders.values())
    choices = choose_disks(desired, observed)
    refusals += [*refuse_same(choices), *refuse_shared_helpers(choices, observed)]
    for choice in choices:
        refusals += [choice.refusal] if choice.refusal else []
        if choice.disk is None:
            continue
        taken.append(choice.disk.path)
        numbers = observed.holders.get(choice.disk.path)
        if numbers is None:
            refusals += refuse_disk(choice.disk, desired, observed)
            refusals += _refuse_helpers(choice.wanted, choice.disk, observed)
            refusals += _refuse_place(choice.wanted, observed.ceph)
            steps += _create(choice.wanted, choice.disk, observed)
            count += choice.wanted.osds_per_device
        else:
            refusals += _refuse_holder(choice.wanted, choice.disk, numbers, observed.ceph)
            steps += [step for number in numbers for step in _run(number, choice.disk, observed)]
    return Plan(
        steps=tuple(steps),
        refusals=tuple(refusals),
        warnings=tuple(_warnings(desired, observed)),
        before={"node": observed.ceph.node.name, "osds": sorted(observed.holders)},
        after={"node": observed.ceph.node.name, "osds": sorted({*observed.holders, *taken})},
        tells={"node": observed.ceph.node.name, "planned_osds": count},
    )


def _create(wanted: DesiredOsd, disk: Disk, observed: ObservedOsds) -> list[Step]:
    steps = [] if disk.free else [_wipe(disk)]
    if wanted.osd_id is not None:
        return [*steps, *_replace(wanted, disk, observed)]
    options: list[str] = []
    for helper in wanted.helpers:
        options += [f"--{helper.role}_dev", _path(helper.name, observed)]
        options += [] if helper.size is None else [f"--{helper.role}_dev_size", f"{helper.size:g}"]
    if wanted.device_class:
        options += ["--crush-device-class", wanted.device_class]
    if wanted.encrypted:
        options += ["--encrypted", "1"]
    if wanted.osds_per_device > 1:
        options += ["--osds-per-device", str(wanted.osds_per_device)]
    argv = ("pveceph", "osd", "create", disk.path, *options)
    action = Run(argv, timeout=_CREATE_TIMEOUT, retry_on=LOCK_BUSY)
    count = "an OSD" if wanted.osds_per_device == 1 else f"{wanted.osds_per_device} OSDs"
    why = f"create {count} on {disk.title}{_beside(wanted)}"
    return [*steps, Step(why, action, f"osd.create:{disk.stable_name}", "data")]


def _beside(wanted: DesiredOsd) -> str:
    words = {"db": "its database", "wal": "its journal"}
    return "".join(f", {words[helper.role]} on {helper.name}" for helper in wanted.helpers)


def _path(name: str, observed: ObservedOsds) -> str:
    disk = find_disk(observed.disks, name)
    return disk.path if disk else name


def _replace(wanted: DesiredOsd, disk: Disk, observed: ObservedOsds) -> list[Step]:
    """pveceph cannot be told a number, so here Ceph's own tool makes the OSD, in the form in which pveceph does."""
    options: list[str] = []
    for helper in wanted.helpers:
        options += [f"--block.{helper.role}", _path(helper.name, observed)]
        options += [] if helper.size is None else [f"--block.{helper.role}-size", f"{helper.size:g}G"]
    if wanted.device_class:
        options += ["--crush-device-class", wanted.device_class]
    if wanted.encrypted:
        options += ["--dmcrypt"]
    key = (*CEPH, "auth", "get", "client.bootstrap-osd", "-o", _BOOTSTRAP_KEY)
    argv = ("ceph-volume", "lvm", "create", "--osd-id", str(wanted.osd_id), "--data", disk.path, *options)
    return [
        *_reweight(wanted, disk, observed.ceph),
        Step("fetch the key with which OSDs are made", Run(key, timeout=60), f"osd.fetch-key:{wanted.osd_id}", "file"),
        Step(
            f"create osd.{wanted.osd_id} anew on {disk.title}{_beside(wanted)}",
            Run(argv, timeout=_CREATE_TIMEOUT),
            f"osd.create:{wanted.osd_id}",
            "data",
        ),
    ]


def _reweight(wanted: DesiredOsd, disk: Disk, ceph: ObservedCeph) -> list[Step]:
    """A destroyed OSD keeps the weight of its old disk, and Ceph does not look at the new one's size."""
    osd = None if wanted.osd_id is None else _known(wanted.osd_id, ceph)
    weight = round(disk.size / 2**40, 4)
    if osd is None or not osd.weight or abs(weight / osd.weight - 1) < _SAME_SIZE:
        return []
    argv = (*CEPH, "osd", "crush", "reweight", f"osd.{osd.id}", f"{weight:g}")
    why = f"give osd.{osd.id} the weight of its new disk: {osd.weight:g} → {weight:g}"
    return [Step(why, Run(argv, timeout=60), f"osd.reweight:{osd.id}", "data")]


def _wipe(disk: Disk) -> Step:
    """Only ceph-volume takes volume groups apart; elsewhere no signature means no content."""
    volumes = LVM_MEMBER in disk.signatures
    argv = ("ceph-volume", "lvm", "zap", "--destroy", disk.path) if volumes else ("wipefs", "--all", disk.path)
    why = f"wipe {disk.title}, which holds {disk.content}"
    cause = "it is named for an OSD, and to be wiped"
    return Step(
        why, Run(argv, timeout=300), f"disk.wipe:{disk.stable_name}", "storage", destructive=True, because=cause
    )


def _run(number: int, disk: Disk, observed: ObservedOsds) -> list[Step]:
    """An OSD that exists has to run and to be up; whether it is ``in`` is for the administrator to say."""
    service, ceph = unit("osd", str(number)), observed.ceph
    osd = _known(number, ceph)
    steps = []
    if osd is not None and not ceph.node.has("osd", str(number)):
        steps.append(_activate(osd, disk, observed))
    if service not in ceph.node.running:
        start = Run(("systemctl", "start", service))
        cause = f"{service} does not run"
        steps.append(Step(f"start osd.{number}", start, f"osd.start:{number}", "data", because=cause))
    if osd is None or not osd.up:
        steps.append(
            Step(
                f"wait until osd.{number} is up",
                Wait((osd_is_up(number),), _UP_TIMEOUT, lost=(has_failed(service),)),
                f"osd.wait-up:{number}",
                "data",
                hint=f"Look at `journalctl -u {service}` on {ceph.node.name}.",
                because="Ceph does not know it yet" if osd is None else "Ceph calls it down",
            )
        )
    return steps


def _activate(osd: Osd, disk: Disk, observed: ObservedOsds) -> Step:
    """Give an OSD whose disk is here its directory back, as after the system was installed anew."""
    device = next(part.device for part in observed.parts_on(disk.path) if (part.osd, part.role) == (osd.id, "block"))
    raw = ("ceph-volume", "raw", "activate", "--device", device, "--no-systemd")
    volume = ("ceph-volume", "lvm", "activate", str(osd.id), osd.uuid)
    action = Run(volume if LVM_MEMBER in disk.signatures else raw, timeout=120)
    cause = "its disk is here, and its directory is not"
    return Step(f"adopt osd.{osd.id} on {disk.title}", action, f"osd.adopt:{osd.id}", "data", because=cause)


def _known(number: int, ceph: ObservedCeph) -> Optional[Osd]:
    return None if ceph.cluster is None else ceph.cluster.osd(number)


def _refuse_helpers(wanted: DesiredOsd, disk: Disk, observed: ObservedOsds) -> list[Refusal]:
    return [found for helper in wanted.helpers for found in _refuse_helper(helper, wanted, disk, observed)]


def _refuse_helper(helper: Helper, wanted: DesiredOsd, disk: Disk, observed: ObservedOsds) -> list[Refusal]:
    option = f"{helper.role}_device"
    found = find_disk(observed.disks, helper.name)
    if found is None:
        return [refuse_unknown_disk(helper.name, observed)]
    if same_disk(found, disk):
        return [Refusal(f"{disk.title} cannot be an OSD and its own {option}.", f"Leave {option} out.")]
    what = f"{found.title}, the {option} of {wanted.title},"
    claims = list(dict.fromkeys(claims_on(found, observed)))
    if claims:
        hint = "Choose an empty disk, or a disk that already holds the databases of other OSDs of this node."
        return [Refusal(f"{what} is not empty: {'; '.join(claims)}.", hint)]
    if found.free or wanted.osd_id is None:
        return []
    hint = f"ceph-volume takes only an empty disk for an OSD that keeps its number. Leave {option} out."
    return [Refusal(f"{what} is not empty: {found.content}.", hint)]


def _refuse_place(wanted: DesiredOsd, ceph: ObservedCeph) -> list[Refusal]:
    """A number is only free for another disk when its OSD has been destroyed."""
    if wanted.osd_id is None or ceph.cluster is None:
        return []
    osd = ceph.cluster.osd(wanted.osd_id)
    if osd is not None and osd.destroyed:
        if osd.host in (None, ceph.node.name):
            return []
        reason = f"osd.{wanted.osd_id} has its place on {osd.host}, not on {ceph.node.name}."
        return [Refusal(reason, f"Run this on {osd.host}.")]
    state = "does not exist" if osd is None else "is not destroyed: its disk may hold data"
    return [
        Refusal(
            f"osd.{wanted.osd_id} {state}.",
            "The playbook replace_osd.yml does everything that is needed, in the right order.",
        )
    ]


def _refuse_holder(wanted: DesiredOsd, disk: Disk, numbers: tuple[int, ...], ceph: ObservedCeph) -> Iterator[Refusal]:
    others = ", ".join(f"osd.{number}" for number in numbers)
    if wanted.osd_id is not None and wanted.osd_id not in numbers:
        reason = f"{disk.title} already carries {others}, so it cannot take the place of osd.{wanted.osd_id}."
        yield Refusal(reason, "Choose an empty disk.")
    for number in numbers if ceph.cluster is not None else ():
        osd = _known(number, ceph)
        if osd is None:
            reason = f"{disk.title} carries osd.{number}, which Ceph does not have any more: its removal was cut off."
            yield Refusal(reason, f"`remove_osd.yml -e osd={number}` finishes it.")


def _warnings(desired: DesiredOsds, observed: ObservedOsds) -> list[str]:
    unstable = [wanted.device for wanted in desired.osds for disk in observed.disks if wanted.device == disk.path]
    node, cluster = observed.ceph.node.name, observed.ceph.cluster
    warnings = [
        f"{name} on {node} may be another disk after a reboot; a path in /dev/disk/by-id may not." for name in unstable
    ]
    for osd in () if cluster is None else cluster.osds:
        if osd.host == node:
            warnings += _unfinished(osd)
    return warnings


def _unfinished(osd: Osd) -> list[str]:
    """What maintenance or a replacement that was cut off leaves, and what the administrator may have wanted."""
    where = f"osd.{osd.id} on {osd.host}"
    warnings = []
    if osd.destroyed:
        again = f"`replace_osd.yml -e osd={osd.id} -e new_disk=NAME` goes on"
        warnings.append(f"{where} is destroyed and waits for another disk: {again}.")
    elif not osd.is_in:
        warnings.append(f"{where} is out: it holds no data.")
    if osd.noout:
        again = f"repeat what was cut off, or run `ceph osd unset-group noout osd.{osd.id}`"
        warnings.append(f"{where} carries noout, as during maintenance. When nobody works on it: {again}.")
    return warnings
