# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event, _signal, _stream

DATA = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'data')


def read(name, decoder=None):
    malformed = _stream.Malformed()
    with open(os.path.join(DATA, name), 'rb') as log:
        events = list(_stream.unsorted_events(log, decoder or _event.Decoder(), malformed))
    assert malformed.count == 0
    return events


def event(*lines):
    """One event out of lines as they stand in a log."""
    text = ''.join('type=%s\n' % line.replace(' ', ' msg=audit(1795437179.414:6): ', 1) for line in lines)
    (found,) = _stream.unsorted_events([text.encode('latin-1')], _event.Decoder(), _stream.Malformed())
    return found


def expected(name):
    """What send_all.sh printed: case, system call, signal, sender, targets, exit status."""
    with open(os.path.join(DATA, name)) as printed:
        for line in printed:
            case, syscall, signal, sender, targets, status = line.split()
            yield case, syscall, int(signal), int(sender), {int(target) for target in targets.split(',')}, int(status)


@pytest.mark.parametrize('log', ['signals', 'signals_raw'])
def test_every_way_to_send_a_signal(log):
    rows = [row for found in read(log + '.log') for row in _signal.rows(found.as_dict(), 'here')]
    for case, syscall, signal, sender, targets, status in expected(log + '.expected'):
        mine = [row for row in rows if row['sender']['pid'] == sender]
        assert {row['target']['pid'] for row in mine} == targets, case
        for row in mine:
            assert (row['syscall'], row['signal']['number'], row['success']) == (syscall, signal, status == 0), case
            assert row['abi'] == ('b32' if case.startswith('b32') else 'b64'), case
            assert row['result'] == ('ESRCH' if status == 3 else 'ok'), case
            assert row['host'] == 'here'
            assert row['node'] == ('web01.example.com' if log == 'signals_raw' else None)
            if status == 0:
                assert row['target']['comm'] in ('sleep', 'sh')


def test_a_group_is_hit_all_at_once():
    (group,) = [found for found in read('signals.log') if len(found.targets()) == 3]
    assert group.syscall()['args'][0].startswith('0xffff')


def test_hostile_names_forge_nothing():
    names = [found.process()['comm'] for found in read('signals.log')]
    assert 'x key=no uid=0' in names
    assert '\n"\'\x1d\\xff\x1b[31m\u202e{{' in names
    for found in read('signals.log'):
        assert found.keys() in ([], ['signal_send'])
        assert json.loads(json.dumps(found.as_dict(records=True)))


def test_ids_get_names_only_from_the_log_or_from_the_resolver():
    users = [found.user()['uid'] for found in read('signals_raw.log') if found.syscall()]
    assert users[0] == {'id': 0, 'name': None}
    users = [found.user()['uid'] for found in read('signals_raw.log', _event.Decoder(lambda kind, number: '%s-%d' % (kind, number))) if found.syscall()]
    assert users[0] == {'id': 0, 'name': 'uid-0'}
    users = [found.user()['uid'] for found in read('signals.log', _event.Decoder(lambda kind, number: 'local')) if found.syscall()]
    assert users[0] == {'id': 0, 'name': 'root'}


SYSCALL = (
    'SYSCALL arch=c000003e syscall=62 success=no exit=-1 a0=fffff38e a1=f a2=0 a3=0 items=0 ppid=1 pid=2 auid=1000 uid=1001 gid=1001 euid=0 suid=0 '
    'fsuid=0 egid=1001 sgid=1001 fsgid=1001 tty=pts3 ses=7 comm="bash" exe="/usr/bin/bash" subj=unconfined key={key}'
)


def test_the_syscall_section():
    found = event(SYSCALL.format(key='"k"'))
    assert found.as_dict(['syscall', 'user', 'process', 'keys', 'signal', 'time', 'serial']) == {
        'syscall': {
            'name': 'kill',
            'number': 62,
            'arch': 'x86_64',
            'abi': 'b64',
            'success': False,
            'exit': -1,
            'errno': 'EPERM',
            'args': ['0xfffff38e', '0xf', '0x0', '0x0'],
            'arguments': {'pid': -3186, 'sig': 'SIGTERM'},
        },
        'user': {
            name: {'id': number, 'name': None}
            for name, number in zip(_event.IDENTITIES, (1000, 1001, 1001, 0, 0, 0, 1001, 1001, 1001))
        },
        'process': {
            'pid': 2,
            'ppid': 1,
            'comm': 'bash',
            'exe': '/usr/bin/bash',
            'tty': 'pts3',
            'session': 7,
            'cmdline': None,
            'cmdline_from': None,
            'cmdline_cut': False,
            'cwd': None,
        },
        'keys': ['k'],
        'signal': {'number': 15, 'name': 'SIGTERM'},
        'time': '2026-11-23T12:32:59.414Z',
        'serial': 6,
    }


def test_several_keys_are_hexadecimal():
    assert event(SYSCALL.format(key='6B31016B32')).keys() == ['k1', 'k2']
    assert event(SYSCALL.format(key='(null)')).keys() == []


def test_x32_calls_keep_their_name():
    found = event(SYSCALL.format(key='(null)').replace('syscall=62', 'syscall=1073741886')).syscall()
    assert (found['name'], found['number'], found['abi']) == ('kill', 1073741886, 'x32')


@pytest.mark.parametrize('body', ['arch=c000003e', 'arch=xyz syscall=abc', '', 'syscall=62 a0=zz a1=9', 'arch=deadbeef syscall=62 a0=1 a1=2'])
def test_half_a_syscall_record_is_no_failure(body):
    found = event('SYSCALL ' + body).as_dict()
    assert found['signal'] is None
    assert found['process']['pid'] is None


def test_ptrace_has_targets_but_is_no_signal():
    found = event(SYSCALL.format(key='(null)').replace('syscall=62', 'syscall=101'), 'OBJ_PID opid=5 oauid=-1 ouid=0 oses=-1 ocomm="victim"')
    assert found.signal() is None
    assert found.targets() == [{'pid': 5, 'comm': 'victim', 'uid': {'id': 0, 'name': None}, 'auid': {'id': None, 'name': None}, 'session': None}]


def test_a_command_line_over_several_records():
    found = event(
        'EXECVE argc=4 a0="sh" a1=2D632078 a2_len=8 a2[0]=6120',
        'EXECVE a2[1]="bc" a3=top',
        'PROCTITLE proctitle="forged"',
    )
    process = found.process()
    assert (process['cmdline'], process['cmdline_from'], process['cmdline_cut']) == (['sh', '-c x', 'a bc', 'top'], 'execve', False)


def test_a_missing_piece_of_a_command_line_is_told():
    assert event('EXECVE argc=3 a0="sh" a1="-c"').process()['cmdline_cut'] is True


def test_a_title_is_cut_at_128_bytes():
    assert event('PROCTITLE proctitle=' + '61' * 128).process()['cmdline_cut'] is True
    assert event('PROCTITLE proctitle=73680078').process()['cmdline'] == ['sh', 'x']
    assert event('PROCTITLE proctitle="sh"').process()['cmdline'] == ['sh']
    assert event('PROCTITLE proctitle=(null)').process()['cmdline'] is None


def test_what_programs_report():
    found = event(
        'USER_LOGIN pid=812 uid=0 auid=1000 ses=3 msg=\'op=login id=1000 exe="/usr/sbin/sshd" hostname=10.0.0.1 addr=10.0.0.1 terminal=/dev/pts/0 res=success\''
        '\x1dUID="root" AUID="alice" ID="alice"'
    )
    assert found.process()['exe'] == '/usr/sbin/sshd'
    assert found.process()['tty'] == '/dev/pts/0'
    assert found.user()['auid'] == {'id': 1000, 'name': 'alice'}
    assert found.success() is True
    assert found.details()['USER_LOGIN'][0]['msg'] == {
        'op': 'login',
        'id': {'id': 1000, 'name': 'alice'},
        'exe': '/usr/sbin/sshd',
        'hostname': '10.0.0.1',
        'addr': '10.0.0.1',
        'terminal': '/dev/pts/0',
        'res': 'success',
    }
