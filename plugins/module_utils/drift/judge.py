# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which changes are drift: in what is declared, not by ourselves, and not back to what a run has proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from ..informer.notification import Notification
from ..informer.store import DeletedFinalStateUnknown, Object, uid
from .declared import Fields, declared, differences, is_being_deleted, last_write

Mode = Literal["notify", "propose", "repair"]
MODES: tuple[Mode, ...] = ("notify", "propose", "repair")
#: How servers note our own changes: by the name with which we ask.
OWN_MANAGER = "baremetal-virt"


@dataclass(frozen=True)
class Watch:
    """One kind of object. ``key``: the run that is to follow a change; empty: each object has one of its own."""

    name: str
    mode: Mode = "notify"
    key: str = ""
    fields: tuple[str, ...] = ()

    def key_of(self, object_key: str) -> str:
        return self.key or f"{self.name}/{object_key}"


@dataclass(frozen=True)
class Drift:
    """What a rulebook is told. A playbook takes only the key of it, and looks for itself."""

    key: str
    watch: Watch
    object: str
    change: Literal["add", "update", "replace", "delete"]
    fields: Sequence[str] = ()
    uid: str = ""
    old_uid: str = ""

    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "key": self.key,
            "watch": self.watch.name,
            "mode": self.watch.mode,
            "object": self.object,
        }
        told.update(change=self.change, fields=list(self.fields), replaced=self.change == "replace")
        return {"drift": {**told, "uid": self.uid, "old_uid": self.old_uid}}


@dataclass
class Judge:
    """``_proved``: what an object declared when a run of ours had made it or had found it right."""

    watch: Watch
    _proved: dict[str, Fields] = field(default_factory=dict)

    def judge(self, told: Notification) -> Optional[Drift]:
        if told.new is None:
            self._proved.pop(told.key, None)
            return self._drift(told, "delete", [], _last(told), None)
        if is_being_deleted(told.new):
            return None
        now = declared(told.new, self.watch.fields)
        if told.initial and told.old is None:
            return None
        if _is_ours(told.old, told.new):
            self._proved[told.key] = now
            return None
        if told.old is None:
            return self._drift(told, "add", sorted(now), None, told.new)
        if told.kind == "replace":
            self._proved.pop(told.key, None)
            return self._drift(told, "replace", sorted(now), told.old, told.new)
        changed = differences(declared(told.old, self.watch.fields), now)
        if not changed or self._proved.get(told.key) == now:
            return None
        return self._drift(told, "update", changed, told.old, told.new)

    def prove(self, key: str, obj: Object) -> None:
        """A run has ended well, and nothing has happened since it began."""
        if not is_being_deleted(obj):
            self._proved[key] = declared(obj, self.watch.fields)

    def _drift(
        self,
        told: Notification,
        change: Literal["add", "update", "replace", "delete"],
        fields: Sequence[str],
        old: Optional[Object],
        new: Optional[Object],
    ) -> Drift:
        key = self.watch.key_of(told.key)
        uids = ["" if obj is None else uid(obj) for obj in (new, old)]
        return Drift(key, self.watch, told.key, change, fields, *uids)


def _is_ours(old: Optional[Object], new: Object) -> bool:
    """A write of ours that was noted before is not the one that has made this difference."""
    written = last_write(new)
    if written is None or written.manager != OWN_MANAGER:
        return False
    return old is None or last_write(old) != written


def _last(told: Notification) -> Optional[Object]:
    gone = told.gone
    return gone.obj if isinstance(gone, DeletedFinalStateUnknown) else gone
