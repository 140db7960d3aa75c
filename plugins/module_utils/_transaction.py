# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module audit_rules but for its transport: its options, and a transaction from them to its result. This file is private to the collection."""

import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _kernel, _ledger, _loader, _ruleset

Params = t.Mapping[str, t.Any]

_NAME_RE = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$')

_SETTINGS = {
    'enabled': {'type': 'int', 'choices': [0, 1]},
    'backlog_limit': {'type': 'int'},
    'rate_limit': {'type': 'int'},
    'failure': {'type': 'int', 'choices': [0, 1]},
    'backlog_wait_time': {'type': 'int'},
}

ARGUMENT_SPEC = {
    'name': {'type': 'str', 'default': 'syscall_audit'},
    'state': {'type': 'str', 'choices': ['present', 'absent', 'noted', 'forgotten'], 'default': 'present'},
    'rules': {'type': 'list', 'elements': 'str', 'default': []},
    'header': {'type': 'str', 'default': '# Managed by Ansible, linux_audit.fleet.'},
    'scope': {'type': 'str', 'choices': ['both', 'runtime', 'persistent'], 'default': 'both'},
    'loader': {'type': 'str', 'choices': ['auto', 'augenrules', 'audit_rules'], 'default': 'auto'},
    'kernel': {'type': 'str', 'choices': ['auto', 'required', 'skip'], 'default': 'auto'},
    'immutable': {'type': 'str', 'choices': ['fail', 'stage'], 'default': 'fail'},
    'never_task': {'type': 'str', 'choices': ['keep', 'remove'], 'default': 'keep'},
    'shadowed': {'type': 'str', 'choices': ['warn', 'fail'], 'default': 'warn'},
    'settings': {'type': 'dict', 'default': {}, 'options': _SETTINGS},
    'packages': {'type': 'list', 'elements': 'str'},
    'service_enabled': {'type': 'bool'},
    'start': {'type': 'bool', 'default': False},
    'transport': {'type': 'str', 'choices': ['python', 'raw'], 'default': 'python'},
}  # type: t.Dict[str, t.Any]

Host = t.NamedTuple(
    'Host',
    [
        ('run', _kernel.Run),
        ('names', _kernel.HostNames),
        ('ledger', _ledger.Ledger),
        ('disk', _files.Disk),
        ('loader', t.Optional[_loader.Loader]),
    ],
)
"""What a transaction works on; `loader` None is found out."""


def _options(params):  # type: (Params) -> _ruleset.Options
    return _ruleset.Options(
        name=params['name'],
        rules=tuple(params['rules']),
        header=params['header'],
        scope=params['scope'],
        loader=params['loader'],
        kernel=params['kernel'],
        immutable=params['immutable'],
        never_task=params['never_task'],
        settings={name: value for name, value in params['settings'].items() if value is not None},
    )


def problem(params):  # type: (Params) -> t.Optional[str]
    """What is wrong with the options beyond their types."""
    if not _NAME_RE.match(params['name']) or (params['name'] == 'all' and params['state'] in ('present', 'noted')):
        return (
            'name: {0!r} must be letters, digits, _ and -, at most 64; it becomes a file name. '
            'all is for state=absent only'.format(params['name'])
        )
    if any(not line.startswith('#') for line in params['header'].rstrip('\n').split('\n')):
        return 'header: each line must begin with #, because it is written into a rules file'
    return None


def run(host, params, check):  # type: (Host, Params, bool) -> t.Dict[str, t.Any]
    """Do it for the name, or one after the other for all that have a record: the module's result, with ``warnings``. Raises _ruleset.Errors."""
    names = [params['name']]
    if names == ['all']:
        names = host.ledger.names() or ['all']
    results = [_run_name(host, dict(params, name=name), check) for name in names]
    merged = results.pop()  # the last name to go knows what there was before all of them
    for result in results:
        for key in ('added', 'deleted', 'files', 'diff', 'warnings'):
            merged[key] = result[key] + merged[key]
        merged['changed'] = result['changed'] or merged['changed']
    return merged


def _run_name(host, params, check):  # type: (Host, Params, bool) -> t.Dict[str, t.Any]
    ruleset = _ruleset.Ruleset(host.run, host.names, host.ledger, _options(params), host.disk, host.loader)
    state = params['state']
    result = _ruleset.Result()
    if state == 'present':
        result = ruleset.present(check, params['shadowed'] == 'fail')
    elif state == 'absent':
        result = ruleset.absent(check)
    elif state == 'noted' and not check:
        ruleset.note(params['packages'], params['start'], params['service_enabled'])
    elif state == 'forgotten' and not check:
        ruleset.forget()
    return {
        'changed': result.changed,
        'added': result.added,
        'deleted': result.deleted,
        'files': result.files,
        'in_kernel': result.in_kernel,
        'at_boot': result.at_boot,
        'locked': ruleset.locked(),
        'packages_before': ruleset.host['packages'] if ruleset.last() else None,
        'directories_before': ruleset.host['directories'],
        'service_enabled_before': ruleset.host['service_enabled'] if ruleset.last() else None,
        'diff': result.diff,
        'warnings': result.warnings + result.shadows,
    }
