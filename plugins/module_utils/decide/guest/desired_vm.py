# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted virtual machines; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.guest.desired import EFIDISK, TPM, DesiredDisk, DesiredGuest, DesiredGuests, known_format
from ...model.guest.mark import VALUE
from ...model.guest.properties import Overlay, encoded_keys, parse
from ..access import given
from . import said
from .desired_firewall import firewall_from

#: Parameter → key of the API.
_VALUES = {
    **{name: name for name in ("onboot", "protection", "ostype", "bios", "cores", "sockets", "balloon", "scsihw")},
    "serial0": "serial0",
}
_DISK = re.compile(r"(ide[0-3]|sata[0-5]|scsi([12]?\d|30)|virtio(\d|1[0-5]))")
_HOSTPCI = re.compile(r"hostpci(\d|1[0-5])")
_MDEV = re.compile(r"[^\s,=]+")
_USER = re.compile(r"[^\s:,]+")
_PARTS = ("user", "network", "meta", "vendor")
_HASHED = re.compile(r"\$(1|5|6|2a|2y)\$\S+")


def desired_from(params: Mapping[str, Any]) -> DesiredGuests:
    guests = tuple(_vm(one) for one in params["vms"])
    return said.together("VM", guests, params["reserve_memory"])


def _vm(definition: Mapping[str, Any]) -> DesiredGuest:
    vmid, name = said.identity(definition, "VM")
    what = f"VM {vmid} ({name})"
    disks = [*(_disk(what, one) for one in definition["disks"]), *_firmware(what, definition)]
    common = said.common(what, definition)
    if common["clone"] is not None and any(disk.source for disk in disks):
        raise Invalid(f"{what}: a clone gets its disks from what it is a clone of.", "Say clone or import_from.")
    init = _cloud_init(what, definition["cloud_init"])
    wires = [(_slot(what, one, said.NET), one) for one in definition["nets"]]
    given_devices = [(_slot(what, one, _HOSTPCI), one) for one in definition["hostpci"]]
    version = definition["template"]
    if version is not None:
        version = said.checked(f"{what}: template", version, VALUE)
        if definition["running"] or definition["ha"] or definition["snapshots"]:
            raise Invalid(f"{what}: a template neither runs nor has snapshots.")
    cards = {slot: _net(f"{what}: {slot}", one) for slot, one in wires if one["state"] == "present"}
    of_init: dict[str, Overlay] = init.pop("overlays")
    ips = {key.replace("ipconfig", "net"): overlay for key, overlay in of_init.items()}
    firewall, cards = firewall_from(what, definition["firewall"], cards, ips)
    overlays: dict[str, Overlay] = {
        **said.startup(definition["startup"]),
        **_simple(definition),
        **cards,
        **{_slot(what, one, _DISK): _cdrom(what, one) for one in definition["cdroms"]},
        **{slot: _hostpci(what, slot, one, definition) for slot, one in given_devices if one["state"] == "present"},
        **of_init,
    }
    drives = [disk.slot for disk in (*disks, init["drive"]) if disk is not None]
    slots = [
        *(slot for slot, dummy in (*wires, *given_devices)),
        *(one["slot"] for one in definition["cdroms"]),
        *drives,
    ]
    given.once(f"slot of {what}", slots)
    gone = {slot for slot, one in (*wires, *given_devices) if one["state"] == "absent"}
    values = {**said.values(definition, _VALUES), **_boot(what, definition, slots), **init.pop("values")}
    dropped = frozenset(gone | init.pop("dropped"))
    rest = {**common, **init, "version": version or "", "firewall": firewall}
    return DesiredGuest(
        "qemu", vmid, name, values=values, overlays=overlays, dropped=dropped, disks=tuple(disks), **rest
    )


def _simple(definition: Mapping[str, Any]) -> dict[str, Overlay]:
    """Values that have parts. What is not said of them stays as it is."""
    found: dict[str, Overlay] = {}
    for name in ("machine", "vga", "cpu"):
        if definition[name] is not None:
            found[name] = parse(known_format("qemu", name), definition[name])
    if definition["memory"] is not None:
        found["memory"] = {"current": str(definition["memory"])}
    if definition["agent"] is not None:
        found["agent"] = {"enabled": said.FLAGS[definition["agent"]]}
    return found


def _slot(what: str, one: Mapping[str, Any], form: re.Pattern[str]) -> str:
    return said.checked(f"{what}: slot", one["slot"], form, "Such as scsi0, virtio1, sata2, ide3 and net0.")


def _disk(what: str, one: Mapping[str, Any]) -> DesiredDisk:
    slot = _slot(what, one, _DISK)
    what = f"{what}: {slot}"
    absent = one["state"] == "absent"
    if not absent and (one["storage"] is None or (one["size"] is None and one["import_from"] is None)):
        raise Invalid(f"{what}: a disk needs a storage, and a size or import_from.")
    options: dict[str, Optional[str]] = dict(said.flags(one, ("ssd", "iothread", "backup", "replicate")))
    if one["discard"] is not None:
        options["discard"] = "on" if one["discard"] else None
    for name in ("serial", "cache"):
        if one[name] is not None:
            options[name] = said.checked(f"{what}: {name}", one[name], VALUE)
    return DesiredDisk(
        slot,
        absent,
        "" if one["storage"] is None else said.checked(f"{what}: storage", one["storage"], said.STORAGE),
        0 if one["size"] is None else said.size(f"{what}: size", one["size"]),
        "" if one["import_from"] is None else said.checked(f"{what}: import_from", one["import_from"], said.VOLUME),
        options,
    )


def _firmware(what: str, definition: Mapping[str, Any]) -> Iterator[DesiredDisk]:
    efi, tpm = definition["efidisk"], definition["tpm"]
    if efi is not None:
        storage = said.checked(f"{what}: efidisk.storage", efi["storage"], said.STORAGE)
        new = {"efitype": "4m", "pre-enrolled-keys": said.FLAGS[efi["pre_enrolled_keys"]]}
        yield DesiredDisk(EFIDISK, storage=storage, new=new)
    if tpm is not None:
        storage = said.checked(f"{what}: tpm.storage", tpm["storage"], said.STORAGE)
        yield DesiredDisk(TPM, storage=storage, new={"version": "v2.0"})


def _cdrom(what: str, one: Mapping[str, Any]) -> Overlay:
    if one["iso"] != "none":
        said.checked(f"{what}: iso", one["iso"], said.VOLUME, "A volume such as local:iso/virtio.iso, or none.")
    return {"file": one["iso"], "media": "cdrom", "size": None}


def _hostpci(what: str, slot: str, one: Mapping[str, Any], definition: Mapping[str, Any]) -> Overlay:
    """By a mapping alone: an address may be another device after a boot, and binds the guest to its node."""
    what = f"{what}: {slot}"
    if one["mapping"] is None:
        raise Invalid(f"{what} lacks mapping.", "Name a resource mapping of the cluster, such as gpu_mapping makes.")
    if one["pcie"] and "q35" not in (definition["machine"] or "q35"):
        raise Invalid(f"{what}: pcie needs a machine q35.")
    found: dict[str, Optional[str]] = {"mapping": said.checked(f"{what}: mapping", one["mapping"], VALUE), "host": None}
    if one["mdev"] is not None:
        found["mdev"] = said.checked(f"{what}: mdev", one["mdev"], _MDEV, "A type of vGPUs, such as nvidia-592.")
    flags = said.flags(one, ("pcie", "x_vga", "rombar"))
    return {**found, **{name.replace("_", "-"): value for name, value in flags.items()}}


def _net(what: str, one: Mapping[str, Any]) -> Overlay:
    more: dict[str, Optional[str]] = {"model": one["model"]}
    if one["trunks"] is not None:
        more["trunks"] = given.text(f"{what}: trunks", one["trunks"])
    if one["queues"] is not None:
        more["queues"] = str(one["queues"])
    return {**more, **said.wire(what, one, "macaddr")}


def _boot(what: str, definition: Mapping[str, Any], slots: list[str]) -> dict[str, str]:
    order = definition["boot"]
    if order is None:
        return {}
    named = [given.text(f"{what}: boot", slot) for slot in order]
    strange = sorted(set(named) - set(slots))
    if strange and definition["clone"] is None:
        raise Invalid(f"{what}: boot names {', '.join(strange)}, which is not declared.")
    return {"boot": f"order={';'.join(named)}"}


def _cloud_init(what: str, init: Optional[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"values": {}, "overlays": {}, "dropped": frozenset(), "drive": None}
    if init is None:
        return found
    what = f"{what}: cloud_init"
    values = {**said.servers(what, init), **said.values(init, {"type": "citype", "upgrade": "ciupgrade"})}
    if init["user"] is not None:
        values["ciuser"] = said.checked(f"{what}.user", init["user"], _USER)
    if init["ssh_keys"] is not None:
        values["sshkeys"] = encoded_keys(said.keys(f"{what}.ssh_keys", init["ssh_keys"]))
    for one in init["addresses"]:
        net = said.checked(f"{what}.addresses", one["net"], said.NET)
        found["overlays"][net.replace("net", "ipconfig")] = said.addresses(f"{what}.addresses of {net}", one)
    if init["storage"] is not None:
        storage = said.checked(f"{what}.storage", init["storage"], said.STORAGE)
        found["drive"] = DesiredDisk(said.checked(f"{what}.slot", init["slot"], _DISK), storage=storage)
    password = init["password"] or ""
    if password.startswith("$") and not _HASHED.fullmatch(password):
        hint = "Proxmox VE would hash it again, and nobody could log in. Use $5$ or $6$, or the password itself."
        raise Invalid(f"{what}.password is a hash of a kind that Proxmox VE does not know.", hint)
    if init["password_update"] == "always" and not password:
        raise Invalid(f"{what}.password_update is always, but there is no password.")
    return {**found, "values": values, **_custom(what, init, found), "password": password, "always": _always(init)}


def _always(init: Mapping[str, Any]) -> bool:
    return bool(init["password_update"] == "always")


def _custom(what: str, init: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Parts that replace what Proxmox VE makes. An empty one says that there are to be none."""
    custom = init["custom"]
    if custom is None:
        return {}
    if set(custom) - set(_PARTS):
        raise Invalid(f"{what}.custom: the parts are {', '.join(_PARTS)}.")
    parts = {name: said.checked(f"{what}.custom.{name}", volume, said.VOLUME) for name, volume in custom.items()}
    if not parts:
        return {"dropped": frozenset(("cicustom",))}
    whole: Overlay = {name: parts.get(name) for name in _PARTS}
    return {"overlays": {**found["overlays"], "cicustom": whole}}
