# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an audit log. This file is private to the collection.

All files of a search are opened before it begins, and ausearch is shown a directory of links to what was opened. So a rotation in
the middle of a search neither hides a file nor shows one twice, as it does when ausearch walks the names itself.
"""

import os
import re
import shutil
import stat
import tempfile
import typing as t

AUDITD_CONF = '/etc/audit/auditd.conf'
DEFAULT_LOG = '/var/log/audit/audit.log'

_LOG_FILE = re.compile(r'^\s*log_file\s*=\s*(\S+)', re.MULTILINE | re.IGNORECASE)
_FIRST_RECORD = re.compile(rb'msg=audit\(([0-9]{1,18})\.([0-9]{3}):')
_BEGINNING = 65536
_GZIP = b'\x1f\x8b'


class LogError(Exception):
    """A log that cannot be searched; the text says which and why."""


def configured_log(path=AUDITD_CONF):  # type: (str) -> str
    """Where this host's auditd writes."""
    try:
        with open(path, encoding='utf-8', errors='replace') as conf:
            found = _LOG_FILE.search(conf.read())
    except OSError:
        return DEFAULT_LOG
    return found.group(1) if found else DEFAULT_LOG


def _numbered(log):  # type: (str) -> t.List[str]
    """The log and its rotated predecessors, newest first: audit.log, audit.log.1, …"""
    folder, name = os.path.split(log)
    rotated = re.compile(re.escape(name) + r'\.([0-9]+)').fullmatch
    numbers = sorted(int(found.group(1)) for found in map(rotated, os.listdir(folder or '.')) if found)
    return [log] + ['%s.%d' % (log, number) for number in numbers]


class Logs:
    """Open log files, newest first. A context manager; ``folder`` is a directory with a link to each, named as ausearch expects."""

    def __init__(self, files):  # type: (t.List[t.BinaryIO]) -> None
        self.files = files
        self.folder = tempfile.mkdtemp(prefix='linux_audit_fleet.')
        for number, opened in enumerate(files):
            name = 'audit.log.%d' % number if number else 'audit.log'
            os.symlink('/proc/%d/fd/%d' % (os.getpid(), opened.fileno()), os.path.join(self.folder, name))

    def begins(self):  # type: () -> t.Optional[int]
        """The time of the oldest file's first record, in milliseconds since the epoch."""
        seconds, milliseconds = _first_time(self.files[-1])
        return seconds * 1000 + milliseconds if seconds else None

    def __enter__(self):  # type: () -> 'Logs'
        return self

    def __exit__(self, *_exc):  # type: (t.Any) -> None
        shutil.rmtree(self.folder, ignore_errors=True)
        _close(self.files)


def _close(files):  # type: (t.Iterable[t.BinaryIO]) -> None
    for opened in files:
        opened.close()


def _open(path):  # type: (str) -> t.BinaryIO
    try:
        opened = open(path, 'rb')  # noqa: SIM115
    except OSError as error:
        raise LogError('%s cannot be read: %s' % (path, error.strerror)) from error
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        opened.close()
        raise LogError('%s is no regular file: give a log file of auditd, or a directory that holds an audit.log' % path)
    if opened.peek(2)[:2] == _GZIP:
        opened.close()
        raise LogError('%s is compressed: unpack it first' % path)
    return opened


def _open_once(paths, missing_ok):  # type: (t.Iterable[str], bool) -> t.List[t.BinaryIO]
    """Each file once, whatever its names are; one that a rotation has just taken away may be missing."""
    files = []  # type: t.List[t.BinaryIO]
    seen = set()
    try:
        for path in paths:
            if missing_ok and not os.path.exists(path):
                continue
            opened = _open(path)
            files.append(opened)
            status = os.fstat(opened.fileno())
            if (status.st_dev, status.st_ino) in seen:
                files.pop().close()
            seen.add((status.st_dev, status.st_ino))
    except LogError:
        _close(files)
        raise
    return files


def open_configured(log=None):  # type: (t.Optional[str]) -> Logs
    """This host's own logs. Raises LogError when there are none, or when they cannot be read.

    Newest first: a rotation while they are being opened then shows a file twice, and never hides one.
    """
    log = log or configured_log()
    try:
        paths = _numbered(log)
    except OSError as error:
        raise LogError('There is no audit log: %s (%s). Is auditd installed, and has it ever run?' % (os.path.dirname(log), error.strerror)) from error
    files = _open_once(paths, missing_ok=True)
    if not files:
        raise LogError('There is no audit log: %s does not exist. Is auditd installed, and has it ever run?' % log)
    return Logs(files)


def _first_time(opened):  # type: (t.BinaryIO) -> t.Tuple[int, int]
    found = _FIRST_RECORD.search(os.pread(opened.fileno(), _BEGINNING, 0))
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def open_given(paths):  # type: (t.Iterable[str]) -> Logs
    """Files, and directories of rotated logs, in the order of their first records. Raises LogError."""
    wanted = []  # type: t.List[str]
    for path in paths:
        if not os.path.isdir(path):
            wanted.append(path)
            continue
        try:
            found = [name for name in _numbered(os.path.join(path, 'audit.log')) if os.path.exists(name)]
        except OSError as error:
            raise LogError('%s cannot be read: %s' % (path, error.strerror)) from error
        if not found:
            raise LogError('%s holds no audit.log: give a log file of auditd, or a directory that holds an audit.log' % path)
        wanted += found
    files = _open_once(wanted, missing_ok=False)
    files.sort(key=_first_time, reverse=True)
    return Logs(files)
