# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a search left off. This file is private to the collection.

ausearch's own ``--checkpoint`` loses events together with a key in versions that RHEL 8, 9 and Debian 12 ship. A mark here is a time up
to which everything has been given out, the ids of what was given out shortly before it (records of busy hosts reach the log late), and
the highest serial of each node, which tells events apart when the clock was set back.
"""

import hashlib
import json
import os
import tempfile
import time
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event

OVERLAP = 30000
"""Milliseconds before the mark that are searched again."""
HOLD = 3000
"""Milliseconds before now that are left to the next run: their events may still be written."""

_BOOT_ID = '/proc/sys/kernel/random/boot_id'


class CursorError(Exception):
    """A mark that cannot be kept; the text says why."""


class Mark(t.NamedTuple):
    """*until* is in milliseconds since the epoch, *offset* how far the clock is ahead of the time since boot, in milliseconds."""

    until: int
    given: t.FrozenSet[t.Tuple[str, str]]
    serials: t.Dict[str, int]
    boot: str
    offset: int


def _boot():  # type: () -> str
    try:
        with open(_BOOT_ID, encoding='ascii') as boot_id:
            return boot_id.read().strip()
    except OSError:
        return ''


def _offset():  # type: () -> int
    return int(time.time() * 1000) - int(time.clock_gettime(getattr(time, 'CLOCK_BOOTTIME', time.CLOCK_MONOTONIC)) * 1000)


def _dump(mark):  # type: (Mark) -> bytes
    text = json.dumps(
        {
            'until': mark.until,
            'given': sorted([node, stamp] for node, stamp in mark.given),
            'serials': mark.serials,
            'boot': mark.boot,
            'offset': mark.offset,
        },
        sort_keys=True,
    )
    return ('%s\n%s\n' % (hashlib.sha256(text.encode()).hexdigest(), text)).encode()


def _load(path):  # type: (str) -> t.Optional[Mark]
    """None when it is missing or damaged."""
    try:
        with open(path, 'rb') as stored:
            digest, _newline, text = stored.read().strip().partition(b'\n')
        if digest.decode() != hashlib.sha256(text).hexdigest():
            return None
        data = json.loads(text.decode())
        given = frozenset((node, stamp) for node, stamp in data['given'])
        return Mark(data['until'], given, data['serials'], data['boot'], data['offset'])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _store(path, data):  # type: (str, bytes) -> None
    descriptor, name = tempfile.mkstemp(prefix='.', dir=os.path.dirname(path) or '.')
    try:
        with os.fdopen(descriptor, 'wb') as new:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
        os.rename(name, path)
    except OSError:
        os.unlink(name)
        raise


class Cursor:
    """A mark in a file, with a copy beside it in case it gets damaged.

    ``damaged`` says that neither could be read although they are there: the search then begins anew.
    """

    def __init__(self, path):  # type: (str) -> None
        self._path = path
        copies = (path, path + '.bak')
        self._old = next((mark for mark in map(_load, copies) if mark is not None), None)
        self.damaged = self._old is None and any(os.path.exists(copy) for copy in copies)
        self._boot, self._offset = _boot(), _offset()
        self._hold = int(time.time() * 1000) - HOLD
        self._recent = {}  # type: t.Dict[t.Tuple[str, str], int]
        self._serials = dict(self._old.serials) if self._old and self._old.boot == self._boot else {}
        self._newest = 0
        self._swept = 0

    @property
    def until(self):  # type: () -> t.Optional[int]
        """Up to when everything has been given out, or None before the first run."""
        return self._old.until if self._old else None

    def start(self):  # type: () -> t.Optional[int]
        """From when on to search; further back by as much as the clock has been set back since."""
        if self._old is None:
            return None
        set_back = max(0, self._old.offset - self._offset) if self._old.boot == self._boot else 0
        return self._old.until - OVERLAP - set_back

    def is_new(self, event):  # type: (_event.Event) -> bool
        """Whether the event has not been given out, and is old enough to be complete."""
        moment = event.milliseconds()
        if moment > self._hold:
            return False
        if self._old is None or moment > self._old.until:
            return True
        node = event.records[0][0]
        if (node, event.stamp) in self._old.given:
            return False
        if moment >= self._old.until - OVERLAP:
            return True
        return event.serial() > self._old.serials.get(node, -1)

    def give(self, event):  # type: (_event.Event) -> None
        """Remember that this event is being given out."""
        moment, node = event.milliseconds(), event.records[0][0]
        self._newest = max(self._newest, moment)
        self._serials[node] = max(self._serials.get(node, -1), event.serial())
        self._recent[node, event.stamp] = moment
        if len(self._recent) >= 2 * self._swept + 10000:
            self._sweep(self._newest)

    def _sweep(self, until):  # type: (int) -> None
        """Forget what is too long ago to be met again."""
        self._recent = {identity: moment for identity, moment in self._recent.items() if moment >= until - OVERLAP}
        self._swept = len(self._recent)

    def save(self, complete):  # type: (bool) -> None
        """Keep the mark. *complete* says that everything that is new was given out; else the mark stays at the newest that was.

        Raises CursorError.
        """
        old = self._old.until if self._old else 0
        until = max(old, self._hold if complete else self._newest)
        self._sweep(until)
        again = [identity for identity in (self._old.given if self._old else ()) if _milliseconds(identity[1]) >= until - OVERLAP]
        mark = Mark(until, frozenset(again) | frozenset(self._recent), self._serials, self._boot, self._offset)
        try:
            data = _dump(mark)
            _store(self._path, data)
            _store(self._path + '.bak', data)
        except OSError as error:
            raise CursorError('%s cannot be written: %s' % (self._path, error.strerror)) from error


def _milliseconds(stamp):  # type: (str) -> int
    seconds, _point, rest = stamp.partition('.')
    return int(seconds + rest[:3])
