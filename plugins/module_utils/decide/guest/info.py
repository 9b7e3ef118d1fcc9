# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guests as they are: all in a list, and those that are ours in the form in which they are declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ...model.guest.desired import EFIDISK, TPM, known_format, parts_of, volume_name
from ...model.guest.guest import GuestKind
from ...model.guest.mark import without_mark
from ...model.guest.observed import ObservedGuest, ObservedGuests
from ...model.guest.properties import Properties, decoded_keys, family, meaning, parse, split_list, tags, truth
from .compare import storage_at

_FLAGS = ("ssd", "iothread", "backup", "replicate")
_WIRE_FLAGS = ("firewall", "link_down")
_WIRE_NUMBERS = ("tag", "mtu", "queues")
_NUMBERS = ("cores", "sockets", "balloon", "cpuunits", "swap")


def describe(observed: ObservedGuests) -> dict[str, Any]:
    """What the modules take, for those that are ours."""
    seen = [guest for dummy, guest in sorted(observed.seen.items())]
    ours = [guest for guest in seen if guest.is_ours]
    unseen = [{"vmid": vmid, "reason": reason} for vmid, reason in sorted(observed.unknown.items())]
    return {
        "guests": [_row(guest) for guest in seen],
        "not_seen": unseen,
        "vms": [_vm(guest) for guest in ours if guest.listed.kind == "qemu"],
        "containers": [_container(guest) for guest in ours if guest.listed.kind == "lxc"],
    }


def _row(guest: ObservedGuest) -> dict[str, Any]:
    listed, mark = guest.listed, guest.mark
    return {
        "vmid": listed.vmid,
        "kind": listed.kind,
        "name": guest.name,
        "node": listed.node,
        "status": listed.status,
        "template": truth(guest.config.get("template")),
        "pool": listed.pool,
        "tags": sorted(tags(guest.config.get("tags", ""))),
        "ours": guest.is_ours,
        "mark": dict(mark.fields) if mark is not None else {},
        "pending": sorted(guest.pending),
        "unused": [text for key, text in sorted(guest.config.items()) if family(key) == "unused"],
    }


def _said(**found: Any) -> dict[str, Any]:
    """Without what is not there."""
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _common(guest: ObservedGuest) -> dict[str, Any]:
    config, mark = guest.config, guest.mark
    fields = dict(mark.fields) if mark is not None else {}
    is_template = truth(config.get("template"))
    named = {key: value for key, value in fields.items() if not (is_template and key in ("template", "version"))}
    parts = _parts(guest.listed.kind, "startup", config)
    return {
        "vmid": guest.listed.vmid,
        "name": guest.name,
        "description": without_mark(config.get("description", "")),
        **_said(
            mark=named,
            pool=guest.listed.pool,
            tags=sorted(tags(config.get("tags", ""))),
            startup={name: int(value) for name, value in parts.items()},
            running=None if is_template or guest.listed.ha else guest.running,
            ostype=config.get("ostype"),
        ),
        **{name: truth(config[name]) for name in ("onboot", "protection") if name in config},
        **{name: int(config[name]) for name in _NUMBERS if name in config},
    }


def _parts(kind: GuestKind, key: str, config: Mapping[str, str]) -> Properties:
    return parts_of(kind, key, config.get(key, ""))


def _vm(guest: ObservedGuest) -> dict[str, Any]:
    config = guest.config
    agent = _parts("qemu", "agent", config).get("enabled")
    mark = guest.mark
    return {
        **_common(guest),
        **_said(
            template=mark.fields.get("version") if mark is not None and truth(config.get("template")) else None,
            bios=config.get("bios"),
            machine=config.get("machine"),
            cpu=config.get("cpu"),
            memory=_number(_parts("qemu", "memory", config).get("current")),
            scsihw=config.get("scsihw"),
            agent=None if agent is None else truth(agent),
            boot=split_list(config.get("boot", "").partition("order=")[2]),
            vga=config.get("vga"),
            serial0=config.get("serial0"),
            disks=[_disk(key, _parts("qemu", key, config)) for key in _disks(config)],
            efidisk=_efidisk(config),
            tpm={"storage": storage_at("qemu", TPM, config[TPM])} if TPM in config else None,
            cdroms=[{"slot": key, "iso": _parts("qemu", key, config)["file"]} for key in _cdroms(config)],
            nets=[_net("qemu", key, config) for key in _nets(config)],
            hostpci=list(_hostpci(config)),
            cloud_init=_cloud_init(config),
        ),
    }


def _number(text: Optional[str]) -> Optional[int]:
    return None if text is None else int(text)


def _volumes(config: Mapping[str, str]) -> Iterable[tuple[str, Properties]]:
    for key in sorted(config):
        if family(key) in ("ide", "sata", "scsi", "virtio") and key != family(key):
            yield key, _parts("qemu", key, config)


def _disks(config: Mapping[str, str]) -> list[str]:
    return [key for key, found in _volumes(config) if found.get("media") != "cdrom"]


def _cdroms(config: Mapping[str, str]) -> list[str]:
    found = [(key, one) for key, one in _volumes(config) if one.get("media") == "cdrom"]
    return [key for key, one in found if "cloudinit" not in volume_name(one)]


def _nets(config: Mapping[str, str]) -> list[str]:
    return sorted(key for key in config if re.fullmatch(r"net\d+", key))


def _hostpci(config: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Those of mappings; what names an address cannot be declared."""
    for key in sorted(key for key in config if re.fullmatch(r"hostpci\d+", key)):
        found = meaning(known_format("qemu", key), _parts("qemu", key, config))
        if "mapping" in found:
            flags = {
                name.replace("-", "_"): truth(found[name]) for name in ("pcie", "x-vga", "rombar") if name in found
            }
            yield {**_said(slot=key, mapping=found["mapping"], mdev=found.get("mdev")), **flags}


def _disk(key: str, found: Properties) -> dict[str, Any]:
    flags = {name: truth(found[name]) for name in _FLAGS if name in found}
    storage = volume_name(found).partition(":")[0]
    discard = True if found.get("discard") == "on" else None
    texts = {name: found.get(name) for name in ("serial", "cache")}
    return {**_said(slot=key, storage=storage, size=found.get("size"), discard=discard, **texts), **flags}


def _efidisk(config: Mapping[str, str]) -> Optional[dict[str, Any]]:
    if EFIDISK not in config:
        return None
    keys = truth(_parts("qemu", EFIDISK, config).get("pre-enrolled-keys"))
    return {"storage": storage_at("qemu", EFIDISK, config[EFIDISK]), "pre_enrolled_keys": keys}


def _net(kind: GuestKind, key: str, config: Mapping[str, str]) -> dict[str, Any]:
    form = known_format(kind, key)
    found = meaning(form, parse(form, config[key]))
    texts = {name: found.get(name) for name in ("bridge", "model", "trunks", "name", "ip", "gw", "ip6", "gw6")}
    numbers = {name: int(found[name]) for name in _WIRE_NUMBERS if name in found}
    flags = {name: True for name in _WIRE_FLAGS if name in found}
    rate = float(found["rate"]) if "rate" in found else None
    return _said(slot=key, mac=found.get("macaddr", found.get("hwaddr")), rate=rate, **texts, **numbers, **flags)


def _cloud_init(config: Mapping[str, str]) -> dict[str, Any]:
    drives = [(key, one) for key, one in _volumes(config) if "cloudinit" in volume_name(one)]
    addresses = [
        {"net": key.replace("ipconfig", "net"), **_parts("qemu", key, config)}
        for key in sorted(config)
        if re.fullmatch(r"ipconfig\d+", key)
    ]
    drive = {"slot": drives[0][0], "storage": volume_name(drives[0][1]).partition(":")[0]} if drives else {}
    upgrade = {"upgrade": truth(config["ciupgrade"])} if "ciupgrade" in config else {}
    return {
        **drive,
        **_said(
            user=config.get("ciuser"),
            ssh_keys=list(decoded_keys(config.get("sshkeys", ""))),
            addresses=addresses,
            type=config.get("citype"),
            custom=dict(_parts("qemu", "cicustom", config)),
            **_servers(config),
        ),
        **upgrade,
    }


def _servers(config: Mapping[str, str]) -> dict[str, Any]:
    return {"nameservers": split_list(config.get("nameserver", "")), "search_domain": config.get("searchdomain")}


def _container(guest: ObservedGuest) -> dict[str, Any]:
    config = guest.config
    features = _parts("lxc", "features", config)
    limit = config.get("cpulimit")
    root = _parts("lxc", "rootfs", config)
    return {
        **_common(guest),
        "unprivileged": truth(config.get("unprivileged")),
        "rootfs": {"storage": volume_name(root).partition(":")[0], "size": root.get("size")},
        **_said(
            memory=_number(config.get("memory")),
            cpulimit=None if limit is None else float(limit),
            features={name: truth(value) for name, value in features.items() if name in ("nesting", "keyctl", "fuse")},
            mounts=[_mount(key, _parts("lxc", key, config)) for key in sorted(config) if re.fullmatch(r"mp\d+", key)],
            nets=[_net("lxc", key, config) for key in _nets(config)],
            **_servers(config),
        ),
    }


def _mount(key: str, found: Properties) -> dict[str, Any]:
    backup = {"backup": truth(found["backup"])} if "backup" in found else {}
    storage = volume_name(found).partition(":")[0]
    return {**_said(slot=key, storage=storage, size=found.get("size"), path=found.get("mp")), **backup}
