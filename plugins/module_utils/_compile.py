# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From specifications and a host's facts to the rules that fit this host. This file is private to the collection.

Pure: no Ansible, no I/O.
"""

import collections
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _profile, _rule, _signal

Fields = t.Tuple[str, ...]
Facts = t.Mapping[str, t.Any]
# (ABI, fields) → syscall as it is written → keys; the syscall is "" in a rule without any.
Groups = t.Dict[t.Tuple[str, Fields], t.Dict[str, t.List[str]]]

ABIS = ('b64', 'b32')


class _Compiler:
    def __init__(self, facts):  # type: (Facts) -> None
        self.facts = facts
        self.groups = collections.OrderedDict()  # type: Groups
        self.left_out = []  # type: t.List[t.Dict[str, t.Any]]
        self.by_number = []  # type: t.List[t.Dict[str, t.Any]]

    def spec(self, spec):  # type: (_profile.Spec) -> None
        for abi in spec['abis'] or ABIS:
            if abi in self.facts['abis']:
                self._abi(spec, abi)
            elif spec['abis']:
                reason = self.facts.get('missing_abis', {}).get(abi) or '{0} has no {1}'.format(self.facts['kernel']['machine'], abi)
                self._leave_out(spec, abi, None, reason)

    def _leave_out(self, spec, abi, syscall, reason):  # type: (_profile.Spec, str, t.Optional[str], str) -> None
        self.left_out.append({'key': spec['key'], 'abi': abi, 'syscall': syscall, 'reason': reason})

    def _abi(self, spec, abi):  # type: (_profile.Spec, str) -> None
        watch = tuple('{0}={1}'.format(option, spec[option]) for option in ('path', 'dir', 'perm') if spec[option])
        if not spec['syscalls']:
            self._add(abi, watch + tuple(spec['fields']), '', spec['key'])
        for name in spec['syscalls']:
            word = self._word(spec, abi, name)
            if word is None:
                continue
            for signal in spec['signals'] or [None]:
                argument = () if signal is None else ('a{0}={1}'.format(_signal.SIGNAL_ARGUMENT[name], signal),)  # type: Fields
                self._add(abi, argument + watch + tuple(spec['fields']), word, spec['key'])

    def _add(self, abi, fields, word, key):  # type: (str, Fields, str, str) -> None
        keys = self.groups.setdefault((abi, fields), collections.OrderedDict()).setdefault(word, [])
        if key not in keys:
            keys.append(key)

    def _word(self, spec, abi, name):  # type: (_profile.Spec, str, str) -> t.Optional[str]
        """The syscall as this host's auditctl takes it, None where the kernel does not have it."""
        if name == 'all' or name.isdigit():
            return name
        known = self.facts.get('syscalls', {}).get(abi, {}).get(name)
        if known is None:
            raise _profile.SpecError('the facts say nothing about the syscall {0}: name it in the option syscalls of audit_facts'.format(name))
        if not known['exists']:
            self._leave_out(spec, abi, name, known['reason'])
            return None
        if known['named']:
            return name
        self.by_number.append({'key': spec['key'], 'abi': abi, 'syscall': name, 'number': known['number']})
        return str(known['number'])

    def rules(self):  # type: () -> t.List[str]
        """One rule per ABI, fields and keys.

        The first rule of a list that matches a call is the only one that logs it. So the rules with more fields stand first, and
        carry the keys of those with fewer that would have matched too.
        """
        lines = []  # type: t.List[str]
        for (abi, fields), syscalls in sorted(self.groups.items(), key=lambda group: -len(group[0][1])):
            by_keys = collections.OrderedDict()  # type: t.Dict[t.Tuple[str, ...], t.List[str]]
            for word, keys in syscalls.items():
                by_keys.setdefault(tuple(keys + self._wider_keys(abi, fields, word, keys)), []).append(word)
            lines.extend(_text(abi, words, fields, keys) for keys, words in by_keys.items())
        return lines

    def _wider_keys(self, abi, fields, word, own):  # type: (str, Fields, str, t.Sequence[str]) -> t.List[str]
        wider = []  # type: t.List[str]
        for (other_abi, other_fields), syscalls in self.groups.items():
            if other_abi == abi and set(other_fields) < set(fields):
                wider.extend(key for key in syscalls.get(word, []) if key not in own and key not in wider)
        return wider


def _text(abi, words, fields, keys):  # type: (str, t.Sequence[str], Fields, t.Sequence[str]) -> str
    argv = ['-a', 'always,exit', '-F', 'arch=' + abi]
    for word in words:
        argv += ['-S', word] if word else []
    for field in fields:
        argv += ['-F', field]
    for key in keys:
        argv += ['-k', key]
    return _rule.line(argv)


def compile_rules(specs, facts):  # type: (t.Sequence[_profile.Spec], Facts) -> t.Dict[str, t.Any]
    """The rules for a host, as lines of a rules file.

    Returns ``rules`` (list of str), ``left_out`` (list of key, abi, syscall or None, reason) and ``by_number`` (list of key, abi,
    syscall, number: written so because the host's userspace does not know the name). Raises SpecError.
    """
    compiler = _Compiler(facts)
    for spec in specs:
        compiler.spec(spec)
    rules = compiler.rules()
    names = _rule.Names(facts['kernel']['machine'])
    for rule in rules:
        try:
            _rule.parse(rule, names)
        except _rule.RuleError as error:
            raise _profile.SpecError(str(error)) from error
    return {'rules': rules, 'left_out': compiler.left_out, 'by_number': compiler.by_number}
