# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user asks for: rule specifications, alone or in profiles. This file is private to the collection.

Pure: no Ansible, no I/O. A specification is a dict such as ``{"key": "ops", "syscalls": ["kill"], "signals": ["KILL"]}``.
"""

import difflib
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _rule, _signal, _tables

Spec = t.Dict[str, t.Any]

CGROUP2 = '<cgroup2>'
"""Stands for the directory where a host has mounted cgroup2, which differs."""

_OPTIONS = ('key', 'syscalls', 'path', 'dir', 'perm', 'signals', 'fields', 'abis', 'optional')
_LISTS = ('syscalls', 'signals', 'fields', 'abis')
_PROFILE_OPTIONS = ('name', 'description', 'answers', 'blind_spots', 'volume', 'rules')


_NO_NAMES = _rule.Names('x86_64')
_UNSET = 0xFFFFFFFF
_NEVER_UNSET = frozenset(name for name in _rule.FIELDS if _rule.kind_of_name(name)) - {'auid'}


class SpecError(ValueError):
    """A specification that can't become a rule; the message names the option, the value and what would be right."""


def suggestion(word, known):  # type: (str, t.Iterable[str]) -> str
    """`` Did you mean kill?``, or nothing."""
    near = difflib.get_close_matches(word, list(known), 1)
    return ' Did you mean {0}?'.format(near[0]) if near else ''


def _all_syscalls():  # type: () -> t.Set[str]
    return {name for table in _tables.SYSCALLS.values() for name in table.split()}


def _strings(where, spec, option):  # type: (str, Spec, str) -> t.List[str]
    value = spec.get(option)
    if value is None:
        return []
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in value):
        raise SpecError('{0}.{1}: must be a list of strings, not {2!r}'.format(where, option, value))
    return [str(item) for item in value]


def _check_key(where, key):  # type: (str, t.Any) -> str
    if not isinstance(key, str) or not key:
        raise SpecError('{0}.key: every rule needs a key, a word by which ausearch -k finds its events'.format(where))
    if any(character.isspace() or not character.isprintable() for character in key):
        raise SpecError('{0}.key: {1!r} must not have spaces or control characters in it'.format(where, key))
    if len(key.encode('utf-8')) > _rule.MAX_KEY_BYTES:
        raise SpecError('{0}.key: has {1} bytes; the kernel takes {2}'.format(where, len(key.encode('utf-8')), _rule.MAX_KEY_BYTES))
    return key


def _check_syscalls(where, names):  # type: (str, t.Sequence[str]) -> t.List[str]
    for name in names:
        if name.isdigit() and int(name) > _abi.MAX_SYSCALL:
            raise SpecError('{0}.syscalls: {1} is too high; the numbers go to {2}'.format(where, name, _abi.MAX_SYSCALL))
        if name != 'all' and not name.isdigit() and not _abi.known_syscall(name):
            raise SpecError(
                '{0}.syscalls: no architecture has a syscall named {1!r}.{2} The names are those of syscalls(2)'.format(
                    where, name, suggestion(name, _all_syscalls())
                )
            )
    return list(dict.fromkeys(names))


def _check_signals(option, signals, syscalls):  # type: (str, t.Sequence[str], t.Sequence[str]) -> t.List[int]
    try:
        numbers = [_signal.number(signal) for signal in signals]
    except ValueError as error:
        raise SpecError('{0}: {1}'.format(option, error)) from error
    silent = [name for name in syscalls if name not in _signal.SIGNAL_ARGUMENT]
    if numbers and (silent or not syscalls):
        raise SpecError(
            '{0}: {1} no signal; signals go with {2}'.format(
                option, ', '.join(silent) + ' carries' if silent else 'a rule without syscalls carries', ', '.join(_signal.SIGNAL_ARGUMENT)
            )
        )
    return list(dict.fromkeys(numbers))


def _check_fields(where, fields):  # type: (str, t.Sequence[str]) -> t.List[str]
    for field in fields:
        try:
            name = _rule.split_field(field, 'the field')[0]
        except _rule.RuleError as error:
            raise SpecError('{0}.fields: {1}'.format(where, error)) from error
        if name in ('arch', 'key', 'path', 'dir', 'perm'):
            raise SpecError('{0}.fields: {1}: {2} is an option of its own'.format(where, field, 'abis' if name == 'arch' else name))
        if name not in _rule.FIELDS:
            raise SpecError(
                '{0}.fields: {1}: unknown field {2}.{3} The fields are those of auditctl(8)'.format(where, field, name, suggestion(name, _rule.FIELDS))
            )
        if ' ' in field:
            raise SpecError('{0}.fields: {1!r} must not have spaces in it'.format(where, field))
        if name in _NEVER_UNSET and _rule.condition(field, _NO_NAMES).value == _UNSET:
            raise SpecError('{0}.fields: {1}: only auid and sessionid can be unset'.format(where, field))
        if _unreadable(field):
            raise SpecError('{0}.fields: {1}: auditctl reads no such value of {2}'.format(where, field, name))
    return list(fields)


def _unreadable(field):  # type: (str) -> bool
    """Whether a value is neither a number nor a name that this field takes. Users and groups are the host's own."""
    condition = _rule.condition(field, _NO_NAMES)
    return isinstance(condition.value, str) and condition.name not in _rule.NAMED_FIELDS and not _rule.is_comparison(field)


def need(field):  # type: (str) -> t.Optional[t.Tuple[str, str]]
    """The path, user or group that a host must have for a field: ``("users", "adm")`` for ``auid!=adm``."""
    name, dummy, value = _rule.split_field(field)
    if name == 'exe':
        return 'paths', value
    kind = _rule.kind_of_name(name)
    if kind is None or _rule.is_comparison(field) or not isinstance(_rule.condition(field, _NO_NAMES).value, str):
        return None
    return kind, value


def _check_watch(where, spec):  # type: (str, Spec) -> None
    if spec.get('path') and spec.get('dir'):
        raise SpecError('{0}: path and dir exclude each other; path is one file, dir a directory with all below it'.format(where))
    for option in ('path', 'dir'):
        value = spec.get(option)
        if value is not None and (not isinstance(value, str) or not value.startswith('/') or '\n' in value) and (option, value) != ('dir', CGROUP2):
            raise SpecError('{0}.{1}: {2!r} must be an absolute path'.format(where, option, value))
    perm = spec.get('perm')
    if perm is not None and (not isinstance(perm, str) or not perm or set(perm) - set('rwxa')):
        raise SpecError('{0}.perm: {1!r} must consist of the letters r (read), w (write), x (execute) and a (attributes)'.format(where, perm))
    if perm and not (spec.get('path') or spec.get('dir')):
        raise SpecError('{0}.perm: needs path or dir beside it'.format(where))


def check(spec, where):  # type: (t.Any, str) -> Spec
    """One specification, checked and with all options there. `where` names it in errors: ``syscall_audit_rules[0]``."""
    if not isinstance(spec, dict):
        raise SpecError('{0}: must be a dictionary with key and syscalls, or path or dir, not {1!r}'.format(where, spec))
    for option in spec:
        if option not in _OPTIONS:
            raise SpecError(
                '{0}: unknown option {1!r}.{2} Known are: {3}'.format(where, option, suggestion(str(option), _OPTIONS), ', '.join(_OPTIONS))
            )
    lists = {option: _strings(where, spec, option) for option in _LISTS}
    _check_watch(where, spec)
    if not lists['syscalls'] and not spec.get('path') and not spec.get('dir'):
        raise SpecError('{0}: needs syscalls, path or dir'.format(where))
    for abi in lists['abis']:
        if abi not in ('b64', 'b32'):
            raise SpecError('{0}.abis: {1!r} must be b64 or b32'.format(where, abi))
    if not isinstance(spec.get('optional', False), bool):
        raise SpecError('{0}.optional: {1!r} must be true or false'.format(where, spec['optional']))
    syscalls = _check_syscalls(where, lists['syscalls'])
    checked = {
        'key': _check_key(where, spec.get('key')),
        'syscalls': syscalls,
        'signals': _check_signals(where + '.signals', lists['signals'], syscalls),
        'fields': _check_fields(where, lists['fields']),
        'abis': lists['abis'],
        'path': spec.get('path'),
        'dir': spec.get('dir'),
        'perm': spec.get('perm'),
        'optional': spec.get('optional', False),
    }
    _check_line(where, checked)
    return checked


def _check_line(where, spec):  # type: (str, Spec) -> None
    """Refuse what no auditctl takes as a whole: too many fields, too long a line."""
    argv = ['-a', 'always,exit', '-F', 'arch=b64']
    for name in spec['syscalls']:
        argv += ['-S', name]
    if spec['signals']:
        argv += ['-F', 'a2={0}'.format(spec['signals'][0])]
    for option in ('path', 'dir', 'perm'):
        if spec[option]:
            argv += ['-F', '{0}={1}'.format(option, '/' if spec[option] == CGROUP2 else spec[option])]
    for field in spec['fields']:
        argv += ['-C' if _rule.is_comparison(field) else '-F', field]
    try:
        _rule.parse(_rule.line(argv + ['-k', spec['key']]), _NO_NAMES)
    except _rule.RuleError as error:
        raise SpecError('{0}: {1}'.format(where, error)) from error


def _profile_specs(profile, where):  # type: (t.Any, str) -> t.List[Spec]
    if not isinstance(profile, dict) or not isinstance(profile.get('rules'), (list, tuple)) or not profile.get('name'):
        raise SpecError('{0}: a profile must be a dictionary with name and rules'.format(where))
    for option in profile:
        if option not in _PROFILE_OPTIONS:
            raise SpecError('{0}: unknown option {1!r}; known are: {2}'.format(where, option, ', '.join(_PROFILE_OPTIONS)))
    return [check(spec, '{0} {1}.rules[{2}]'.format(where, profile['name'], index)) for index, spec in enumerate(profile['rules'])]


def specifications(profiles, rules, signals):
    # type: (t.Sequence[t.Any], t.Sequence[t.Any], t.Sequence[t.Union[int, str]]) -> t.List[Spec]
    """The specifications of all profiles, narrowed to the signals where they send any, and the user's own rules behind them."""
    specs = [spec for profile in profiles for spec in _profile_specs(profile, 'profile')]
    if signals:
        numbers = _check_signals('syscall_audit_signals', [str(signal) for signal in signals], list(_signal.SIGNAL_ARGUMENT))
        senders = [spec for spec in specs if spec['syscalls'] and all(name in _signal.SIGNAL_ARGUMENT for name in spec['syscalls'])]
        if not senders:
            raise SpecError('syscall_audit_signals: no chosen profile has a rule for syscalls that send signals; signal_send has one')
        for spec in senders:
            spec['signals'] = spec['signals'] or numbers
    return specs + [check(rule, 'syscall_audit_rules[{0}]'.format(index)) for index, rule in enumerate(rules)]


def canary(specs):  # type: (t.Iterable[Spec]) -> t.Optional[t.Dict[str, t.Any]]
    """The key and signal with which a process that signals itself matches one of the rules, None when none is so simple."""
    for spec in specs:
        if 'kill' in spec['syscalls'] and not (spec['fields'] or spec['abis'] or spec['path'] or spec['dir']):
            return {'key': spec['key'], 'signal': (spec['signals'] or [0])[0]}
    return None


def needs(specs):  # type: (t.Iterable[Spec]) -> t.Dict[str, t.List[str]]
    """What the facts must say for the specifications to be compiled: names of ``syscalls``, ``paths``, ``users`` and ``groups``."""
    found = {kind: set() for kind in ('syscalls', 'paths', 'users', 'groups')}  # type: t.Dict[str, t.Set[str]]
    for spec in specs:
        found['syscalls'].update(name for name in spec['syscalls'] if name != 'all' and not name.isdigit())
        found['paths'].update(spec[option] for option in ('path', 'dir') if spec[option] and spec[option] != CGROUP2)
        for field in spec['fields']:
            needed = need(field)
            if needed:
                found[needed[0]].add(needed[1])
    return {kind: sorted(names) for kind, names in found.items()}
