# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how declared images come to their storages, once, and how each node proves that it finds them there intact.

Proxmox VE downloads and checks. What it left behind is read again on every node that uses the storage, once, and
noted; from then on size and time of the file are enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional
from urllib.parse import urlsplit

from ...engine.condition import Condition
from ...engine.errors import Invalid
from ...engine.plan import MakeDirectory, Plan, Refusal, Run, Step, Wait, WriteFile
from ...engine.reader import command
from ...model.cluster.locks import LOCK_BUSY
from ...model.node.state import OLD_STATE
from ...model.storage.access import enabled_on
from ...model.storage.entry import StorageEntry
from ...model.storage.image import (
    ENDINGS,
    FILE_TYPES,
    OLD_RECORDS,
    RECORDS,
    STAT,
    DesiredImages,
    Image,
    ObservedImages,
    Stat,
    image_path,
    render_record,
)

_DIGITS = {"sha256": 64, "sha512": 128}
_HOURS = 4 * 3600


def desired_from(params: Mapping[str, Any]) -> DesiredImages:
    images = tuple(_image(image) for image in params["images"])
    volumes = [image.volume for image in images]
    for volume in volumes:
        if volumes.count(volume) > 1:
            raise Invalid(f"The image {volume} is listed twice.", "Give one of them another filename.")
    return DesiredImages(images, tuple(params["nodes"]), params["download"])


def _image(image: Mapping[str, Any]) -> Image:
    url, content = image["url"], image["content"]
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(f"{url!r} is not an http or https URL.")
    if parts.username or parts.password:
        hint = "Every list of processes would show it."
        raise Invalid(f"The URL of an image on {parts.hostname} holds a password.", hint)
    name = image["filename"] or parts.path.rsplit("/", 1)[-1]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) or not name.endswith(ENDINGS[content]):
        raise Invalid(
            f"{name!r} is not a file name for the content {content}.",
            f"Give a filename of letters, digits, '.', '_' and '-' that ends in {' or '.join(ENDINGS[content])}.",
        )
    algorithm, dummy, checksum = image["checksum"].lower().partition(":")
    if len(checksum) != _DIGITS.get(algorithm) or not re.fullmatch(r"[0-9a-f]+", checksum):
        raise Invalid(
            f"The checksum of {name} is not in the form sha256:DIGITS or sha512:DIGITS.",
            "Whoever publishes an image publishes its checksum beside it.",
        )
    return Image(image["storage"], content, name, url, algorithm, checksum, image["verify_certificates"])


def decide(desired: DesiredImages, observed: ObservedImages) -> Plan:
    mine = list(_used_here(desired.images, observed))
    missing = [(image, path) for image, path in mine if path not in observed.found]
    unread = [(image, path) for image, path in mine if path in observed.found and not _is_read(image, path, observed)]
    return Plan(
        steps=(
            *(_move_records() if observed.misplaced else ()),
            *(step for image, path in missing for step in _fetch(image, path, desired, observed)),
            *(_check(image, path, observed.found[path]) for image, path in unread),
        ),
        possible=tuple(_check(image, path, Stat(0, 0)) for image, path in missing),
        refusals=tuple(_refuse_images(desired, observed)),
        before={"images": sorted(image.volume for image, path in mine if _is_read(image, path, observed))},
        after={"images": sorted(image.volume for image, path in mine)},
    )


def _move_records() -> Iterator[Step]:
    """Into the one directory of this collection. The old one goes last, so that a move cut short is made again."""
    copy = ("cp", "--archive", "--update", "--no-target-directory", OLD_RECORDS, RECORDS)
    yield Step(f"make {RECORDS}", MakeDirectory(RECORDS), id=f"directory.make:{RECORDS}", topic="file")
    yield Step(
        f"copy what this node has noted of images from {OLD_RECORDS} to {RECORDS}",
        Run(copy, timeout=60),
        id=f"file.copy:{OLD_RECORDS}",
        topic="file",
    )
    remove = Run(("rm", "--recursive", OLD_STATE), timeout=60)
    yield Step(f"remove {OLD_STATE}", remove, id=f"directory.remove:{OLD_STATE}", topic="file")


def _used_here(images: Sequence[Image], observed: ObservedImages) -> Iterator[tuple[Image, str]]:
    """Each image of this node with its path. A storage that is not defined yet will be, when it is the image's turn."""
    for image in images:
        entry = observed.entries.get(image.storage)
        path = image_path(image, entry)
        if path is not None and (entry is None or enabled_on(observed.node, entry)):
            yield image, path


def _is_read(image: Image, path: str, observed: ObservedImages) -> bool:
    """Is it the file that this node has read and found to be right?"""
    found = observed.found.get(path)
    return found is not None and observed.records.get(image.record) == render_record(image, path, found)


def _fetch(image: Image, path: str, desired: DesiredImages, observed: ObservedImages) -> Iterator[Step]:
    if not desired.download:
        yield _wait(image, path)
    elif observed.node == _downloader(desired.nodes, observed.node, observed.entries.get(image.storage)):
        yield _download(image, observed.node)


def _check(image: Image, path: str, found: Stat) -> Step:
    return Step(
        f"read {path} on this node and compare its checksum",
        WriteFile(
            image.record,
            render_record(image, path, found),
            validate=(f"{image.algorithm}sum", "--check", "--status", "%s"),
        ),
        id=f"image.check:{image.volume}",
        topic="storage",
        hint=f"The file has another checksum: remove it (pvesm free {image.volume}), or declare that checksum.",
    )


def _downloader(nodes: Sequence[str], node: str, entry: Optional[StorageEntry]) -> Optional[str]:
    """The first node that uses a shared storage; every node for itself where the storage is not shared."""
    if entry is not None and not entry.shared or not nodes:
        return node
    return next((name for name in nodes if entry is None or enabled_on(name, entry)), None)


def _download(image: Image, node: str) -> Step:
    return Step(
        f"download {image.url} to {image.volume}",
        Run(
            (
                *("pvesh", "create", f"/nodes/{node}/storage/{image.storage}/download-url"),
                *("--content", image.content, "--filename", image.filename, "--url", image.url),
                *("--checksum", image.checksum, "--checksum-algorithm", image.algorithm),
                *(() if image.verify_certificates else ("--verify-certificates", "0")),
            ),
            timeout=_HOURS,
            retry_on=LOCK_BUSY,
        ),
        id=f"image.download:{image.volume}",
        topic="storage",
        hint="Can this node reach that server, and does the checksum belong to this very file?",
    )


def _wait(image: Image, path: str) -> Step:
    there = Condition(command(*STAT, path), (), "matches", rf" {re.escape(path)}$")
    return Step(
        f"wait until this node finds {image.volume}",
        Wait((there,), timeout=120),
        id=f"image.wait:{image.volume}",
        topic="storage",
        hint=f"Is {image.storage} the same storage on all nodes? `pvesm list {image.storage}` tells what is in it.",
    )


def _refuse_images(desired: DesiredImages, observed: ObservedImages) -> Iterator[Refusal]:
    for image in desired.images:
        entry = observed.entries.get(image.storage)
        if entry is None:
            continue
        if entry.type not in FILE_TYPES:
            yield Refusal(
                f"{image.filename} cannot be kept on {image.storage}: the type {entry.type} holds no files.",
                f"Name one of the types {', '.join(sorted(FILE_TYPES))}.",
            )
        elif image.content not in entry.options.get("content", (image.content,)):
            yield Refusal(
                f"The storage {image.storage} is not for the content {image.content} ({image.filename}).",
                f"Add {image.content} to its content.",
            )
