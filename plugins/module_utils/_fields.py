# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single values out of events, by dotted names. This file is private to the collection.

Pure: no Ansible, no I/O. ``process.exe`` is the exe of the section process; what is asked for often is had without decoding the rest.
"""

import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event, _signal

Getter = t.Callable[[_event.Event], t.Any]

LISTS = ('targets', 'paths')
"""Sections that are lists of dictionaries."""

_IDENTITY = ('id', 'name')
_LEAVES = {
    'syscall': ('name', 'number', 'arch', 'abi', 'success', 'exit', 'errno', 'args', 'arguments'),
    'process': ('pid', 'ppid', 'comm', 'exe', 'cmdline', 'cmdline_from', 'cmdline_cut', 'cwd', 'tty', 'session'),
    'user': tuple('%s.%s' % (name, part) for name in _event.IDENTITIES for part in _IDENTITY) + _event.IDENTITIES,
    'signal': ('number', 'name'),
    'targets': ('pid', 'comm', 'session', 'uid', 'auid', 'uid.id', 'uid.name', 'auid.id', 'auid.name'),
}
# What these hold depends on the record.
_OPEN = ('paths', 'address', 'details')


def check(path):  # type: (str) -> str
    """The path itself. Raises ValueError saying what is right when no event can have it."""
    root, _dot, rest = path.partition('.')
    if root not in _event.SECTIONS:
        raise ValueError('%s is no field of an event: give one of %s, or a part of it such as process.exe' % (path, ', '.join(_event.SECTIONS)))
    if rest and root not in _OPEN and rest not in _LEAVES.get(root, ()):
        known = _LEAVES.get(root)
        raise ValueError('%s is no field of an event: %s' % (path, 'give %s' % root if known is None else '%s has %s' % (root, ', '.join(known))))
    return path


def _signal_name(event):  # type: (_event.Event) -> t.Optional[str]
    number = event.signal_number()
    return None if number is None else _signal.name(number)


_FAST = {
    'process.comm': lambda event: event.program().comm if event.caller else event.process()['comm'],
    'process.exe': lambda event: event.program().exe if event.caller else event.process()['exe'],
    'signal.name': _signal_name,
    'signal.number': lambda event: event.signal_number(),
    'syscall.name': lambda event: event.syscall_name(),
}  # type: t.Dict[str, Getter]

_FAST_LISTS = {
    'targets.comm': lambda event: event.target_comms(),
}  # type: t.Dict[str, t.Callable[[_event.Event], t.List[t.Any]]]


def inside(value, names):  # type: (t.Any, t.Iterable[str]) -> t.Any
    """The value below these names; of a list the values below each element; None where there is none."""
    for name in names:
        if isinstance(value, list):
            value = [inside(item, (name,)) for item in value]
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value


def getter(path):  # type: (str) -> Getter
    """A function that gets this field out of an event; out of a list one value per element."""
    if path in _FAST:
        return _FAST[path]
    if path in _FAST_LISTS:
        return _FAST_LISTS[path]
    root, *names = path.split('.')
    section = getattr(_event.Event, root)
    return section if not names else lambda event: inside(section(event), names)


def projection(paths):  # type: (t.Iterable[str]) -> t.Callable[[_event.Event], t.Dict[str, t.Any]]
    """A function that gives of an event these fields only, nested as in the whole event."""
    wanted = {}  # type: t.Dict[str, t.List[t.List[str]]]
    for path in paths:
        root, *names = path.split('.')
        wanted.setdefault(root, []).append(names)
    sections = [(root, getattr(_event.Event, root), [names for names in below if names] if [] not in below else []) for root, below in wanted.items()]

    def project(event):  # type: (_event.Event) -> t.Dict[str, t.Any]
        return {root: _part(section(event), below) if below else section(event) for root, section, below in sections}

    return project


def _part(value, below):  # type: (t.Any, t.List[t.List[str]]) -> t.Any
    """Of a section only what stands below one of these lists of names."""
    if isinstance(value, list):
        return [_part(item, below) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}  # type: t.Dict[str, t.Any]
    for name in dict.fromkeys(names[0] for names in below):
        if name in value:
            deeper = [names[1:] for names in below if names[0] == name]
            result[name] = value[name] if [] in deeper else _part(value[name], deeper)
    return result
