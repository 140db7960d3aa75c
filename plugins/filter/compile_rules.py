# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters from what is wanted to the rules of a host."""

from __future__ import annotations

import pathlib
import typing as t
from collections.abc import Mapping, Sequence

import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.linux_audit.fleet.plugins.module_utils import _compile, _profile


def _require(name: str, value: t.Any, kind: type, text: str) -> None:
    if isinstance(value, str) or not isinstance(value, kind):
        raise AnsibleFilterError(f'{name} of linux_audit.fleet.compile_rules must be {text}, not {type(value).__name__}')


def _listed(value: t.Any) -> t.Any:
    """The list that ``-e syscall_audit_signals=KILL,TERM`` means."""
    return value.split(',') if isinstance(value, str) else value


def _specifications(rules: Sequence[t.Any], profiles: Sequence[t.Any], signals: t.Any) -> list[_profile.Spec]:
    signals = _listed(signals)
    _require('Input', rules, Sequence, 'a list of rules')
    _require('Option profiles', profiles, Sequence, 'a list of profiles')
    _require('Option signals', signals, Sequence, 'a list of signals')
    try:
        return _profile.specifications(profiles, rules, signals)
    except _profile.SpecError as error:
        raise AnsibleFilterError(str(error)) from error


def compile_rules(
    rules: Sequence[t.Any],
    facts: Mapping[str, t.Any],
    profiles: Sequence[t.Any] = (),
    signals: Sequence[t.Any] = (),
    missing: str = 'leave_out',
) -> dict[str, t.Any]:
    """Rule specifications and a host's facts to rule lines, with what was left out and why."""
    specs = _specifications(rules, profiles, signals)
    _require('Option facts', facts, Mapping, 'the dictionary ansible_facts.linux_audit')
    if missing not in ('leave_out', 'fail'):
        raise AnsibleFilterError(f'Option missing of linux_audit.fleet.compile_rules must be leave_out or fail, not {missing!r}')
    for part in ('abis', 'kernel', 'syscalls'):
        if part not in facts:
            raise AnsibleFilterError(f'Option facts of linux_audit.fleet.compile_rules has no {part}: give it ansible_facts.linux_audit')
    try:
        return _compile.compile_rules(specs, facts, missing)
    except _profile.SpecError as error:
        raise AnsibleFilterError(str(error)) from error


def needs(rules: Sequence[t.Any], profiles: Sequence[t.Any] = (), signals: Sequence[t.Any] = ()) -> dict[str, list[str]]:
    """What audit_facts must look for. Bad rules, profiles and signals are refused here, before a host is touched."""
    return _profile.needs(_specifications(rules, profiles, signals))


def canary(rules: Sequence[t.Any], profiles: Sequence[t.Any] = (), signals: Sequence[t.Any] = ()) -> dict[str, t.Any] | None:
    """The key and signal by which a process that signals itself shows that the rules work."""
    return _profile.canary(_specifications(rules, profiles, signals))


def read_profiles(names: str | Sequence[str], directories: Sequence[str]) -> list[t.Any]:
    """The profiles of these names, each from NAME.yml in the first directory that has it."""
    found = {path.stem: path for directory in reversed(directories) for path in pathlib.Path(directory).glob('*.yml')}
    names = _listed(names)
    for name in names:
        if name not in found:
            hint = _profile.suggestion(str(name), found)
            raise AnsibleFilterError(f'syscall_audit_profiles: there is no profile {name!r}.{hint} There are: {", ".join(sorted(found))}')
    return [_read_profile(name, found[name]) for name in names]


def _read_profile(name: str, path: pathlib.Path) -> t.Any:
    try:
        profile = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AnsibleFilterError(f'syscall_audit_profiles: {path} is not YAML: {error}') from error
    if isinstance(profile, Mapping) and profile.get('name', name) != name:
        raise AnsibleFilterError(f'syscall_audit_profiles: {path} calls itself {profile["name"]!r}; the name must be that of the file')
    return profile


def unknown_variables(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """A sentence for each variable that nobody reads."""
    return [f'There is no variable {name}.{_profile.suggestion(name, known)}' for name in sorted(set(names) - set(known))]


class FilterModule:
    """Filters for rules."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            'compile_rules': compile_rules,
            '_canary': canary,
            '_needs': needs,
            '_read_profiles': read_profiles,
            '_unknown_variables': unknown_variables,
        }
