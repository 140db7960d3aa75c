# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares our events with those of python3-audit (auparse): ``/usr/bin/python3 differential.py ANSIBLE_COLLECTIONS_ROOT LOG…``.

Same events, same records, same fields, same raw values, same interpreted values; what differs on purpose is in REASONS and, for
people, in docs/parsing.md. Anything else ends it with status 1.
"""

import collections
import grp
import pwd
import sys

sys.path.insert(0, sys.argv[1])

import auparse

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event, _interpret, _record, _stream, _text

REASONS = {
    'several keys': 'auparse makes a field of each key; we give a list',
    'split event': 'auparse of 3.0.9 ends an event at a LOGIN record; we keep what has one serial together',
    'not UTF-8': 'python3-audit raises UnicodeDecodeError; we escape the bytes',
    'escaped': 'control characters stay as they are; auparse writes them as \\\\NNN in octal',
    'empty': 'auparse leaves out a field without a value',
    'trusted app': 'auparse does not interpret the ids of TRUSTED_APP',
    'order': 'auparse gives out an event when it is complete; we in the order of their first records',
    'user avc': 'auparse leaves the access vector of a program to the text; we give seresult and seperms',
    'register': 'arguments are interpreted in syscall.arguments, where known; in records they stay numbers',
    'number': 'we keep the number; auparse gives the name of a constant (capabilities, lists, protocols, modes, flags)',
    'result': 'we keep what the record says; auparse rewrites 1 and 0 to yes and no',
    'errno': 'exit is a number with its name beside it in syscall.errno; auparse makes a sentence of it',
    'socket': 'addresses are data with types; auparse gives a text, and the local host name resolution of its own',
    'title': 'a command line is a list of arguments; auparse joins them with blanks',
    'session': 'an unset session is null; auparse says unset',
    'nothing': 'nothing is null; auparse gives (null), (none) or ?',
}

_REGISTERS = ('a0', 'a1', 'a2', 'a3')
_CONSTANTS = frozenset(
    'nl-mcgrp old_prom list mode oflag sigev_signo sig code per family proto action '
    'hook prom flags cap_pi cap_pe cap_pp cap_pa cap_fi cap_fp cap_fe old_pp old_pi '
    'old_pe old_pa pp pi pe pa fp fi fe frootid perm perm_mask capability resolve inode_mode'.split()
)
LOGIN = 'LOGIN'


def resolve(kind, number):
    """The local names, which auparse uses for a log without names of its own."""
    try:
        return pwd.getpwuid(number).pw_name if kind == 'uid' else grp.getgrgid(number).gr_name
    except KeyError:
        return None


def interpreted(parser):
    try:
        return parser.interpret_field()
    except UnicodeDecodeError:
        return None


def fields_of_record(parser):
    parser.first_field()
    while True:
        yield parser.get_field_name(), parser.get_field_str(), interpreted(parser)
        if not parser.next_field():
            return


def their_events(log):
    """(identity, records) with each record as (type, [(name, raw, interpreted)])."""
    parser = auparse.AuParser(auparse.AUSOURCE_FILE, log)
    while parser.parse_next_event():
        stamp = parser.get_timestamp()
        identity = (stamp.host or '', f'{stamp.sec}.{stamp.milli:03}:{stamp.serial}')
        records = []
        parser.first_record()
        while True:
            records.append((parser.get_type_name(), [field for field in fields_of_record(parser) if field[0] not in ('type', 'node')]))
            if not parser.next_record():
                break
        yield identity, records


def our_events(log):
    with open(log, 'rb') as text:
        for event in _stream.unsorted_events(text, _event.Decoder(resolve), _stream.Malformed()):
            yield (event.records[0][0], event.stamp), event


def our_fields(body):
    fields = _record.fields(body)
    message = _record.split_message(body.partition(_record.ENRICHED)[0])[1]
    if message:
        for name, raw in _record.message_fields(message).items():
            fields.setdefault(name, raw)
    return fields


def octal(text):
    """Control characters as auparse writes them."""
    return ''.join(f'\\{ord(character):03o}' if character < ' ' else character for character in text)


def differs(event, kind, name, raw, theirs, names):
    """None when both mean the same, else the name of the reason, or the empty string when there is none."""
    value = _interpret.value(name, raw, names, resolve)
    if theirs is None:
        return 'not UTF-8'
    if kind == 'SYSCALL' and name in _REGISTERS:
        return None if theirs == '0x' + raw else 'register'
    if kind == 'SYSCALL' and name in ('syscall', 'arch'):
        section = event.syscall()
        return None if section['name' if name == 'syscall' else 'arch'] == theirs else ''
    if kind == 'SYSCALL' and name == 'exit':
        section = event.syscall()
        return None if str(section['exit']) == theirs else 'errno' if section['errno'] and theirs.startswith(section['errno'] + '(') else ''
    if kind == 'EXECVE' and name != 'argc':
        value = _text.untrusted(raw) or ''
        return None if theirs in (value, raw) else 'escaped' if theirs == octal(value) else ''
    if name == 'proctitle':
        return None if raw == theirs else 'title' if ' '.join(event.process()['cmdline'] or []).replace('\\\\', '\\') else ''
    if isinstance(value, dict) and 'family' in value:
        return 'socket' if value['family'] in theirs or (value['family'] == 'local' and 'local' in theirs) else ''
    if isinstance(value, dict):
        shown = 'unset' if value['id'] is None else value['name'] or f'unknown({value["id"]})'
        return None if shown == theirs else 'trusted app' if kind == 'TRUSTED_APP' and theirs == raw else ''
    if name == 'key':
        return None if value == [theirs] or (not value and theirs == '(null)') else ''
    if value is None:
        return 'session' if theirs == 'unset' else 'nothing' if theirs == raw else ''
    if str(value) == theirs:
        return None
    if name in ('res', 'success', 'result'):
        return 'result'
    if name in _CONSTANTS:
        return 'number'
    return 'escaped' if theirs == octal(str(value)) else ''


def compare_records(event, records, count, problems):
    bodies = [(record[1], record[3]) for record in event.records]
    if [kind for kind, _fields in records] != [kind for kind, _body in bodies]:
        problems.append(('records', [kind for kind, _fields in records], [kind for kind, _body in bodies]))
        return
    for (kind, theirs), (_kind, body) in zip(records, bodies):
        ours, names = our_fields(body), _record.enriched(body)
        several = b'\x01' in (_text.unhex(ours.get('key', '')) or b'')
        for name, raw, text in theirs:
            if several and name == 'key':
                reason = 'several keys' if text in _interpret.keys(ours['key']) else ''
            elif ours.get(name) != raw:
                reason = ''
            else:
                reason = differs(event, kind, name, raw, text, names)
            count['fields'] += 1
            if reason:
                count[reason] += 1
            elif reason == '':
                problems.append((kind, name, raw, text, ours.get(name)))
        for name in set(ours) - {field[0] for field in theirs}:
            if kind == 'USER_AVC' and name in ('seresult', 'seperms'):
                count['user avc'] += 1
            elif not ours[name]:
                count['empty'] += 1
            else:
                problems.append((kind, name, 'is not a field of auparse', ours[name]))


def compare(log, count, problems):
    theirs = collections.OrderedDict()
    for identity, records in their_events(log):
        if identity in theirs and theirs[identity][-1][0] == LOGIN:
            count['split event'] += 1
        theirs.setdefault(identity, []).extend(records)
    ours = collections.OrderedDict(our_events(log))
    if set(theirs) != set(ours):
        problems.append(('events', log, sorted(set(theirs) ^ set(ours))[:5]))
    count['order'] += list(theirs) != list(ours)
    for identity, event in ours.items():
        count['events'] += 1
        for record in event.records:
            count['type ' + record[1]] += 1
        if event.syscall():
            count[f'call {event.syscall_name()}'] += 1
        compare_records(event, theirs.get(identity, []), count, problems)


def main():
    count, problems = collections.Counter(), []
    for log in sys.argv[2:]:
        compare(log, count, problems)
    types = [name for name in count if name.startswith('type ')]
    calls = [name for name in count if name.startswith('call ')]
    print(f'{count["events"]} events, {count["fields"]} fields, {len(types)} types of records, {len(calls)} system calls')
    for reason, text in REASONS.items():
        print(f'{count[reason]:6}  {reason}: {text}')
    for problem in problems[:40]:
        print('DIFFERENT', problem)
    print(f'{len(problems)} differences without a reason')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
