# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are replaced at once or not at all, and put back as they were. This file is private to the collection."""

import base64
import contextlib
import errno
import fcntl
import os
import signal
import time
import typing as t

SUFFIX = '.linux_audit_fleet'
"""The end of the name of a file that is being written; neither augenrules nor auditd reads it."""

_LABEL = 'security.selinux'

Snapshot = t.NamedTuple('Snapshot', [('content', bytes), ('mode', int), ('uid', int), ('gid', int)])


class LockError(Exception):
    """Another run holds the lock."""


def snapshot(path):  # type: (str) -> t.Optional[Snapshot]
    """A file's bytes, mode and owner, None when it is not there."""
    try:
        with open(path, 'rb') as stream:
            status = os.fstat(stream.fileno())
            return Snapshot(stream.read(), status.st_mode & 0o7777, status.st_uid, status.st_gid)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise


def to_json(taken):  # type: (t.Optional[Snapshot]) -> t.Optional[t.Dict[str, t.Any]]
    if taken is None:
        return None
    return dict(taken._asdict(), content=base64.b64encode(taken.content).decode('ascii'))


def from_json(data):  # type: (t.Optional[t.Mapping[str, t.Any]]) -> t.Optional[Snapshot]
    if data is None:
        return None
    return Snapshot(base64.b64decode(data['content']), data['mode'], data['uid'], data['gid'])


def _label(path):  # type: (str) -> t.Optional[bytes]
    try:
        return os.getxattr(path, _LABEL)
    except (OSError, AttributeError):
        return None


def _write_beside(path, wanted, label):  # type: (str, Snapshot, t.Optional[bytes]) -> str
    temporary = path + SUFFIX
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, 'wb') as stream:
        stream.write(wanted.content)
        stream.flush()
        os.fchown(stream.fileno(), wanted.uid, wanted.gid)
        os.fchmod(stream.fileno(), wanted.mode)
        os.fsync(stream.fileno())
    if label:
        os.setxattr(temporary, _LABEL, label)
    return temporary


def put(path, wanted):  # type: (str, t.Optional[Snapshot]) -> bool
    """Make a file what the snapshot says, or absent for None; the old one stays until the new one is complete. Returns whether it was another.

    The SELinux label is that of the file before, else that of its directory, which is how a file made there gets its own.
    """
    if snapshot(path) == wanted:
        discard(path + SUFFIX)
        return False
    if wanted is None:
        os.unlink(path)
    else:
        try:
            os.rename(_write_beside(path, wanted, _label(path) or _label(os.path.dirname(path))), path)
        except OSError:
            discard(path + SUFFIX)
            raise
    _sync_directory(os.path.dirname(path))
    return True


def discard(path):  # type: (str) -> None
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise


class Disk:
    """The files of a host, and what else it lets us do. This one is the host's that we run on; of a host without Python the controller has a model."""

    uid = os.geteuid()
    gid = os.getegid()

    def snapshot(self, path):  # type: (str) -> t.Optional[Snapshot]
        return snapshot(path)

    def put(self, path, wanted):  # type: (str, t.Optional[Snapshot]) -> bool
        return put(path, wanted)

    def discard(self, path):  # type: (str) -> None
        discard(path)

    def names(self, directory):  # type: (str) -> t.List[str]
        """What is in a directory, sorted; empty when it is not there."""
        try:
            return sorted(os.listdir(directory))
        except OSError:
            return []

    def is_directory(self, path):  # type: (str) -> bool
        return os.path.isdir(path)

    def make_directory(self, path):  # type: (str) -> None
        """Make a directory that only root may enter, with those above it."""
        os.makedirs(path, 0o700)

    def remove_directory(self, path):  # type: (str) -> None
        """Remove a directory if it is there and empty."""
        with contextlib.suppress(OSError):
            os.rmdir(path)

    def is_program(self, path):  # type: (str) -> bool
        return os.path.isfile(path) and os.access(path, os.X_OK)

    def terminate(self, pid):  # type: (int) -> None
        """Ask a process to end."""
        os.kill(pid, signal.SIGTERM)


LOCAL = Disk()


def _sync_directory(path):  # type: (str) -> None
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Lock:
    """Keeps two runs on one host apart. The lock goes with the process that holds it, however that ends."""

    def __init__(self, path, seconds):  # type: (str, float) -> None
        self._path = path
        self._seconds = seconds
        self._descriptor = -1

    def __enter__(self):  # type: () -> Lock
        deadline = time.time() + self._seconds
        while not self._try():
            if time.time() >= deadline:
                raise LockError(
                    'another run changes the audit rules of this host ({0} is locked); this one waited {1:.0f} s'.format(self._path, self._seconds)
                )
            time.sleep(0.2)
        return self

    def _try(self):  # type: () -> bool
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The holder before removed the file on leaving; then this lock is on a file nobody else can find.
            if os.fstat(descriptor).st_ino == os.stat(self._path).st_ino:
                self._descriptor = descriptor
                return True
        except OSError:
            pass
        os.close(descriptor)
        return False

    def __exit__(self, *dummy):  # type: (t.Any) -> None
        discard(self._path)
        os.close(self._descriptor)
