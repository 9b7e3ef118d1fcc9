"""The pmxcfs program: opens the database, mounts /etc/pve, goes to the background and joins the cluster."""

from __future__ import annotations

import argparse
import errno
import fcntl
import grp
import logging
import os
import sys
import time
from pathlib import Path
from typing import IO, Any, NoReturn

from pve_standin.core import cfs, paths
from pve_standin.core.errors import ApiError
from pve_standin.pmxcfs import conf_sync
from pve_standin.pmxcfs import operation as op
from pve_standin.pmxcfs.cluster_thread import ClusterThread
from pve_standin.pmxcfs.control import ControlServer, Request
from pve_standin.pmxcfs.filesystem import FileSystem
from pve_standin.pmxcfs.operation import Operation
from pve_standin.pmxcfs.status import Status
from pve_standin.pmxcfs.store import Store

logger = logging.getLogger("main")

LOCK_SECONDS = 10


class Pmxcfs:
    """The parts of the running daemon and how they are connected."""

    def __init__(self, force_local: bool) -> None:
        self._force_local = force_local
        address = own_address()
        logger.info("resolved node name '%s' to '%s' for default node IP address", cfs.nodename(), address)
        self.status = Status(cfs.nodename(), address)
        self.store = self._open_store()
        self.cluster: ClusterThread | None = None
        conf = self.store.read("corosync.conf")
        if conf is not None and force_local:
            logger.info("forcing local mode (although corosync.conf exists)")
        elif conf is not None:
            text = conf.decode("utf-8", "replace")
            conf_sync.copy_to_local(text, reload=False)
            self.status.load_conf(text)
            self.cluster = ClusterThread(self.store, self.status)
        if self.cluster is None:
            self.status.set_quorate(True)
            self.status.member_version = 0
        group = grp.getgrnam("www-data").gr_gid
        self.filesystem = FileSystem(self.store, self.status, self._apply, group)

    def _open_store(self) -> Store:
        """A new database takes over the configuration of the cluster that this node is about to join."""
        paths.PMXCFS_STATE.mkdir(parents=True, exist_ok=True)
        fresh = not paths.CONFIG_DB.exists()
        store = Store(paths.CONFIG_DB)
        os.chmod(str(paths.CONFIG_DB), 0o600)
        conf = conf_sync.read_local() if fresh else None
        if conf is not None:
            logger.info("import corosync.conf into the new database")
            store.apply(Operation(op.CREATE, "corosync.conf", mtime=0))
            store.apply(Operation(op.WRITE, "corosync.conf", mtime=0, data=conf.encode()))
            store.apply(Operation(op.MTIME, "corosync.conf", mtime=0))
        return store

    def _apply(self, change: Operation) -> int:
        if self.cluster is not None:
            return self.cluster.apply(change)
        code = self.store.apply(change)
        name = (change.target or change.path).strip("/")
        data = self.store.read("corosync.conf") if name == "corosync.conf" else None
        if code == 0 and data is not None and not self._force_local:
            conf_sync.copy_to_local(data.decode("utf-8", "replace"), reload=False)
        return code

    def answer(self, request: Request) -> Any:
        """One request of the control socket."""
        verb = request.get("verb")
        if verb == "publish" and self.cluster is not None:
            self.cluster.publish(request["key"], request["value"])
        elif verb == "publish":
            self.status.set_value(self.status.node, request["key"], request["value"])
        elif verb == "published":
            return self.status.values(request["key"])
        elif verb == "log":
            self._log({"node": self.status.node, **request["entry"]})
        elif verb == "log_entries":
            return self.status.log_text(int(request["limit"]))
        return None

    def _log(self, entry: Request) -> None:
        if self.cluster is not None and self.status.quorate:
            self.cluster.publish_log(entry)
        else:
            self.status.add_log(entry)

    def serve(self, ready: Any) -> None:
        """Everything that needs threads starts here, after going to the background."""
        from pve_standin.pmxcfs import mount

        ControlServer(paths.PMXCFS_SOCKET, self.answer).start()
        if self.cluster is not None:
            self.cluster.start()
        try:
            mount.serve(self.filesystem, paths.PVE, ready)
        finally:
            for leftover in (paths.PMXCFS_SOCKET, paths.PMXCFS_PID):
                if leftover.exists():
                    leftover.unlink()
            self.store.close()


def own_address() -> str:
    """The node's name must lead to an address that others can reach."""
    try:
        return cfs.resolve(cfs.nodename())
    except ApiError as error:
        raise ApiError(
            500,
            f"Unable to resolve node name '{cfs.nodename()}' to a non-loopback IP address"
            " - missing entry in '/etc/hosts' or DNS?",
        ) from error


def main() -> NoReturn:
    parser = argparse.ArgumentParser(prog="pmxcfs", description="cluster file system of the lab's stand-in")
    parser.add_argument("-f", "--foreground", action="store_true", help="stay in the foreground")
    parser.add_argument("-l", "--local", action="store_true", help="force local mode (ignore corosync.conf)")
    parser.add_argument("-d", "--debug", action="store_true", help="log more")
    options = parser.parse_args()
    level = logging.DEBUG if options.debug else logging.INFO
    logging.addLevelName(logging.INFO, "notice")
    logging.addLevelName(logging.ERROR, "crit")
    logging.basicConfig(stream=sys.stderr, level=level, format="[%(name)s] %(levelname)s: %(message)s")
    os.umask(0o027)
    lock = _take_lock()  # held, by the child too, as long as this object lives
    try:
        from pve_standin.pmxcfs import mount

        mount.detach_stale(paths.PVE)
        paths.PVE.mkdir(parents=True, exist_ok=True)
        if options.foreground:
            _write_pid()
            Pmxcfs(options.local).serve(lambda: None)
        else:
            _background(options.local)
    except ApiError as error:
        logger.error("%s", error.message)
        sys.exit(255)
    finally:
        lock.close()
    sys.exit(0)


def _take_lock() -> IO[str]:
    """Only one pmxcfs at a time; a predecessor that is just ending gets a few seconds."""
    paths.PMXCFS_STATE.mkdir(parents=True, exist_ok=True)
    handle = open(paths.PMXCFS_LOCK, "w", encoding="ascii")  # noqa: SIM115 (the caller holds it)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES) or time.monotonic() > deadline:
                logger.error("unable to acquire pmxcfs lock: %s", os.strerror(error.errno or 0))
                sys.exit(255)
        time.sleep(0.1)


def _background(force_local: bool) -> None:
    """The parent returns when /etc/pve is usable, or fails when the child ends before that."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child:
        os.close(write_end)
        with os.fdopen(read_end, "rb") as ready:
            if ready.read(1) != b"1":
                logger.error("pmxcfs could not be started")
                sys.exit(255)
        return
    os.close(read_end)
    os.setsid()
    os.chdir("/")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    _write_pid()
    daemon = Pmxcfs(force_local)  # only now: SQLite connections must not cross a fork

    def mounted() -> None:
        _log_to_syslog()
        os.write(write_end, b"1")
        os.close(write_end)

    daemon.serve(mounted)


def _write_pid() -> None:
    Path(paths.PMXCFS_PID).write_text(f"{os.getpid()}\n", encoding="ascii")


def _log_to_syslog() -> None:
    """From now on the journal is the place for messages; the terminal is let go."""
    import logging.handlers

    root = logging.getLogger()
    if os.path.exists("/dev/log"):
        handler = logging.handlers.SysLogHandler("/dev/log")
        handler.setFormatter(logging.Formatter(f"pmxcfs[{os.getpid()}]: [%(name)s] %(levelname)s: %(message)s"))
        root.handlers = [handler]
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
