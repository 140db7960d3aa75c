# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From many wishes to few rules, none of which hides another. This file is private to the collection.

Pure: no Ansible, no I/O. Of all rules that match a call the kernel logs the one that was loaded first, with its keys alone. So what
several wishes match is given a rule of its own, with the keys of them all, before theirs.
"""

import collections
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _rule

ALL = ''
"""The word for every syscall."""
MAX_OVERLAPS = 256
"""Rules that the overlaps of one syscall may need; every one costs time in every syscall."""

Conditions = t.FrozenSet[_rule.Field]
Texts = t.Tuple[str, ...]
Wish = t.NamedTuple('Wish', [('fields', Texts), ('syscall', str), ('key', str)])
"""Log the calls of a syscall that these fields match, under this key."""
Merged = t.NamedTuple('Merged', [('fields', Texts), ('syscalls', Texts), ('keys', Texts)])
"""One rule; `syscalls` is empty for all."""


class OverlapError(ValueError):
    """Wishes that overlap in more ways than rules can be made for."""


# Which syscalls perm= means: include/asm-generic/audit_{read,write,dir_write,change_attr}.h, kernel/auditsc.c.
_OPENS = frozenset(('open', 'openat', 'openat2'))
_PERMITTED = {
    'x': frozenset(('execve', 'execveat')),
    'r': _OPENS
    | frozenset(
        'readlink readlinkat quotactl quotactl_fd listxattr llistxattr flistxattr listxattrat getxattr lgetxattr fgetxattr getxattrat '
        'file_getattr'.split()
    ),
    'w': _OPENS
    | frozenset(
        'rename renameat renameat2 mkdir mkdirat rmdir creat link linkat unlink unlinkat symlink symlinkat mknod mknodat acct swapon quotactl '
        'quotactl_fd truncate truncate64 ftruncate ftruncate64 bind fallocate'.split()
    ),
    'a': frozenset(
        'chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat chown32 lchown32 fchown32 setxattr lsetxattr fsetxattr setxattrat '
        'removexattr lremovexattr fremovexattr removexattrat file_setattr link linkat'.split()
    ),
}  # type: t.Dict[str, t.FrozenSet[str]]

# A rule has one of these at most (audit_to_watch, audit_make_tree: EINVAL).
_WATCHES = frozenset(('path', 'dir', 'inode'))


def _permission(conditions):  # type: (Conditions) -> t.Optional[_rule.Field]
    return next((field for field in conditions if field.name == 'perm'), None)


def _may_match(conditions, syscall):  # type: (Conditions, str) -> bool
    """Whether the syscall can be one that perm= stands for; True where there is no perm."""
    permission = _permission(conditions)
    return permission is None or any(syscall in _PERMITTED[letter] for letter in str(permission.value))


def _without_permission(conditions, syscall):  # type: (Conditions, str) -> Conditions
    """The conditions for one syscall of those that perm= stands for; only of an open it depends on the flags whether they are met.

    It must go where it says nothing: audit 4 adds all that perm= stands for to the rule's own syscalls.
    """
    return conditions if syscall in _OPENS else conditions - {_permission(conditions)}


def _holds(value, operator, limit):  # type: (int, str, int) -> bool
    return {
        '=': value == limit,
        '!=': value != limit,
        '>': value > limit,
        '>=': value >= limit,
        '<': value < limit,
        '<=': value <= limit,
        '&': bool(value & limit),
        '&=': value & limit == limit,
    }[operator]


def _contradict(one, other):  # type: (_rule.Field, _rule.Field) -> bool
    """Whether no call can meet both; False where that can't be told."""
    if one.name in _WATCHES and other.name in _WATCHES:
        return one != other
    if one.name != other.name or one.op != '=':
        return False
    if isinstance(one.value, int) and isinstance(other.value, int):
        return not _holds(one.value, other.op, other.value)
    return one.name == 'exe' and other.op == '=' and one.value != other.value


def possible(conditions):  # type: (Conditions) -> bool
    """Whether one rule can have all these conditions, and some call meet them."""
    return len(conditions) < _rule.MAX_FIELDS - 1 and not any(
        _contradict(one, other) for one in conditions for other in conditions if one is not other
    )


class _Group:
    """The wishes with one set of conditions."""

    def __init__(self, fields, conditions):  # type: (Texts, Conditions) -> None
        self.fields = fields
        self.conditions = conditions
        self.keys = collections.OrderedDict()  # type: t.Dict[str, t.List[str]]

    def add(self, syscall, key):  # type: (str, str) -> None
        keys = self.keys.setdefault(syscall, [])
        if key not in keys:
            keys.append(key)

    def conditions_for(self, syscall):  # type: (str) -> t.List[t.Tuple[Conditions, t.List[str]]]
        """What this group asks of a call of this syscall, with the keys it logs it under."""
        found = []
        if syscall in self.keys:
            found.append((self.conditions, self.keys[syscall]))
        if syscall != ALL and ALL in self.keys and _may_match(self.conditions, syscall):
            found.append((_without_permission(self.conditions, syscall), self.keys[ALL]))
        return found


# One syscall under one set of conditions. `rank` counts a perm that went, so that this stands before what it was taken from.
_Part = t.NamedTuple('_Part', [('syscall', str), ('conditions', Conditions), ('rank', int), ('keys', Texts)])


def _overlaps(conditions):  # type: (t.Iterable[Conditions]) -> t.List[Conditions]
    """These conditions and every possible combination of them."""
    found = list(collections.OrderedDict.fromkeys(conditions))
    for left in found:  # grows meanwhile
        for right in list(found):
            union = left | right
            if union not in found and possible(union):
                found.append(union)
                if len(found) > MAX_OVERLAPS:
                    raise OverlapError('rules for the same syscall overlap in more than {0} ways'.format(MAX_OVERLAPS))
    return found


class _Merger:
    def __init__(self, wishes, names):  # type: (t.Iterable[Wish], _rule.Names) -> None
        self.groups = collections.OrderedDict()  # type: t.Dict[Conditions, _Group]
        self.texts = {}  # type: t.Dict[_rule.Field, str]
        for wish in wishes:
            fields = [_rule.condition(text, names) for text in wish.fields]
            for field, text in zip(fields, wish.fields):
                self.texts.setdefault(field, text)
            conditions = frozenset(fields)
            self.groups.setdefault(conditions, _Group(wish.fields, conditions)).add(wish.syscall, wish.key)
        self.order = list(self.texts)

    def parts(self):  # type: () -> t.List[_Part]
        """All that must be told apart, the more specific first."""
        syscalls = list(collections.OrderedDict.fromkeys(syscall for group in self.groups.values() for syscall in group.keys))
        parts = [part for syscall in syscalls for part in self._parts_of(syscall)]
        return sorted(parts, key=lambda part: (-part.rank, part.syscall == ALL, -len(part.conditions)))

    def _parts_of(self, syscall):  # type: (str) -> t.Iterator[_Part]
        asked = [found + (group.conditions,) for group in self.groups.values() for found in group.conditions_for(syscall)]
        for conditions in _overlaps(conditions for conditions, dummy, whole in asked):
            inner = [(needed, keys, whole) for needed, keys, whole in asked if needed <= conditions]
            shortened = _permission(conditions) is None and any(_permission(whole) for dummy, keys, whole in inner)
            inner.sort(key=lambda item: -len(item[0]))
            keys = collections.OrderedDict.fromkeys(key for dummy, keys, whole in inner for key in keys)
            yield _Part(syscall, conditions, len(conditions) + shortened, tuple(keys))

    def needed(self):  # type: () -> t.List[_Part]
        """The parts less those after which the next one that matches the same calls logs the same keys."""
        kept = []  # type: t.List[_Part]
        for part in reversed(self.parts()):
            following = next((other for other in reversed(kept) if self._includes(other, part)), None)
            if following is None or set(following.keys) != set(part.keys):
                kept.append(part)
        return kept[::-1]

    @staticmethod
    def _includes(wider, part):  # type: (_Part, _Part) -> bool
        """Whether the wider one matches every call that the part matches."""
        if wider.syscall == part.syscall:
            return wider.conditions <= part.conditions
        if wider.syscall != ALL or not _may_match(wider.conditions, part.syscall):
            return False
        return _without_permission(wider.conditions, part.syscall) <= part.conditions

    def rules(self):  # type: () -> t.List[Merged]
        merged = collections.OrderedDict()  # type: t.Dict[t.Any, t.List[str]]
        for part in self.needed():
            identity = (part.conditions, part.rank, part.keys, part.syscall == ALL)
            merged.setdefault(identity, []).append(part.syscall)
        return [
            Merged(self._fields(conditions), () if every else tuple(syscalls), keys) for (conditions, dummy, keys, every), syscalls in merged.items()
        ]

    def _fields(self, conditions):  # type: (Conditions) -> Texts
        if conditions in self.groups:
            return self.groups[conditions].fields
        return tuple(self.texts[field] for field in self.order if field in conditions)


def merge(wishes, names):  # type: (t.Iterable[Wish], _rule.Names) -> t.List[Merged]
    """The rules of one ABI in the order in which they must be loaded. Raises OverlapError.

    Every call that a wish matches is logged, under the keys of all wishes that match it.
    """
    return _Merger(wishes, names).rules()
