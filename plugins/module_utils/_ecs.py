# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events by the names of the Elastic Common Schema 8. This file is private to the collection.

Pure: no Ansible, no I/O. Sources: https://www.elastic.co/guide/en/ecs/8.17/ecs-field-reference.html; what ECS has no name for is below
``auditd``, as Elastic's own Auditbeat does. Fields without a value are left out.
"""

import typing as t

VERSION = '8.17'

# Record type or syscall → event.category, event.type (https://www.elastic.co/guide/en/ecs/8.17/ecs-category-field-values-reference.html).
_BY_SYSCALL = {
    'execve': ('process', 'start'),
    'execveat': ('process', 'start'),
    'connect': ('network', 'connection'),
    'accept': ('network', 'connection'),
    'accept4': ('network', 'connection'),
    'bind': ('network', 'start'),
    'open': ('file', 'access'),
    'openat': ('file', 'access'),
    'creat': ('file', 'creation'),
    'mkdir': ('file', 'creation'),
    'mkdirat': ('file', 'creation'),
    'unlink': ('file', 'deletion'),
    'unlinkat': ('file', 'deletion'),
    'rmdir': ('file', 'deletion'),
    'rename': ('file', 'change'),
    'renameat': ('file', 'change'),
    'renameat2': ('file', 'change'),
    'chmod': ('file', 'change'),
    'fchmod': ('file', 'change'),
    'fchmodat': ('file', 'change'),
    'chown': ('file', 'change'),
    'fchownat': ('file', 'change'),
    'init_module': ('driver', 'start'),
    'finit_module': ('driver', 'start'),
    'delete_module': ('driver', 'end'),
}
_BY_TYPE = {
    'USER_LOGIN': ('authentication', 'start'),
    'USER_AUTH': ('authentication', 'start'),
    'USER_START': ('session', 'start'),
    'USER_END': ('session', 'end'),
    'USER_CMD': ('process', 'start'),
    'ADD_USER': ('iam', 'creation'),
    'DEL_USER': ('iam', 'deletion'),
    'ADD_GROUP': ('iam', 'creation'),
    'DEL_GROUP': ('iam', 'deletion'),
    'USER_CHAUTHTOK': ('iam', 'change'),
    'CONFIG_CHANGE': ('configuration', 'change'),
    'SERVICE_START': ('process', 'start'),
    'SERVICE_STOP': ('process', 'end'),
    'ANOM_ABEND': ('process', 'end'),
}
_INITIATORS = frozenset(('connect', 'sendto', 'sendmsg'))


def _filled(value):  # type: (t.Any) -> t.Any
    """Without what is None or empty."""
    if not isinstance(value, dict):
        return value
    kept = {name: _filled(item) for name, item in value.items()}
    return {name: item for name, item in kept.items() if item is not None and item != {} and item != []}


def _identity(identity):  # type: (t.Dict[str, t.Any]) -> t.Dict[str, t.Any]
    """ECS's ids are strings."""
    return {'id': None if identity['id'] is None else str(identity['id']), 'name': identity['name']}


def _classified(event):  # type: (t.Dict[str, t.Any]) -> t.Tuple[str, t.Optional[str], t.Optional[str]]
    """Action, category and type."""
    syscall = event['syscall']
    kind = event['types'][0]
    if event['signal'] is not None:
        return 'sent-signal', 'process', 'info'
    if kind in _BY_TYPE or syscall is None:
        return (kind.lower().replace('_', '-'), *_BY_TYPE.get(kind, (None, None)))
    name = syscall['name'] or str(syscall['number'])
    return (name, *_BY_SYSCALL.get(name, (None, None)))


def _outcome(event):  # type: (t.Dict[str, t.Any]) -> str
    success = event['syscall']['success'] if event['syscall'] else _reported(event)
    return 'unknown' if success is None else 'success' if success else 'failure'


def _reported(event):  # type: (t.Dict[str, t.Any]) -> t.Optional[bool]
    for records in event['details'].values():
        for record in records:
            inner = record.get('msg')
            word = record.get('res', inner.get('res') if isinstance(inner, dict) else None)
            if word is not None:
                return str(word) in ('1', 'success', 'yes')
    return None


def _file(event):  # type: (t.Dict[str, t.Any]) -> t.Dict[str, t.Any]
    """The file that was meant: the last path that is no folder on the way."""
    named = [path for path in event['paths'] if path.get('name') and path.get('nametype') != 'PARENT']
    started = event['syscall'] is not None and event['syscall']['name'] in ('execve', 'execveat')
    if not named or started:
        return {}
    path = named[-1]
    owner, group = path.get('ouid') or {}, path.get('ogid') or {}
    return {
        'path': path['name'],
        'inode': None if path.get('inode') is None else str(path['inode']),
        'mode': path['mode'][-4:] if path.get('mode') else None,
        'device': path.get('dev'),
        'uid': None if owner.get('id') is None else str(owner['id']),
        'owner': owner.get('name'),
        'gid': None if group.get('id') is None else str(group['id']),
        'group': group.get('name'),
    }


def _process(event):  # type: (t.Dict[str, t.Any]) -> t.Dict[str, t.Any]
    process = event['process']
    cmdline = process['cmdline']
    return {
        'pid': process['pid'],
        'parent': {'pid': process['ppid']},
        'name': process['comm'],
        'executable': process['exe'],
        'args': cmdline,
        'args_count': None if cmdline is None or process['cmdline_cut'] else len(cmdline),
        'command_line': None if cmdline is None else ' '.join(cmdline),
        'working_directory': process['cwd'],
    }


def _network(event):  # type: (t.Dict[str, t.Any]) -> t.Dict[str, t.Any]
    address = event['address']
    if not address or 'port' not in address or 'address' not in address:
        return {}
    initiated = event['syscall'] and event['syscall']['name'] in _INITIATORS
    return {'destination' if initiated else 'source': {'ip': address['address'], 'port': address['port']}}


def convert(event, host=None):  # type: (t.Dict[str, t.Any], t.Optional[str]) -> t.Dict[str, t.Any]
    """A whole event (see _event) under ECS names; *host* is the name of where it came from, if the log itself does not say."""
    action, category, kind = _classified(event)
    user, syscall = event['user'], event['syscall']
    document = {
        '@timestamp': event['time'],
        'ecs': {'version': VERSION},
        'event': {
            'kind': 'event',
            'module': 'auditd',
            'dataset': 'auditd.log',
            'id': event['id'],
            'sequence': event['serial'],
            'action': action,
            'category': [category] if category else None,
            'type': [kind] if kind else None,
            'outcome': _outcome(event),
        },
        'host': {'name': event['node'] or host},
        'process': _process(event),
        'user': dict(_identity(user['uid']), effective=_identity(user['euid']), group=_identity(user['gid'])),
        'file': _file(event),
        'tags': event['keys'],
        'auditd': {
            'message_type': event['types'][0].lower(),
            'record_types': event['types'],
            'session': event['process']['session'],
            'tty': event['process']['tty'],
            'user': {name: _identity(user[name]) for name in ('auid', 'suid', 'fsuid', 'egid', 'sgid', 'fsgid')},
            'syscall': syscall,
            'signal': event['signal'],
            'targets': event['targets'],
            'paths': event['paths'],
            'address': event['address'],
            'details': event['details'],
        },
    }  # type: t.Dict[str, t.Any]
    document.update(_network(event))
    return t.cast('t.Dict[str, t.Any]', _filled(document))
