# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From specifications and a host's facts to the rules that fit this host. This file is private to the collection.

Pure: no Ansible, no I/O.
"""

import collections
import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _merge, _profile, _rule, _signal

Facts = t.Mapping[str, t.Any]
LeftOut = t.Dict[str, t.Any]

ABIS = ('b64', 'b32')

# These write the syscalls that perm= stands for into a rule that says its arch, by names that not every architecture has.
_PERM_NEEDS_OLD_SYSCALLS = ((4, 0, 0), (4, 0, 3))


class _Host:
    """What the facts say of a host, and what it lacks."""

    def __init__(self, facts):  # type: (Facts) -> None
        self.abis = facts['abis']  # type: t.Mapping[str, str]
        self.machine = facts['kernel']['machine']  # type: str
        self.names = _rule.Names(self.machine, self._known(facts, 'users'), self._known(facts, 'groups'))
        self._facts = facts

    @staticmethod
    def _known(facts, kind):  # type: (Facts, str) -> t.Dict[str, int]
        return {name: number for name, number in facts.get(kind, {}).items() if number is not None}

    def _look_up(self, kind, name):  # type: (str, str) -> t.Any
        found = self._facts.get(kind, {})
        if name not in found:
            raise _profile.SpecError('the facts say nothing about {0}: name it in the option {1} of audit_facts'.format(name, kind))
        return found[name]

    def syscall(self, abi, name):  # type: (str, str) -> t.Mapping[str, t.Any]
        known = self._facts.get('syscalls', {}).get(abi, {}).get(name)
        if known is None:
            raise _profile.SpecError('the facts say nothing about the syscall {0}: name it in the option syscalls of audit_facts'.format(name))
        return t.cast(t.Mapping[str, t.Any], known)

    def syscall_of_number(self, abi, number):  # type: (str, str) -> str
        """The name under which another rule may have the syscall of this number, else the number itself."""
        name = _abi.syscall_name(self.abis[abi], int(number))
        return name if name and name in self._facts.get('syscalls', {}).get(abi, {}) else number

    def missing_abi(self, abi):  # type: (str) -> str
        return self._facts.get('missing_abis', {}).get(abi) or '{0} has no {1}'.format(self.machine, abi)

    def real(self, path):  # type: (str) -> t.Optional[str]
        """Where a path leads to through symbolic links, None when it does not exist."""
        return t.cast(t.Optional[str], self._look_up('paths', path))

    def directory(self, path):  # type: (str) -> t.Tuple[t.Optional[str], t.Optional[str]]
        """The directory that is meant, and why there is none."""
        if path == _profile.CGROUP2:
            found = self._facts.get('cgroup2', {'directory': None, 'reason': 'the facts say nothing about cgroup2'})
            return found['directory'], found['reason']
        return (path, None) if self.real(path) else (None, 'there is no {0}'.format(path))

    def lacks(self, kind, name):  # type: (str, str) -> bool
        return self._look_up(kind, name) is None

    def watches_without_arch(self, abi):  # type: (str) -> bool
        """Whether this host's auditctl can't read perm= in a rule for this ABI unless the rule leaves out its arch."""
        version = tuple(int(part) for part in re.findall(r'\d+', self._facts.get('userspace', {}).get('version') or '')[:3])
        first, last = _PERM_NEEDS_OLD_SYSCALLS
        return first <= version <= last and _abi.syscall_number(self.abis[abi], 'rename') is None


class _Fitted:
    """A specification with the paths of a host, and what it needs that the host lacks."""

    def __init__(self, spec, host):  # type: (_profile.Spec, _Host) -> None
        self.missing = []  # type: t.List[str]
        watch = [('path', self._path(spec, host)), ('dir', self._directory(spec, host)), ('perm', spec['perm'])]
        self.fields = tuple('{0}={1}'.format(name, value) for name, value in watch if value) + tuple(self._field(text, host) for text in spec['fields'])

    def _path(self, spec, host):  # type: (_profile.Spec, _Host) -> t.Optional[str]
        path = spec['path']  # type: t.Optional[str]
        real = host.real(path) if path else None
        if path and not real:
            self.missing.append('there is no {0}'.format(path))
        # A program is executed at the end of its links, but written to, replaced and removed where the link is.
        return real if real and spec['perm'] == 'x' else path

    def _directory(self, spec, host):  # type: (_profile.Spec, _Host) -> t.Optional[str]
        directory, reason = host.directory(spec['dir']) if spec['dir'] else (None, None)
        if reason:
            self.missing.append(reason)
        return directory

    def _field(self, text, host):  # type: (str, _Host) -> str
        need = _profile.need(text)
        if need is None:
            return text
        kind, name = need
        if host.lacks(kind, name):
            self.missing.append({'paths': 'there is no {0}', 'users': 'there is no user {0}', 'groups': 'there is no group {0}'}[kind].format(name))
        elif kind == 'paths':
            return text[: -len(name)] + str(host.real(name))
        return text


class _Compiler:
    def __init__(self, host):  # type: (_Host) -> None
        self.host = host
        self.wishes = collections.OrderedDict((abi, []) for abi in ABIS)  # type: t.Dict[str, t.List[_merge.Wish]]
        self.left_out = []  # type: t.List[LeftOut]
        self.by_number = []  # type: t.List[t.Dict[str, t.Any]]
        self.refused = []  # type: t.List[str]
        self._written = {}  # type: t.Dict[t.Tuple[str, str], str]

    def spec(self, spec, missing):  # type: (_profile.Spec, str) -> None
        fitted = _Fitted(spec, self.host)
        if fitted.missing:
            self._lack(spec, fitted.missing, missing)
            return
        for abi in spec['abis'] or ABIS:
            if abi in self.host.abis:
                self._abi(spec, abi, fitted.fields)
            elif spec['abis']:
                self._leave_out(spec, abi, None, self.host.missing_abi(abi))

    def _lack(self, spec, reasons, missing):  # type: (_profile.Spec, t.Sequence[str], str) -> None
        if missing == 'fail' and not spec['optional']:
            self.refused.extend('{0}: {1}'.format(spec['key'], reason) for reason in reasons)
        for reason in reasons:
            self._leave_out(spec, None, None, reason)

    def _leave_out(self, spec, abi, syscall, reason):  # type: (_profile.Spec, t.Optional[str], t.Optional[str], str) -> None
        entry = {'key': spec['key'], 'abi': abi, 'syscall': syscall, 'reason': reason}
        if entry not in self.left_out:
            self.left_out.append(entry)

    def _abi(self, spec, abi, fields):  # type: (_profile.Spec, str, _merge.Texts) -> None
        for name in spec['syscalls'] or ['all']:
            syscall = self._syscall(spec, abi, name)
            if syscall is None:
                continue
            for signal in spec['signals'] or [None]:
                argument = () if signal is None else ('a{0}={1}'.format(_signal.SIGNAL_ARGUMENT[name], signal),)  # type: _merge.Texts
                self.wishes[abi].append(_merge.Wish(argument + fields, syscall, spec['key']))

    def _syscall(self, spec, abi, name):  # type: (_profile.Spec, str, str) -> t.Optional[str]
        """The syscall as it is merged by, None where the kernel does not have it."""
        if name == 'all':
            return _merge.ALL
        if name.isdigit():
            name = self.host.syscall_of_number(abi, name)
            if name.isdigit():
                return name
        known = self.host.syscall(abi, name)
        if not known['exists']:
            self._leave_out(spec, abi, name, known['reason'])
            return None
        if not known['named']:
            self._written[abi, name] = str(known['number'])
            entry = {'key': spec['key'], 'abi': abi, 'syscall': name, 'number': known['number']}
            if entry not in self.by_number:
                self.by_number.append(entry)
        return name

    def rules(self):  # type: () -> t.List[str]
        lines = [self._line(abi, rule) for abi, wishes in self.wishes.items() for rule in _merge.merge(wishes, self.host.names)]
        return list(collections.OrderedDict.fromkeys(lines))

    def _line(self, abi, rule):  # type: (str, _merge.Merged) -> str
        watch = any(field.startswith(('path=', 'dir=')) for field in rule.fields)
        bare = self.host.watches_without_arch(abi) and not rule.syscalls and any(field.startswith('perm=') for field in rule.fields)
        argv = ['-a', 'always,exit'] + ([] if bare else ['-F', 'arch=' + abi])
        for syscall in rule.syscalls or ([] if watch else ['all']):
            argv += ['-S', self._written.get((abi, syscall), syscall)]
        for field in rule.fields:
            argv += ['-C' if _rule.is_comparison(field) else '-F', field]
        for key in rule.keys:
            argv += ['-k', key]
        return _rule.line(argv)


def compile_rules(specs, facts, missing='leave_out'):  # type: (t.Sequence[_profile.Spec], Facts, str) -> t.Dict[str, t.Any]
    """The rules for a host, as lines of a rules file in the order in which they must be loaded.

    ``missing`` says what becomes of a rule on a path, executable, user or group that the host lacks: leave_out, or fail unless it
    is optional. Returns ``rules`` (list of str), ``left_out`` (list of key, abi or None for all, syscall or None, reason) and
    ``by_number`` (list of key, abi, syscall, number: written so because the host's userspace does not know the name). Raises
    SpecError.
    """
    compiler = _Compiler(_Host(facts))
    for spec in specs:
        compiler.spec(spec, missing)
    if compiler.refused:
        raise _profile.SpecError('; '.join(compiler.refused) + '. syscall_audit_missing=leave_out leaves such rules out')
    try:
        rules = compiler.rules()
        for rule in rules:
            _rule.parse(rule, compiler.host.names)
    except (_rule.RuleError, _merge.OverlapError) as error:
        raise _profile.SpecError(str(error)) from error
    return {'rules': rules, 'left_out': compiler.left_out, 'by_number': compiler.by_number}
