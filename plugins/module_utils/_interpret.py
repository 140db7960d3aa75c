# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of audit records as typed values. This file is private to the collection.

Pure: no Ansible, no I/O. What a name means is the audit field dictionary's and audit-userspace's (auparse/typetab.h): strings
that a program chose are decoded, ids become ``{"id": 0, "name": "root"}``, plain decimal numbers integers, the rest stays text.
"""

import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _record, _sockaddr, _text

UNSET = 0xFFFFFFFF
"""What auid and ses hold before anybody logged in; -1 in some records."""

STRINGS = frozenset(
    'acct apparmor cgroup cmd comm cwd data denied_mask device dir exe file grp info invalid_context key name new-chardev new-disk '
    'new-fs new-net new-rng new_group ocomm old-chardev old-disk old-fs old-net old-rng operation path profile proctitle '
    'requested_mask root_dir sw vm watch'.split()
)
"""Fields that hold a quoted or hexadecimal string."""

USERS = frozenset('auid uid euid suid fsuid ouid oauid old-auid iuid id inode_uid sauid obj_uid'.split()) | {'old auid', 'new auid'}
GROUPS = frozenset('gid egid sgid fsgid ogid igid inode_gid new_gid obj_gid'.split())
SESSIONS = frozenset(('ses', 'oses', 'old-ses'))

# Text even where it happens to be all digits.
_TEXTS = frozenset('acct addr dev grantors hostname laddr lport mode opid_label rdev res subj obj terminal tty ver inode_mode oflag'.split())

_DECIMAL = re.compile(r'-?[0-9]{1,20}').fullmatch
_UNKNOWN = re.compile(r'(?:unset|unknown\(-?[0-9]+\))').fullmatch

Resolver = t.Callable[[str, int], t.Optional[str]]
"""Gives the name of a user ('uid') or group ('gid') on the host that wrote the log, or None."""


def unresolved(_kind, _number):  # type: (str, int) -> t.Optional[str]
    """A resolver for logs of which only the names that they carry are to be believed."""
    return None  # noqa: RET501


def number(raw):  # type: (t.Optional[str]) -> t.Optional[int]
    """A decimal number, or None."""
    return int(raw) if raw and _DECIMAL(raw) else None


def session(raw):  # type: (t.Optional[str]) -> t.Optional[int]
    """A login session; None when it is unset."""
    value = number(raw)
    return None if value in (UNSET, -1) else value


def identity(kind, raw, name, resolve):  # type: (str, t.Optional[str], t.Optional[str], Resolver) -> t.Dict[str, t.Any]
    """``{"id": 0, "name": "root"}`` from a number, the quoted name that auditd added (or None), and a resolver for when it did not.

    An id that is unset has neither.
    """
    value = number(raw)
    if value is None or value in (UNSET, -1):
        return {'id': None, 'name': None}
    if name is None:
        return {'id': value, 'name': resolve(kind, value)}
    plain = _text.unquote(name)
    return {'id': value, 'name': None if not plain or _UNKNOWN(plain) else _text.text(plain)}


def keys(raw):  # type: (t.Optional[str]) -> t.List[str]
    """The keys of ``key=``: a rule can have several, joined by 0x01 and then written in hexadecimal."""
    if not raw or raw in _text.NOTHING:
        return []
    data = _text.unhex(raw)
    if data is None:
        return [_text.text(_text.unquote(raw))]
    return [_text.escape(key) for key in data.split(b'\x01')]


def value(name, raw, names, resolve):  # type: (str, str, t.Dict[str, str], Resolver) -> t.Any
    """One field of any record as a typed value; *names* is the record's enriched part."""
    if name in USERS:
        return identity('uid', raw, names.get(name.upper()), resolve)
    if name in GROUPS:
        return identity('gid', raw, names.get(name.upper()), resolve)
    if name in SESSIONS:
        return session(raw)
    if name == 'saddr':
        return _sockaddr.decode(raw)
    if name in STRINGS:
        return keys(raw) if name == 'key' else _text.untrusted(raw)
    if raw in _text.NOTHING:
        return None
    if name not in _TEXTS and _DECIMAL(raw):
        return int(raw)
    return _text.text(_text.unquote(raw))


def describe(body, resolve):  # type: (str, Resolver) -> t.Dict[str, t.Any]
    """All fields of a record's body as typed values; those inside ``msg='…'`` are a dictionary of their own, ``msg``."""
    kernel, _separator, _rest = body.partition(_record.ENRICHED)
    names = _record.enriched(body)
    _outer, message = _record.split_message(kernel)
    result = {name: value(name, raw, names, resolve) for name, raw in _record.fields(body).items()}
    if message is not None:
        inner = _record.message_fields(message)
        result['msg'] = {name: value(name, raw, names, resolve) for name, raw in inner.items()} if inner else _text.text(message)
    return result
