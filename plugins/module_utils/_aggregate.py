# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events counted by what they have in common. This file is private to the collection.

Pure: no Ansible, no I/O.
"""

import itertools
import json
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event, _fields

MAX_GROUPS = 20000
"""How many groups are told apart; the memory of a host is not ours to fill. Events beyond are counted together."""


class Group:
    """How often, the values that its events share, and the first and the last of them (milliseconds since the epoch)."""

    __slots__ = ('count', 'first', 'last', 'values')

    def __init__(self, values, moment):  # type: (t.Tuple[t.Any, ...], int) -> None
        self.values = values
        self.count = 0
        self.first = self.last = moment


class Aggregator:
    """Counts events by the values of *paths*.

    An event with several targets (or paths) counts once for each, if a field of theirs is asked for; one without counts with None.
    """

    def __init__(self, paths):  # type: (t.Sequence[str]) -> None
        self._paths = paths
        self._groups = {}  # type: t.Dict[t.Any, Group]
        self._plain = [_fields.getter(path) for path in paths if path.partition('.')[0] not in _fields.LISTS]
        lists = [[path for path in paths if path.partition('.')[0] == root] for root in _fields.LISTS]
        self._lists = [[_fields.getter(path) for path in found] for found in lists if found]
        order = [path for path in paths if path.partition('.')[0] not in _fields.LISTS] + [path for found in lists for path in found]
        self._positions = [order.index(path) for path in paths]
        self.other = 0

    def add(self, event):  # type: (_event.Event) -> None
        values = tuple([get(event) for get in self._plain])
        moment = event.milliseconds()
        if not self._lists:
            self._count(values, moment)
            return
        if len(self._lists) == 1 and len(self._lists[0]) == 1:
            for value in self._lists[0][0](event) or (None,):
                self._count((*values, value), moment)
            return
        rows = [list(zip(*[get(event) for get in getters])) or [(None,) * len(getters)] for getters in self._lists]
        for combination in itertools.product(*rows):
            self._count(values + tuple(itertools.chain.from_iterable(combination)), moment)

    def _count(self, values, moment, count=1):  # type: (t.Tuple[t.Any, ...], int, int) -> None
        try:
            group = self._groups.get(values)
            key = values  # type: t.Any
        except TypeError:  # A list or a dictionary among them.
            key = json.dumps(values, sort_keys=True)
            group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                self.other += count
                return
            group = self._groups[key] = Group(values, moment)
        group.count += count
        if moment > group.last:
            group.last = moment
        elif moment < group.first:
            group.first = moment

    def groups(self):  # type: () -> t.List[t.Tuple[t.Any, ...]]
        """Everything counted, in a form that another process can merge()."""
        return [(group.values, group.count, group.first, group.last) for group in self._groups.values()]

    def merge(self, groups, other):  # type: (t.Iterable[t.Tuple[t.Any, ...]], int) -> None
        """Add what another aggregator of the same fields has counted."""
        self.other += other
        for values, count, first, last in groups:
            self._count(values, first, count)
            self._count(values, last, 0)

    def rows(self, limit):  # type: (int) -> t.List[t.Dict[str, t.Any]]
        """The *limit* most frequent groups, the most frequent first: ``{group: {path: value}, count, first, last}``."""
        groups = sorted(self._groups.values(), key=lambda group: (-group.count, group.first, repr(group.values)))[:limit]
        return [
            {
                'group': {path: group.values[position] for path, position in zip(self._paths, self._positions)},
                'count': group.count,
                'first': _event.iso(group.first),
                'last': _event.iso(group.last),
            }
            for group in groups
        ]
