# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the events found are given back. This file is private to the collection.

Pure: no Ansible, no I/O.
"""

import heapq
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event

_Key = t.Tuple[int, int, int]


class Collector:
    """Counts all events and keeps the *limit* oldest or newest, undecoded, whatever order they come in."""

    def __init__(self, limit, newest):  # type: (int, bool) -> None
        self.count = 0
        self._limit = limit
        self._sign = 1 if newest else -1
        self._heap = []  # type: t.List[t.Tuple[_Key, _event.Event]]  # The event to be dropped next comes first.

    def add(self, event):  # type: (_event.Event) -> None
        self.count += 1
        if not self._limit:
            return
        sign = self._sign
        item = ((sign * event.milliseconds(), sign * event.serial(), sign * self.count), event)
        if len(self._heap) < self._limit:
            heapq.heappush(self._heap, item)
        elif item > self._heap[0]:
            heapq.heapreplace(self._heap, item)

    @property
    def truncated(self):  # type: () -> bool
        return self.count > self._limit

    def events(self):  # type: () -> t.List[_event.Event]
        """Those kept, the oldest first, or the newest first where these were asked for."""
        return [event for _key, event in sorted(self._heap, key=lambda item: item[0], reverse=True)]
