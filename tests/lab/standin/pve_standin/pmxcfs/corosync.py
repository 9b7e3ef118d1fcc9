"""The two corosync libraries that the cluster file system needs, through ctypes: process groups and quorum."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from typing import Any, Callable

CS_OK = 1
CS_ERR_TRY_AGAIN = 6
CS_DISPATCH_ALL = 2
CS_TRACK_CURRENT_AND_CHANGES = 0x01 | 0x02
CPG_TYPE_AGREED = 2

Member = tuple[int, int]


class CorosyncError(Exception):
    """corosync is not there, or went away."""


class _CpgName(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint32), ("value", ctypes.c_char * 128)]


class _CpgAddress(ctypes.Structure):
    _fields_ = [("nodeid", ctypes.c_uint32), ("pid", ctypes.c_uint32), ("reason", ctypes.c_uint32)]


class _IoVector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]


_DELIVER = ctypes.CFUNCTYPE(
    None, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_size_t
)
_CONFCHG = ctypes.CFUNCTYPE(
    None,
    ctypes.c_uint64,
    ctypes.c_void_p,
    ctypes.POINTER(_CpgAddress),
    ctypes.c_size_t,
    ctypes.POINTER(_CpgAddress),
    ctypes.c_size_t,
    ctypes.POINTER(_CpgAddress),
    ctypes.c_size_t,
)
_QUORUM = ctypes.CFUNCTYPE(
    None, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint32)
)


class _CpgCallbacks(ctypes.Structure):
    _fields_ = [("deliver", _DELIVER), ("confchg", _CONFCHG)]


class _QuorumCallbacks(ctypes.Structure):
    _fields_ = [("notify", _QUORUM)]


def _check(code: int, what: str) -> None:
    if code != CS_OK:
        raise CorosyncError(f"{what} failed: {code}")


def _patiently(function: Callable[[], int], what: str, attempts: int = 200) -> None:
    """corosync asks to try again while it is busy with a membership change."""
    for _ in range(attempts):
        code = function()
        if code != CS_ERR_TRY_AGAIN:
            _check(code, what)
            return
        time.sleep(0.02)
    raise CorosyncError(f"{what} failed: still busy")


@dataclass(frozen=True)
class ProcessGroupEvents:
    """What the owner wants to hear: messages, and who is in the group."""

    deliver: Callable[[Member, bytes], None]
    membership: Callable[[list[Member], list[Member]], None]


class ProcessGroup:
    """Membership in one CPG group with agreed message order. All calls must come from one thread."""

    def __init__(self, group: str, events: ProcessGroupEvents) -> None:
        self._library = ctypes.CDLL("libcpg.so.4")
        self._handle = ctypes.c_uint64(0)
        self._name = _CpgName(len(group), group.encode())
        self._events = events
        self._failure: list[BaseException] = []
        self._callbacks = _CpgCallbacks(_DELIVER(self._on_deliver), _CONFCHG(self._on_confchg))
        initialize = self._library.cpg_initialize
        _check(initialize(ctypes.byref(self._handle), ctypes.byref(self._callbacks)), "cpg_initialize")
        node = ctypes.c_uint32(0)
        _check(self._library.cpg_local_get(self._handle, ctypes.byref(node)), "cpg_local_get")
        self.node_id = int(node.value)
        descriptor = ctypes.c_int(-1)
        _check(self._library.cpg_fd_get(self._handle, ctypes.byref(descriptor)), "cpg_fd_get")
        self.descriptor = int(descriptor.value)
        _patiently(lambda: int(self._library.cpg_join(self._handle, ctypes.byref(self._name))), "cpg_join")

    def dispatch(self) -> None:
        _check(self._library.cpg_dispatch(self._handle, CS_DISPATCH_ALL), "cpg_dispatch")
        if self._failure:
            raise self._failure.pop()

    def send(self, message: bytes) -> None:
        vector = _IoVector(message, len(message))
        _patiently(
            lambda: int(self._library.cpg_mcast_joined(self._handle, CPG_TYPE_AGREED, ctypes.byref(vector), 1)),
            "cpg_mcast_joined",
        )

    def close(self) -> None:
        self._library.cpg_finalize(self._handle)

    def _on_deliver(self, handle: int, group: Any, node: int, pid: int, data: int, length: int) -> None:
        self._guard(lambda: self._events.deliver((node, pid), ctypes.string_at(data, length)))

    def _on_confchg(
        self, handle: int, group: Any, members: Any, count: int, left: Any, left_count: int, joined: Any, joins: int
    ) -> None:
        now = [(members[index].nodeid, members[index].pid) for index in range(count)]
        new = [(joined[index].nodeid, joined[index].pid) for index in range(joins)]
        self._guard(lambda: self._events.membership(now, new))

    def _guard(self, action: Callable[[], None]) -> None:
        """An exception cannot cross C code: keep it and raise it from dispatch()."""
        try:
            action()
        except BaseException as error:  # noqa: BLE001 (raised again by dispatch)
            self._failure.append(error)


class Quorum:
    """Quorum notifications. All calls must come from one thread."""

    def __init__(self, notify: Callable[[bool], None]) -> None:
        self._library = ctypes.CDLL("libquorum.so.5")
        self._handle = ctypes.c_uint64(0)
        self._callbacks = _QuorumCallbacks(_QUORUM(lambda handle, quorate, ring, entries, nodes: notify(bool(quorate))))
        kind = ctypes.c_uint32(0)
        initialize = self._library.quorum_initialize
        _check(
            initialize(ctypes.byref(self._handle), ctypes.byref(self._callbacks), ctypes.byref(kind)),
            "quorum_initialize",
        )
        _patiently(
            lambda: int(self._library.quorum_trackstart(self._handle, CS_TRACK_CURRENT_AND_CHANGES)),
            "quorum_trackstart",
        )
        descriptor = ctypes.c_int(-1)
        _check(self._library.quorum_fd_get(self._handle, ctypes.byref(descriptor)), "quorum_fd_get")
        self.descriptor = int(descriptor.value)

    def dispatch(self) -> None:
        _check(self._library.quorum_dispatch(self._handle, CS_DISPATCH_ALL), "quorum_dispatch")

    def close(self) -> None:
        self._library.quorum_finalize(self._handle)
