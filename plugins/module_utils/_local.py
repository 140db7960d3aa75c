# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit search asks the host about itself. This file is private to the collection."""

import contextlib
import grp
import os
import pwd
import re
import typing as t

_BOOT = re.compile(r'^btime ([0-9]+)', re.MULTILINE)
_names = {}  # type: t.Dict[t.Tuple[str, int], t.Optional[str]]


def name_of(kind, number):  # type: (str, int) -> t.Optional[str]
    """The name of a user ('uid') or group ('gid') here, None when there is none. Each is looked up once: a directory service can be slow."""
    wanted = (kind, number)
    if wanted not in _names:
        try:
            _names[wanted] = pwd.getpwuid(number).pw_name if kind == 'uid' else grp.getgrgid(number).gr_name
        except (KeyError, OverflowError):
            _names[wanted] = None
    return _names[wanted]


def auditd_runs():  # type: () -> bool
    """Whether there is an auditd. Where processes are hidden from us the answer is no."""
    for name in os.listdir('/proc'):
        if name.isdigit():
            with contextlib.suppress(OSError), open('/proc/%s/comm' % name, encoding='utf-8', errors='replace') as comm:
                if comm.read() == 'auditd\n':
                    return True
    return False


def boot_time():  # type: () -> t.Optional[float]
    """Seconds since the epoch."""
    try:
        with open('/proc/stat', encoding='ascii') as stat:
            found = _BOOT.search(stat.read())
    except OSError:
        return None
    return float(found.group(1)) if found else None
